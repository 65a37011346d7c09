import pytest

from training.speech.engines import ENGINES
from training.speech.record_plan import Voice, planned_voices
from training.speech.sentences import english, other_language


@pytest.fixture(scope="module")
def voices() -> list[Voice]:
    return [voice for engine in ENGINES for voice in planned_voices(engine)]


def texts(voices: list[Voice], split: str) -> set[str]:
    return {take.text for voice in voices if voice.split == split for take in voice.takes}


def test_no_voice_is_in_two_splits(voices: list[Voice]) -> None:
    names = [(voice.engine, voice.name) for voice in voices]
    assert len(names) == len(set(names))


def test_no_text_is_in_two_splits(voices: list[Voice]) -> None:
    trained = texts(voices, "train")
    assert not trained & texts(voices, "validation")
    assert not trained & texts(voices, "test")
    assert not texts(voices, "validation") & texts(voices, "test")


def test_flite_is_never_trained_on(voices: list[Voice]) -> None:
    splits = [voice.split for voice in voices if voice.engine == "flite"]
    assert splits == ["test"] * 4


def test_strangers_speak_languages_that_nobody_learns_from(voices: list[Voice]) -> None:
    strange = {voice.language for voice in voices if voice.split == "strangers"}
    assert strange == {"ca", "fi", "cs"}
    assert not strange & {voice.language for voice in voices if voice.split != "strangers"}


def test_kokoro_has_women_and_men_of_both_accents_in_train_and_test(voices: list[Voice]) -> None:
    for split, count in (("train", 20), ("validation", 3), ("test", 5)):
        own = [v.name for v in voices if v.engine == "kokoro" and v.split == split]
        assert len(own) == count
        if split != "validation":
            assert {name[:2] for name in own} == {"af", "am", "bf", "bm"}


def test_a_plan_is_the_same_each_time(voices: list[Voice]) -> None:
    assert planned_voices("kokoro") == [voice for voice in voices if voice.engine == "kokoro"]


def test_voices_say_different_things_at_different_speeds(voices: list[Voice]) -> None:
    first, second = planned_voices("kokoro")[-2:]
    assert [take.text for take in first.takes] != [take.text for take in second.takes]
    speeds = [take.manner.speed for take in first.takes]
    assert 0.8 <= min(speeds) < 0.95
    assert 1.1 < max(speeds) <= 1.25


def test_most_of_what_a_voice_says_are_sentences_of_its_split(voices: list[Voice]) -> None:
    for voice in voices:
        assert [take.number for take in voice.takes] == list(range(len(voice.takes)))
        if not other_language(voice.language):
            own = sum(take.text in english(voice.split) for take in voice.takes)
            assert own >= 0.7 * len(voice.takes)
