import random

from training.speech.recordings import SPLITS
from training.speech.sentences import command, english, other_language, word_row


def test_no_sentence_is_said_in_two_splits() -> None:
    said = [sentence for split in SPLITS for sentence in english(split)]
    assert len(said) == len(set(said))
    assert len(english("validation")) + len(english("test")) == 90
    assert len(english("train")) >= 360


def test_sentences_are_written_as_they_are_said() -> None:
    for sentence in (*english("train"), *english("validation"), *english("test")):
        assert sentence.isascii()
        assert not any(character.isdigit() for character in sentence)
        assert sentence[-1] in ".?!"


def test_rows_and_commands_are_the_same_for_the_same_seed() -> None:
    for make in (word_row, command):
        texts = [make(random.Random(seed)) for seed in (1, 1, 2)]
        assert texts[0] == texts[1] != texts[2]


def test_a_language_without_sentences_has_none() -> None:
    assert len(other_language("de")) > 5
    assert other_language("en-us") == ()


def test_a_command_names_its_letter_as_a_capital() -> None:
    *_, letter, _, _ = command(random.Random(3)).split()
    assert len(letter) == 1
    assert letter.isupper()
