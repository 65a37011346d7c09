from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from training.speech.effects import as_a_machine
from training.speech.recordings import Utterance
from training.speech.tracks import (
    Track,
    Tracks,
    altered_track,
    plain_track,
    schedule,
    statistical_voices,
)


def utterance(folder: Path, engine: str = "kokoro", seconds: float = 2.0) -> Utterance:
    import wave

    path = folder / f"{engine}{seconds}.wav"
    times = np.arange(int(seconds * 16000)) / 16000
    overtones = np.arange(1, 40)[:, None]
    buzz = (np.sin(2 * np.pi * 150 * overtones * times) / overtones).sum(axis=0)
    samples = np.where(times < 1.0, 0, 0.3 * buzz)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    starts, ends = np.array([0.0, 1.0]), np.array([1.0, seconds])
    names = ("SIL", "AA")
    return Utterance(path, "ah", starts, ends, names, engine, "v", "en-us", "train", "exact")


def test_a_label_belongs_to_what_is_heard(tmp_path: Path) -> None:
    track = plain_track(utterance(tmp_path))
    assert set(track.labels[:95]) == {0}
    assert set(track.labels[102:]) == {10}
    assert track.loudness[:95].max() < 0.2
    assert track.loudness[110:].min() > 0.8


@pytest.mark.parametrize("seed", range(6))
def test_labels_stay_on_the_sound_whatever_happens_to_it(tmp_path: Path, seed: int) -> None:
    said = [utterance(tmp_path)] * 2
    track = altered_track(said, statistical_voices(said), np.random.default_rng(seed))
    is_loud = track.loudness > 0.7
    assert np.mean(is_loud == (track.labels == 10)) > 0.93  # a breath can be as loud
    assert len(track.mel) == len(track.labels) == len(track.loudness)
    assert np.isfinite(track.mel).all()
    assert track.phones[-1][2] == pytest.approx(len(track.mel) / 100, abs=0.05)


def test_tracks_come_back_as_they_were_written(
    tmp_path: Path, spoken: Callable[[int], Track]
) -> None:
    tracks = Tracks.of([spoken(1), spoken(2)])
    tracks.write(tmp_path / "a.npz")
    again = Tracks.read(tmp_path / "a.npz")
    assert len(again) == 2
    assert_array_equal(again.mel, tracks.mel)
    assert [name for name, _start, _end in again.phones(1)] == [
        name for name, _start, _end in spoken(2).phones
    ]
    assert again.first[1] == len(spoken(1).mel)


def test_engines_are_heard_by_their_shares(tmp_path: Path) -> None:
    recordings = [utterance(tmp_path, "kokoro", 2 + i / 10) for i in range(20)]
    recordings += [utterance(tmp_path, "espeak", 3 + i / 10) for i in range(20)]
    recordings += [utterance(tmp_path, "flite")]
    shares = {"kokoro": 0.8, "espeak": 0.2}
    plan = schedule(recordings, shares, 3, np.random.default_rng(0))
    seconds = dict.fromkeys(("kokoro", "espeak", "flite"), 0.0)
    for each in [each for track in plan for each in track]:
        seconds[each.engine] += each.seconds
    assert seconds["flite"] == 0
    assert seconds["kokoro"] / sum(seconds.values()) == pytest.approx(0.8, abs=0.03)


def test_a_machine_says_it_at_the_same_moments() -> None:
    times = np.arange(32000) / 16000
    is_spoken = (times > 0.5) & (times < 1.5)
    samples = np.where(is_spoken, 0.3 * np.sin(2 * np.pi * 180 * times), 0).astype(np.float32)
    said = as_a_machine(samples, is_spoken, np.random.default_rng(0))
    assert said.shape == samples.shape
    loud = np.convolve(said**2, np.ones(800) / 800, "same") > 0.25 * np.mean(
        samples[is_spoken] ** 2
    )
    assert np.mean(loud == is_spoken) > 0.95
    assert np.mean(said**2) == pytest.approx(np.mean(samples**2), rel=0.05)
