from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.errors import SpeechError
from facial_retarget.core.speech import SpeechOptions, animate_speech
from facial_retarget.core.speech.align import align
from facial_retarget.core.speech.script import read_script
from facial_retarget.core.speech.scripted import Recognised, align_script
from facial_retarget.core.speech.visemes import Phone, viseme_at

RATE = 50
TEXT = "We know who you are, and we will come for you before the sun is up over the harbor. "


def speak(script: str, seed: int = 0) -> list[Phone]:
    """Say a script with silences round it and now and then inside it."""
    rng = np.random.default_rng(seed)
    phones, time = [("SIL", 0.0, 0.4)], 0.4
    for word in read_script(script):
        sounds = [(sound, rng.uniform(0.06, 0.16)) for sound in word.ways[0]]
        for name, length in [*sounds, *([("SIL", 0.25)] if rng.random() < 0.3 else [])]:
            phones.append((name, time, time + length))
            time += length
    return [*phones, ("SIL", time, time + 0.5)]


def heard(phones: list[Phone], right: float = 0.8, seed: int = 1) -> np.ndarray:
    """What a recogniser that is right so often would say, rows of probabilities."""
    rng = np.random.default_rng(seed)
    times = np.arange(0, phones[-1][2], 1 / RATE) + 0.5 / RATE
    spoken = viseme_at(phones, times, breath_has_shape=True)
    chance = rng.dirichlet(np.full(15, 0.3), len(times))
    knows = rng.random(len(times)) < right
    return np.where(knows[:, None], 0.7 * np.eye(15)[spoken] + 0.3 * chance, chance)


def test_sounds_are_found_where_they_are_spoken() -> None:
    phones = speak(TEXT)
    found = align(read_script(TEXT), heard(phones), RATE)
    spoken, aligned = ([p for p in row if p[0] != "SIL"] for row in (phones, found.phones))
    assert [p[0] for p in aligned] == [p[0] for p in spoken]
    errors = [abs(a[1] - b[1]) for a, b in zip(aligned, spoken, strict=True)]
    assert np.median(errors) < 0.02
    assert np.quantile(errors, 0.9) < 0.08


def test_sounds_and_silences_leave_no_gap() -> None:
    phones = speak(TEXT)
    found = align(read_script(TEXT), heard(phones), RATE)
    assert found.phones[0][1] == 0
    assert all(a[2] == b[1] for a, b in zip(found.phones, found.phones[1:], strict=False))
    assert found.phones[-1][2] == pytest.approx(phones[-1][2], abs=0.02)


def test_words_are_told_in_order_as_they_are_written() -> None:
    found = align(read_script("Hello, hello there"), heard(speak("Hello, hello there")), RATE)
    assert [word[0] for word in found.words] == ["Hello", "hello", "there"]
    assert all(a[2] <= b[1] for a, b in zip(found.words, found.words[1:], strict=False))


def test_of_two_pronunciations_the_spoken_one_is_taken() -> None:
    for sounds in ("IY DH ER", "AY DH ER"):
        phones = speak(f"this is x[{sounds}] way")
        found = align(read_script("this is either way"), heard(phones, right=1.0), RATE)
        assert sounds.split()[0] in [phone[0] for phone in found.phones]


def test_the_script_that_was_spoken_is_more_likely_than_another() -> None:
    posteriors = heard(speak(TEXT))
    own = align(read_script(TEXT), posteriors, RATE)
    other = align(read_script("A penny saved is a penny earned, said the baker"), posteriors, RATE)
    assert own.misfit + 0.3 < other.misfit


@pytest.mark.slow
def test_ten_minutes_are_aligned_in_a_few_seconds() -> None:
    import time

    script = TEXT * 65
    phones = speak(script)
    posteriors = heard(phones)
    began = time.process_time()
    found = align(read_script(script), posteriors, RATE)
    assert time.process_time() - began < 20
    assert abs(found.words[-1][1] - phones[-4][1]) < 0.5


def recognised(phones: list[Phone]) -> Recognised:
    visemes = heard(phones).astype(np.float32)
    return Recognised(visemes, np.ones(len(visemes), np.float32))


def test_a_script_of_something_else_is_refused() -> None:
    other = speak("A penny saved is a penny earned, said the baker to his wife at dawn")
    with pytest.raises(SpeechError, match="does not match what is spoken"):
        align_script(TEXT, recognised(other))


def test_a_script_that_is_too_long_is_refused() -> None:
    with pytest.raises(SpeechError, match=r"The script has 1900 words, too many for \d"):
        align_script(TEXT * 100, recognised(speak("short")))


def test_a_script_without_words_is_refused() -> None:
    with pytest.raises(SpeechError, match="holds no words"):
        align_script("...", recognised(speak("short")))


@pytest.mark.usefixtures("whistled_models")
def test_a_script_drives_the_mouth_and_marks_its_words(
    tmp_path: Path, make_sound: Callable[..., Path], whistle: Callable[[str], np.ndarray]
) -> None:
    text = "sil:400 PP:90 aa:150 PP:90 aa:120 sil:200 SS:110 I:160 sil:100 I:80 U:200 sil:400"
    path = make_sound(tmp_path / "a.wav", whistle(text))
    clip = animate_speech(path, SpeechOptions(script="Mama, see you", start=0.2))
    words = {
        marker.name: marker for marker in clip.markers if marker.name in ("Mama", "see", "you")
    }
    assert words["Mama"].time == pytest.approx(0.4, abs=0.05)
    assert words["see"].time == pytest.approx(1.05, abs=0.05)
    assert words["you"].duration == pytest.approx(0.28, abs=0.06)
    closed = (clip.times > 0.42) & (clip.times < 0.46)
    assert np.array_equal(clip.channel("mouthClose")[closed], clip.channel("jawOpen")[closed])
    assert clip.channel("jawOpen").max() > 0.2
    assert clip.channel("mouthPucker")[(clip.times > 1.55) & (clip.times < 1.6)].min() > 0.3
