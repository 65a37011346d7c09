import pytest

from facial_retarget.core.errors import SpeechError
from facial_retarget.core.speech.numbers import cardinal, readings
from facial_retarget.core.speech.pronunciations import pronunciations, spelt
from facial_retarget.core.speech.script import read_script
from facial_retarget.core.speech.visemes import phones


def said(script: str) -> list[str]:
    return [" ".join(word.ways[0]) for word in read_script(script)]


def test_words_sound_as_the_dictionary_says() -> None:
    assert said("Hello, world!") == ["HH AH L OW", "W ER L D"]


def test_a_word_with_several_pronunciations_has_them_all() -> None:
    ways = read_script("either")[0].ways
    assert {way[0] for way in ways} == {"IY", "AY"}


def test_case_accents_quotes_and_hyphens_do_not_matter() -> None:
    assert said("CAFÉ") == said("cafe") == said("'cafe'")
    assert said("well-known") == said("well known")
    assert said("don\u2019t") == said("don't")


def test_a_word_told_in_brackets_sounds_as_told() -> None:
    words = read_script("Zyra[Z AY1 r ah0] waits")
    assert words[0].text == "Zyra"
    assert words[0].ways == (("Z", "AY", "R", "AH"),)
    assert words[1].text == "waits"


@pytest.mark.parametrize("sounds", ["Z QQ", ""])
def test_a_pronunciation_that_is_none_is_refused(sounds: str) -> None:
    with pytest.raises(SpeechError, match=r"pronunciation of 'Zyra'.*Zyra\[Z AY R AH\]"):
        read_script(f"Zyra[{sounds}]")


def test_unknown_words_are_named_once_with_what_to_write() -> None:
    with pytest.raises(SpeechError, match=r"'Blorptang', 'Zyrax'\. Write how .* brackets"):
        read_script("the Blorptang of Zyrax and the Blorptang")


def test_of_many_unknown_words_some_are_named() -> None:
    with pytest.raises(SpeechError, match="and 2 more"):
        read_script("qqa qqb qqc qqd qqe qqf qqg")


def test_other_scripts_than_latin_are_unknown_words() -> None:
    with pytest.raises(SpeechError, match="привет"):
        read_script("привет")


@pytest.mark.parametrize(
    ("name", "ending"), [("goblin's", "Z"), ("wizard's", "Z"), ("monk's", "S"), ("witch's", "IH Z")]
)
def test_a_genitive_sounds_like_the_word_and_its_ending(name: str, ending: str) -> None:
    stem = " ".join(pronunciations(name.removesuffix("'s"))[0])
    assert said(name) == [f"{stem} {ending}"]


@pytest.mark.parametrize(
    ("word", "sounds"),
    [
        ("riper", "R AY P ER"),
        ("gleamingly", "G L IY M IH NG L IY"),
        ("glitched", "G L IH CH T"),
        ("moodiest", "M UW D IY AH S T"),
        ("slashes", "S L AE SH IH Z"),
        ("hatless", "HH AE T L AH S"),
    ],
)
def test_a_word_that_is_not_listed_is_known_by_its_stem(word: str, sounds: str) -> None:
    assert said(word) == [sounds]


def test_short_capitals_are_spelt_and_long_ones_are_not() -> None:
    assert said("XKQ") == ["EH K S K EY K Y UW"]
    assert spelt("XKQJZW") == ()


@pytest.mark.parametrize(
    ("digits", "words"),
    [
        ("0", "zero"),
        ("17", "seventeen"),
        ("42", "forty two"),
        ("300", "three hundred"),
        ("1250", "one thousand two hundred fifty"),
        ("2000000", "two million"),
        ("3.14", "three point one four"),
        ("007", "zero zero seven"),
        ("21st", "twenty first"),
        ("12th", "twelfth"),
        ("30th", "thirtieth"),
        ("8th", "eighth"),
        ("1" * 16, " ".join(["one"] * 16)),
    ],
)
def test_numbers_are_read_aloud(digits: str, words: str) -> None:
    assert " ".join(readings(digits)[0]) == words


def test_a_year_may_be_read_in_two_ways() -> None:
    assert ("nineteen", "eighty", "four") in readings("1984")
    assert ("nineteen", "hundred") in readings("1900")
    assert ("two", "thousand", "five") in readings("2005")


def test_and_may_stand_after_the_hundreds() -> None:
    assert ("one", "hundred", "and", "five") in readings("105")


def test_every_number_has_words_that_are_known() -> None:
    for number in (*range(0, 2100, 7), 10**6 + 1, 999_999_999_999):
        assert all(pronunciations(word) for word in cardinal(number))


def test_signs_are_words() -> None:
    assert said("5% & $3.50") == [
        *said("five percent and"),
        " ".join(said("three point five zero")),
        *said("dollars"),
    ]


def test_punctuation_alone_is_no_word() -> None:
    assert read_script(" ... - ! ") == ()


def test_every_sound_of_the_dictionary_is_known() -> None:
    for word in ("thing", "measure", "judge", "boy", "cow", "yearn", "would", "chew"):
        for way in pronunciations(word):
            assert set(way) <= set(phones())
