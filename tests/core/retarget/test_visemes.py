"""A voice on characters that have visemes in place of ARKit's mouth."""

import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS, VISEME_CHANNELS
from facial_retarget.core.retarget import Mapping, MappingRow, match_controls
from facial_retarget.core.retarget.visemes import (
    drives_visemes,
    find_visemes,
    in_steps,
    mapping_for,
    speech_mapping,
    viseme_sets,
)

SETS = {known.key: known for known in viseme_sets()}
RHUBARB = tuple("ABCDEFGHX")
NAMES = {
    "oculus": VISEME_CHANNELS,
    "vrm0": ("A", "I", "U", "E", "O"),
    "vrm1": ("aa", "ih", "ou", "ee", "oh"),
    "mmd": tuple("あいうえおん"),
    "rhubarb": RHUBARB,
    "preston_blair": ("AI", "E", "etc", "FV", "L", "MBP", "O", "U", "WQ", "rest"),
}


def terms(mapping: Mapping, control: str) -> dict[str, float]:
    return dict(mapping.row(control).terms)


def speech_of(*names: str) -> Mapping:
    return speech_mapping(match_controls(names))


@pytest.mark.parametrize("key", SETS)
def test_a_set_shows_every_viseme_but_those_for_which_its_mouth_stays_shut(key: str) -> None:
    known = SETS[key]
    shown = {channel for drive in known.controls.values() for channel, _gain in drive}
    assert shown <= set(VISEME_CHANNELS)
    if known.least > 4:  # vowels alone show no closed lips
        assert shown == set(VISEME_CHANNELS)
    assert set(known.in_place_of) | set(known.in_place_of.values()) <= set(known.controls)
    assert known.name and known.about


@pytest.mark.parametrize("key", NAMES)
@pytest.mark.parametrize("prefix", ["", "mouth_", "Fcl_MTH_", "Face.v_"])
def test_each_set_is_found_by_its_names_whatever_stands_before_them(key: str, prefix: str) -> None:
    names = tuple(f"{prefix}{name}" for name in NAMES[key])
    found = find_visemes((*names, "eyeBlinkLeft", "Smile", "Basis"))
    assert found is not None
    assert found.set.key == key
    assert set(found.keys.values()) == set(names)


def test_vrchat_and_ready_player_me_name_the_same_vowels() -> None:
    vrchat = [f"vrc.v_{name}" for name in ("sil", "pp", "ff", "aa", "e", "ih", "oh", "ou")]
    mapping = speech_of(*vrchat)
    assert terms(mapping, "vrc.v_ih") == {"viseme_I": 1.0}
    assert terms(mapping, "vrc.v_oh") == {"viseme_O": 1.0}
    assert terms(mapping, "vrc.v_ou") == {"viseme_U": 1.0}
    assert terms(speech_of(*VISEME_CHANNELS), "viseme_U") == {"viseme_U": 1.0}


def test_the_keys_of_arkit_are_no_visemes() -> None:
    assert find_visemes(ARKIT_CHANNELS) is None
    mapping = match_controls(ARKIT_CHANNELS)
    assert speech_mapping(mapping) is mapping


def test_with_both_kinds_of_keys_the_voice_moves_those_of_arkit_alone() -> None:
    mapping = speech_of(*ARKIT_CHANNELS, *VISEME_CHANNELS)
    assert not drives_visemes(mapping)
    assert set(VISEME_CHANNELS) <= set(mapping.unmatched)
    assert terms(mapping, "mouthFunnel") == {"mouthFunnel": 1.0}


def test_an_avatar_with_visemes_and_a_simple_mouth_speaks_by_its_visemes_alone() -> None:
    mapping = speech_of(*VISEME_CHANNELS, "mouthOpen", "mouthSmile", "eyeBlinkLeft")
    assert {row.control for row in mapping.matched} == {*VISEME_CHANNELS, "eyeBlinkLeft"}
    assert "moves the mouth by the keys of Oculus" in mapping.row("mouthOpen").note


def test_a_face_is_mapped_as_before() -> None:
    mapping = match_controls(VISEME_CHANNELS)
    assert mapping_for(mapping, ARKIT_CHANNELS) is mapping
    assert terms(mapping, "viseme_FF") == {"mouthRollLower": 1.0}
    assert drives_visemes(mapping_for(mapping, ("jawOpen", "viseme_FF")))


def test_what_was_edited_by_hand_stays() -> None:
    by_hand = match_controls(RHUBARB).replaced(MappingRow("C", (("jawOpen", 2.0),)))
    mapping = speech_mapping(by_hand)
    assert terms(mapping, "C") == {"jawOpen": 2.0}
    assert terms(mapping, "D") == {"viseme_aa": 1.0}


def test_the_mouths_that_are_not_drawn_are_shown_by_others() -> None:
    mapping = speech_of(*"ABCDEF")
    assert set(terms(mapping, "A")) == {"viseme_PP", "viseme_FF", "viseme_sil"}
    assert "viseme_nn" in terms(mapping, "B")
    assert set(terms(speech_of(*RHUBARB), "A")) == {"viseme_PP"}


@pytest.mark.parametrize("key", NAMES)
def test_in_steps_a_viseme_is_on_one_key_alone(key: str) -> None:
    mapping = in_steps(speech_of(*NAMES[key]))
    shown = [channel for row in mapping.matched for channel in row.channels]
    assert len(set(shown)) == len(shown)
    assert {gain for row in mapping.matched for _channel, gain in row.terms} == {1.0}
    if SETS[key].least > 4:
        assert set(shown) == set(VISEME_CHANNELS)


def test_steps_leave_other_rows_alone() -> None:
    mapping = speech_of(*NAMES["vrm1"], "eyeBlinkLeft")
    assert terms(in_steps(mapping), "eyeBlinkLeft") == {"eyeBlinkLeft": 1.0}
    assert set(terms(in_steps(mapping), "aa")) == {"viseme_aa"}
