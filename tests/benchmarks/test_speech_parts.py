"""What the parts of the benchmark of speech are made of."""

import json
import wave
from pathlib import Path

import numpy as np
import pytest

from benchmarks.row import Row
from benchmarks.speech import cost, head_audio, hearing, pictures, recordings, report, stillness
from benchmarks.speech.ours import heard_in
from benchmarks.speech.spoken import ALIGNED, EXACT, Phones, Sentence
from facial_retarget.core import speech
from facial_retarget.core.channels import VISEME_CHANNELS
from facial_retarget.core.clip import Clip
from facial_retarget.core.speech.features import SAMPLE_RATE
from facial_retarget.core.speech.visemes import VISEMES

PAUSE = Phones.of([("AA", 0.0, 1.0), ("SIL", 1.0, 1.5), ("SIL", 1.5, 2.0), ("AA", 2.0, 3.0)])


def _clip(channel: str, times: np.ndarray, values: np.ndarray) -> Clip:
    column = values[:, None].astype(np.float32)
    return Clip((channel,), times, column, np.ones_like(column))


def _spoken(phones: Phones, click_at: float | None = None) -> Sentence:
    """Make a loud tone wherever a sound is spoken, and a click at some time."""
    times = np.arange(round(phones.end[-1] * SAMPLE_RATE)) / SAMPLE_RATE
    loud = np.zeros(len(times), np.float32)
    for start, end in phones.chosen({"AA"}):
        loud[(times >= start) & (times < end)] = 0.3
    if click_at is not None:
        loud[np.abs(times - click_at) < 0.01] = 0.2
    samples = loud * np.sin(2 * np.pi * 200 * times)
    return Sentence(Path("a.wav"), "", samples.astype(np.float32), phones)


def test_only_the_middle_of_a_pause_has_to_be_still() -> None:
    (pause,) = stillness.pauses_of(_spoken(PAUSE))
    assert (pause.start, pause.end) == pytest.approx((1.35, 1.7))
    assert pause.silent
    times = np.arange(0, 3, 0.02)
    still = np.where((times > 1.34) & (times < 1.71), 0.0, 0.4)
    assert stillness.jaw_motion(_clip("jawOpen", times, still), [pause]) == 0
    twitch = still + 0.1 * ((times > 1.5) & (times < 1.6))
    assert stillness.jaw_motion(_clip("jawOpen", times, twitch), [pause]) == pytest.approx(0.1)


def test_a_click_makes_a_pause_another_kind() -> None:
    clicking = _spoken(PAUSE, click_at=1.5)
    assert not stillness.pauses_of(clicking)[0].silent
    times = np.arange(0, 3, 0.02)

    def mouth(_sentence: Sentence) -> Clip:
        return _clip("jawOpen", times, 0.1 * (times > 1.5))

    assert np.isnan(stillness.worst_motion(mouth, [clicking]))
    assert stillness.worst_motion(mouth, [clicking], silent=False) == pytest.approx(0.1)


def test_a_sound_without_speech_is_all_pause(tmp_path: Path) -> None:
    quiet, loud = stillness.silent_sounds(tmp_path)
    assert 0 < np.abs(quiet.samples).max() < np.abs(loud.samples).max() < 0.05
    (pause,) = stillness.pauses_of(loud)
    assert pause.silent
    moving = _clip("jawOpen", np.array([0.0, 3.0, 5.9]), np.array([0.0, 0.2, 0.1]))
    assert stillness.jaw_motion(moving, [pause]) == pytest.approx(0.2)
    with wave.open(str(loud.path)) as file:
        assert (file.getframerate(), file.getnframes()) == (SAMPLE_RATE, len(loud.samples))


def test_a_pause_too_short_to_rest_in_is_not_looked_at() -> None:
    short = Phones.of([("AA", 0.0, 1.0), ("SIL", 1.0, 1.6), ("AA", 1.6, 2.0)])
    assert stillness.pauses_of(_spoken(short)) == []
    moving = _clip("jawOpen", np.arange(0, 2, 0.1), np.arange(20.0))
    assert np.isnan(stillness.jaw_motion(moving, []))


def test_between_frames_a_clip_shows_the_greater_of_what_comes_and_goes() -> None:
    values = np.zeros((2, len(VISEMES)), np.float32)
    values[[0, 1], [0, 1]] = (0.9, 0.3)
    clip = Clip(VISEME_CHANNELS, np.array([0.0, 0.02]), values, np.ones_like(values))
    assert heard_in(clip)(np.array([0.0, 0.014, 0.016, 0.02])).tolist() == [0, 0, 1, 1]


def test_what_a_clip_shows_is_its_greatest_viseme_at_the_nearest_frame() -> None:
    values = np.zeros((3, len(VISEMES)), np.float32)
    values[[0, 1, 2], [0, 1, 10]] = 0.6
    clip = Clip(VISEME_CHANNELS, np.array([0.0, 0.02, 0.04]), values, np.ones_like(values))
    assert heard_in(clip)(np.array([-1.0, 0.008, 0.012, 0.032, 9.0])).tolist() == [0, 0, 1, 10, 10]


def test_headaudios_visemes_are_told_in_our_order_and_hold_on() -> None:
    heard = head_audio._heard([(0.1, 5), (0.2, 0), (0.3, 14)])
    named = [VISEMES[number] for number in heard(np.array([0.0, 0.1, 0.15, 0.25, 1.0]))]
    assert named == ["sil", "PP", "PP", "aa", "sil"]


def test_a_peer_that_is_not_there_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    def absent(_sentences: object) -> list:
        raise head_audio.MissingPeerError("It wants node.")

    assert list(hearing._peer_rows("visemes", [], absent)) == []
    assert "It wants node." in capsys.readouterr().err


def test_who_made_the_truth_is_flattered() -> None:
    nothing = np.zeros(0, np.float32)
    exact, aligned = (
        Sentence(Path("a.wav"), "", nothing, PAUSE, timing=timing) for timing in (EXACT, ALIGNED)
    )
    assert not hearing._made_the_truth(hearing._sphinx, [exact])
    assert hearing._made_the_truth(hearing._sphinx, [exact, aligned])
    assert not hearing._made_the_truth(head_audio.recognised, [aligned])


def test_test_voices_are_read_some_seconds_of_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for voice, split in (("ann", "test"), ("bob", "train")):
        folder = tmp_path / "engine" / voice
        folder.mkdir(parents=True)
        utterances = []
        for number in range(3):
            stillness.write_wave(folder / f"{number}.wav", np.zeros(SAMPLE_RATE, np.float32))
            phones = [["SIL", 0.0, 0.4], ["AA", 0.4, 1.0]]
            entry = {"file": f"{number}.wav", "text": "ah", "seconds": 1.0, "phones": phones}
            utterances.append(entry)
        index = {
            **{"engine": "engine", "voice": voice, "language": "en-us", "licence": "CC0"},
            **{"split": split, "timing": "exact", "utterances": utterances},
        }
        (folder / "index.json").write_text(json.dumps(index))
    monkeypatch.setattr(recordings, "_SECONDS", 1.5)
    found = recordings.by_engine(tmp_path)
    assert [each.path.parent.name for each in found["engine"]] == ["ann", "ann"]
    assert found["engine"][0].phones.names == ("SIL", "AA")
    assert recordings.by_engine(tmp_path / "nothing") == {}


def test_moments_of_a_strip_hold_every_closure_and_keep_apart() -> None:
    spoken = [("SIL", 0.0, 0.5), ("B", 0.5, 0.56)]
    spoken += [("AA" if n % 2 else "T", 0.56 + n / 20, 0.61 + n / 20) for n in range(40)]
    spoken += [("M", 2.56, 2.66), ("SIL", 2.66, 3.0)]
    sentence = Sentence(Path("a.wav"), "", np.zeros(0, np.float32), Phones.of(spoken))
    chosen = pictures.moments(sentence)
    assert {0.53, 2.61} <= {round(time, 6) for time in chosen}
    assert np.diff(chosen).min() >= pictures._APART - 1e-9
    assert len(chosen) <= pictures._MOMENTS + 2


def test_a_piece_of_sound_waits_for_the_one_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(np.arange(1000) * 0.03)  # computing a piece of 20 ms takes 30 ms

    class Slow:
        def __init__(self, _options: object) -> None:
            self.fed = 0

        def feed(self, samples: np.ndarray) -> speech.SpeechFrames:
            self.fed += len(samples)
            times = np.array([self.fed / SAMPLE_RATE])
            return speech.SpeechFrames(times, np.zeros((1, 0), np.float32), (), None)

    monkeypatch.setattr(speech, "SpeechStream", Slow)
    monkeypatch.setattr(cost.time, "perf_counter", lambda: next(clock))
    delays, computing = cost.delays_of(np.zeros(SAMPLE_RATE + 4 * 320, np.float32), "visemes")
    assert computing == pytest.approx([0.03] * 4)
    assert delays == pytest.approx([0.03, 0.04, 0.05, 0.06])


def test_parts_can_be_measured_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    row = Row("a", 1.0, "")
    monkeypatch.setattr(report, "PARTS", {"one": lambda: [row], "other": lambda: [row, row]})
    assert len(report.rows(["one"])) == 1
    assert len(report.rows()) == 3
