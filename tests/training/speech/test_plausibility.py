import numpy as np
import pytest
from numpy.typing import NDArray

from training.speech.engines.spoken import Phone
from training.speech.plausibility import doubt, onset, without_pauses


def sound(*parts: tuple[float, float]) -> NDArray[np.float32]:
    """Noise of so many seconds and so loud, part by part."""
    noise = np.random.default_rng(0)
    pieces = [level * noise.standard_normal(round(16000 * seconds)) for seconds, level in parts]
    return np.concatenate(pieces).astype(np.float32)


def test_loud_vowels_and_quiet_silence_are_believed() -> None:
    phones = [Phone("SIL", 0.0, 0.5), Phone("AA", 0.5, 0.9), Phone("SIL", 0.9, 1.4)]
    assert doubt(sound((0.5, 0.001), (0.4, 0.2), (0.5, 0.001)), phones) == ""


def test_silence_that_is_loud_is_not_believed() -> None:
    phones = [Phone("SIL", 0.0, 0.5), Phone("AA", 0.5, 0.9)]
    assert doubt(sound((0.9, 0.2)), phones) == "loud silence"


def test_a_vowel_that_is_not_heard_is_not_believed() -> None:
    phones = [Phone("AA", 0.0, 0.4), Phone("SIL", 0.4, 0.6), Phone("IY", 0.6, 0.9)]
    assert doubt(sound((0.4, 0.2), (0.5, 0.0001)), phones) == "quiet vowels"


def test_a_phone_of_a_second_is_not_believed() -> None:
    phones = [Phone("AA", 0.0, 0.4), Phone("S", 0.4, 1.4)]
    assert doubt(sound((1.4, 0.2)), phones) == "endless phone"


def test_a_sentence_has_a_vowel() -> None:
    assert doubt(sound((0.4, 0.2)), [Phone("S", 0.0, 0.4)]) == "no vowel"


def test_the_onset_is_where_the_sound_begins() -> None:
    assert onset(sound((0.3, 0.0001), (0.3, 0.3))) == 0.3


def test_a_pause_that_a_vowel_has_swallowed_is_silence_again() -> None:
    samples = sound((0.4, 0.2), (0.2, 0.0001), (0.3, 0.2))
    phones = [Phone("AA", 0.0, 0.6), Phone("M", 0.6, 0.9)]
    assert without_pauses(samples, phones) == (
        Phone("AA", 0.0, pytest.approx(0.4)),
        Phone("SIL", pytest.approx(0.4), 0.6),
        Phone("M", 0.6, 0.9),
    )


def test_a_pause_before_a_word_is_not_its_vowel() -> None:
    samples = sound((0.2, 0.0001), (0.4, 0.2))
    first, vowel = without_pauses(samples, [Phone("AA", 0.0, 0.6)])
    assert (first.name, vowel.name) == ("SIL", "AA")
    assert vowel.start == pytest.approx(0.2)


def test_the_closure_of_a_stop_stays_its_own() -> None:
    samples = sound((0.4, 0.2), (0.1, 0.0001), (0.3, 0.2))
    phones = (Phone("AA", 0.0, 0.4), Phone("P", 0.4, 0.5), Phone("AA", 0.5, 0.8))
    assert without_pauses(samples, phones) == phones
