import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.retarget.names import (
    NameReading,
    common_prefixes,
    corrected,
    read_name,
    spelling,
)


@pytest.mark.parametrize(
    ("name", "words", "side"),
    [
        ("eyeBlinkLeft", "eye blink", "left"),
        ("EyeBlink_L", "eye blink", "left"),
        ("eye_blink_left", "eye blink", "left"),
        ("Eye_Left_Blink", "eye blink", "left"),
        ("L_Eye_Blink", "eye blink", "left"),
        ("eye.blink.R", "eye blink", "right"),
        ("EYE-BLINK-RIGHT", "eye blink", "right"),
        ("eyeblinkright", "eye blink", "right"),
        ("A14_Eye_Blink_Left", "eye blink", "left"),
        ("AK_09_EyeBlinkLeft", "eye blink", "left"),
        ("blendShape2.eyeBlink_L", "eye blink", "left"),
        ("CTRL_expressions_eyeBlinkL", "eye blink", "left"),
        ("facs_bs_MouthSmileLeft_div2", "mouth smile", "left"),
        ("eyeBlinkLeft.001", "eye blink", "left"),
        ("Left_eyeBlink_L", "eye blink", "left"),
        ("mouthUpperUpLeft", "mouth upper up", "left"),
        ("Mouth_Up_Upper_L", "mouth upper up", "left"),
        ("UpperLipRaise_R", "mouth upper up", "right"),
        ("Brow_Raise_Inner_L", "brow inner up", "left"),
        ("jawLeft", "jaw", "left"),
        ("まばたき左", "まばたき", "left"),
        ("右まばたき", "まばたき", "right"),
    ],
)
def test_a_name_is_read_in_every_spelling(name: str, words: str, side: str) -> None:
    assert read_name(name) == NameReading(frozenset(words.split()), side)


@pytest.mark.parametrize(
    ("name", "words", "side"),
    [
        ("Eye_L_Look_R", "eye look in", "left"),
        ("Eye_L_Look_L", "eye look out", "left"),
        ("Eye_R_Look_L", "eye look in", "right"),
        ("eyeLookLeftR", "eye look in", "right"),
        ("EyesLookLeftL", "eye look out", "left"),
        ("Eye_Left_Right", "eye look in", "left"),
        ("Eye_Right_Right", "eye look out", "right"),
        ("eyeLookRightOut", "eye look out", "right"),
        ("Eye_Left_Look_Up", "eye look up", "left"),
        ("Look_Dwn_Right", "eye look down", "right"),
        ("eyesLookLeft", "eye look left", ""),
    ],
)
def test_a_look_to_a_side_is_towards_the_nose_or_away_from_it(
    name: str, words: str, side: str
) -> None:
    assert read_name(name) == NameReading(frozenset(words.split()), side)


@pytest.mark.parametrize(
    "name", ["", "_", "Left", "Left_Right", "L", "42", "Face.001", "左", "ctrl"]
)
def test_a_name_without_meaning_has_no_words(name: str) -> None:
    assert not read_name(name).words


def test_names_of_both_sides_at_once_have_none() -> None:
    assert read_name("mouth_smile_L_R") == NameReading(frozenset({"mouth", "smile"}))


def test_width_and_case_of_letters_make_no_difference() -> None:
    assert spelling("ｳｨﾝｸ２右") == spelling("ウィンク2右")
    assert spelling("viseme_AA") == spelling("Viseme.aa")
    assert spelling("ウィンク") != spelling("ウィンク２")
    assert spelling("▲") != spelling("∧")


def test_typing_errors_are_put_right_but_other_words_are_left() -> None:
    assert corrected(frozenset({"mouth", "smlie"})) == {"mouth", "smile"}
    assert corrected(frozenset({"mouth", "flower"})) == {"mouth", "flower"}
    assert corrected(frozenset({"puffy"})) == {"puffy"}


def test_what_most_names_begin_with_is_a_prefix() -> None:
    names = ["Head_eyeBlinkLeft", "Head_jawOpen", "Head_mouth_smile", "Basis"]
    assert common_prefixes(names) == ("Head_",)
    assert common_prefixes(names[:2]) == ()


@given(st.text(max_size=60))
@settings(derandomize=True, max_examples=300, deadline=None)
def test_any_text_can_be_read(text: str) -> None:
    reading = read_name(text)
    assert reading.side in {"", "left", "right"}
    assert all(word == word.casefold() or not word.isascii() for word in reading.words)
    assert read_name(unicodedata.normalize("NFKC", text)) == reading


@given(
    channel=st.sampled_from(ARKIT_CHANNELS),
    separator=st.sampled_from(["_", ".", "-", " ", "__"]),
    casing=st.sampled_from([str.lower, str.upper, str.title]),
    prefix=st.sampled_from(["", "BS_node.", "Face_", "A07_", "blendShape12.", "vrc.", "fac_"]),
)
@settings(derandomize=True, max_examples=300, deadline=None)
def test_separators_case_and_prefixes_never_change_what_a_channel_says(
    channel: str, separator: str, casing: Callable[[str], str], prefix: str
) -> None:
    words = re.findall(r"[A-Z]?[a-z]+", channel)
    assert read_name(prefix + separator.join(map(casing, words))) == read_name(channel)
