import json
from pathlib import Path

import pytest

from facial_retarget.core.errors import FacialRetargetError
from training.speech import symbols
from training.speech.symbols import PhoneticAlphabet, arpabet, from_names

TABLES = json.loads((Path(symbols.__file__).parent / "data" / "symbols.json").read_text("utf-8"))


def test_every_table_leads_to_arpabet() -> None:
    reached = [
        phone
        for table in (TABLES["ipa"]["phones"], TABLES["english"], TABLES["misaki"])
        for phones in table.values()
        for phone in phones.split()
    ]
    assert set(reached) == set(arpabet())
    for engine in ("festvox", "russian", "catalan", "finnish", "czech", "japanese"):
        phones = {phone for phones in TABLES[engine].values() for phone in phones.split()}
        assert phones <= {*arpabet(), "SIL"}


def test_a_mark_is_no_phone() -> None:
    assert not set(TABLES["ipa"]["marks"]) & set(TABLES["ipa"]["phones"])


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("ʤˈʌmps", "JH AH M P S"),
        ("kwˈɪk", "K W IH K"),
        ("ˈOvəɹ", "OW V ER"),
        ("bˈYz", "B OY Z"),
        ("fˈIəɹ", "F AY ER"),
    ],
)
def test_the_symbols_of_kokoro_are_read(word: str, phones: str) -> None:
    assert PhoneticAlphabet("english", "misaki").phones(word) == phones.split()


def test_the_longest_symbol_wins() -> None:
    alphabet = PhoneticAlphabet()
    assert alphabet.phones("tʃaɪ") == ["CH", "AY"]
    assert alphabet.phones("taɪʃ") == ["T", "AY", "SH"]


def test_one_letter_sounds_otherwise_in_english() -> None:
    assert PhoneticAlphabet().phones("a") == ["AA"]
    assert PhoneticAlphabet("english").phones("a") == ["AE"]


def test_stress_length_and_tone_are_no_sounds() -> None:
    assert PhoneticAlphabet().phones("ˈˌː1") == []


def test_an_unknown_symbol_is_named() -> None:
    with pytest.raises(FacialRetargetError, match="'€' in 'a€'"):
        PhoneticAlphabet().phones("a€")


def test_names_of_festvox_are_arpabet_or_have_an_entry() -> None:
    assert from_names("pau", "festvox") == ["SIL"]
    assert from_names("ax", "festvox") == ["AH"]
    assert from_names("ch", "festvox") == ["CH"]
    assert from_names("ts", "japanese") == ["T", "S"]
    with pytest.raises(FacialRetargetError, match="'qq'"):
        from_names("qq", "festvox")
