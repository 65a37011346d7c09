import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facial_retarget.core.channels import ARKIT_CHANNELS, mirrored, side_of
from facial_retarget.core.retarget import match_controls, vocabularies, vocabulary

JUNK = [
    "Basis",
    "Smile_Teeth_Corrective",
    "Body_Fat",
    "Left_Hand_Fist",
    "jawOpen_corrective",
    "EyeColor",
    "Eyes_EyeBagsSize",
    "Eyes_LowerLidOpenness",
    "Mouth_Lips_LowerAngle",
    "Mouth_NoTeeth",
    "Cheeks_UpperCheek_Bone",
    "Face_Puffy",
    "Body_Inflate",
    "Body_Lower_Down",
    "Inflate",
    "Face_BrowRidge_Raise",
    "Jaw_Width",
    "Nose_Tip_Up",
    "Tongue_Left",
    "nose_flower_down",
    "Skirt_Open",
    "upperArm_L",
    "lowerLeg_down_R",
    "EyeLeft",
    "pupil_dilate_L",
    "Mouth",
    "Left",
    "R",
    "A",
    "Happy",
    "mouthSmileLeft_jawOpen",
    "eyeBlinkLeft_eyeLookDownLeft",
    "eyelash_up_L",
    "Key 1",
]


def words_of(channel: str) -> list[str]:
    return re.findall(r"[A-Z]?[a-z]+", channel)


def with_short_side(channel: str, separator: str) -> str:
    short = {"left": f"{separator}L", "right": f"{separator}R"}
    side = side_of(channel)
    return channel[: -len(side)] + short[side] if side else channel


def with_side_first(channel: str) -> str:
    side = side_of(channel)
    return f"{side.title()}_{channel[: -len(side)]}" if side else channel


def with_side_in_the_middle(channel: str) -> str:
    words = words_of(channel)
    return "_".join([words[0], words[-1], *words[1:-1]]) if side_of(channel) else "_".join(words)


CONVENTIONS = {
    "as Apple writes it": lambda channel: channel,
    "PascalCase": lambda channel: channel[0].upper() + channel[1:],
    "snake_case": lambda channel: "_".join(words_of(channel)).lower(),
    "Title_Snake": lambda channel: "_".join(words_of(channel)).title(),
    "UPPER_SNAKE": lambda channel: "_".join(words_of(channel)).upper(),
    "with spaces": lambda channel: " ".join(words_of(channel)),
    "with dashes": lambda channel: "-".join(words_of(channel)),
    "with dots": lambda channel: ".".join(words_of(channel)),
    "small letters alone": str.lower,
    "capitals alone": str.upper,
    "_L and _R": lambda channel: with_short_side(channel, "_"),
    ".L and .R": lambda channel: with_short_side(channel, "."),
    "L and R": lambda channel: with_short_side(channel, ""),
    "_l and _r in small letters": lambda channel: with_short_side(channel, "_").lower(),
    "the side first": with_side_first,
    "the side in the middle": with_side_in_the_middle,
    "a node before": lambda channel: f"blendShape2.{channel}",
    "a mesh before": lambda channel: f"head_geo.{channel}",
    "an unknown name before": lambda channel: f"Zorblax_{channel}",
    "an unknown name and parts before": lambda channel: f"Zorblax_v2_01_{channel}",
    "Face_ before": lambda channel: f"Face_{channel}",
    "fac_ before": lambda channel: f"fac_{channel}",
    "CTRL_expressions_ before": lambda channel: f"CTRL_expressions_{channel}",
    "numbers before": lambda channel: f"{ARKIT_CHANNELS.index(channel):02d}_{channel}",
    "numbers after": lambda channel: f"{channel}.001",
    "full-width letters": lambda channel: "".join(chr(ord(letter) + 0xFEE0) for letter in channel),
}


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_every_channel_is_found_in_every_convention(convention: str) -> None:
    spell = CONVENTIONS[convention]
    mapping = match_controls([spell(channel) for channel in ARKIT_CHANNELS])
    for channel in ARKIT_CHANNELS:
        assert mapping.row(spell(channel)).terms == ((channel, 1.0),)
    assert not mapping.missing_channels()
    how = "exact" if convention == "as Apple writes it" else "name"
    assert {row.how for row in mapping.matched} <= {how, "exact"}


def test_names_that_mean_nothing_stay_unmatched_among_others_and_alone() -> None:
    mapping = match_controls([*JUNK, *ARKIT_CHANNELS])
    assert mapping.unmatched == tuple(JUNK)
    for name in JUNK:
        assert not match_controls([name]).matched, name


def terms_of(control: str, *others: str) -> dict[str, float]:
    return dict(match_controls([control, *others]).row(control).terms)


@pytest.mark.parametrize(
    ("control", "channels", "combine"),
    [
        ("mouthSmile", ["mouthSmileLeft", "mouthSmileRight"], "mean"),
        ("eyesClosed", ["eyeBlinkLeft", "eyeBlinkRight"], "mean"),
        ("eyesLookUp", ["eyeLookUpLeft", "eyeLookUpRight"], "mean"),
        ("eyesLookLeft", ["eyeLookOutLeft", "eyeLookInRight"], "mean"),
        ("browsUp_L", ["browInnerUp", "browOuterUpLeft"], "max"),
        ("mouthRoll", ["mouthRollUpper", "mouthRollLower"], "mean"),
    ],
)
def test_one_key_for_several_channels_combines_them(
    control: str, channels: list[str], combine: str
) -> None:
    row = match_controls([control]).row(control)
    assert row.channels == tuple(channels)
    assert row.combine == combine


@pytest.mark.parametrize(
    ("parts", "channel"),
    [
        (["browInnerUp_L", "browInnerUp_R"], "browInnerUp"),
        (["cheekPuffLeft", "cheekPuffRight"], "cheekPuff"),
        (["mouthFunnelUpper", "mouthFunnelLower"], "mouthFunnel"),
        ([f"mouthClose{h}{s}" for h in ("Upper", "Lower") for s in "LR"], "mouthClose"),
        (["mouthPressUpperLeft", "mouthPressLowerLeft"], "mouthPressLeft"),
    ],
)
def test_the_parts_of_a_channel_all_follow_it(parts: list[str], channel: str) -> None:
    assert [row.terms for row in match_controls(parts).matched] == [((channel, 1.0),)] * len(parts)


def test_the_whole_comes_before_its_parts_and_says_so() -> None:
    mapping = match_controls(["browInnerUp_L", "browInnerUp_R", "BrowInnerUp"])
    assert mapping.unmatched == ("browInnerUp_L", "browInnerUp_R")
    assert mapping.row("browInnerUp_L").note == "browInnerUp already drives BrowInnerUp"
    quarters = [f"mouthFunnel{h}{s}" for h in ("Upper", "Lower") for s in "LR"]
    halves = match_controls([*quarters, "mouthFunnelUpper", "mouthFunnelLower"])
    assert halves.unmatched == tuple(quarters)


def test_of_two_keys_for_one_channel_the_surer_name_is_driven() -> None:
    mapping = match_controls(["mouthOpen", "Jaw_Open", "jawOpen", "JawDrop", "jawopen.001"])
    assert [row.control for row in mapping.matched] == ["jawOpen"]


def test_mouth_left_is_a_direction_and_no_half() -> None:
    mapping = match_controls(["mouthLeft", "mouthRight", "Jaw_L", "Jaw_R", "mouth", "jaw"])
    assert [row.channels for row in mapping.matched] == [
        ("mouthLeft",),
        ("mouthRight",),
        ("jawLeft",),
        ("jawRight",),
    ]


@pytest.mark.parametrize(
    ("control", "channel"),
    [
        ("mouthSmlie_L", "mouthSmileLeft"),
        ("JawFoward", "jawForward"),
        ("cheekSqiunt_R", "cheekSquintRight"),
        ("lowerDown_L", "mouthLowerDownLeft"),
        ("innerUp", "browInnerUp"),
    ],
)
def test_a_similar_name_is_found_and_marked_as_a_guess(control: str, channel: str) -> None:
    row = match_controls([control]).row(control)
    assert row.terms == ((channel, 1.0),)
    assert row.how == "similar"
    assert row.confidence < 0.9


@given(
    channel=st.sampled_from(ARKIT_CHANNELS),
    place=st.integers(1, 12),
    letter=st.sampled_from("abcdefghijklmnopqrstuvwxyzLR_"),
    change=st.sampled_from(["insert", "replace", "delete", "swap"]),
)
@settings(derandomize=True, max_examples=1500, deadline=None)
def test_a_typing_error_never_crosses_left_and_right(
    channel: str, place: int, letter: str, change: str
) -> None:
    before, after = channel[:place], channel[place:]
    damaged = {
        "insert": before + letter + after,
        "replace": before + letter + after[1:],
        "delete": before + after[1:],
        "swap": before + after[1:2] + after[:1] + after[2:],
    }[change]
    for row in match_controls([damaged]).matched:
        assert mirrored(channel) not in row.channels or channel in row.channels, damaged


@given(st.lists(st.sampled_from([n for known in vocabularies() for n in known.names]), max_size=80))
@settings(derandomize=True, max_examples=150, deadline=None)
def test_any_mixture_of_vocabularies_keeps_its_order_and_never_drives_a_whole_twice(
    names: list[str],
) -> None:
    mapping = match_controls(names)
    assert [row.control for row in mapping.rows] == list(dict.fromkeys(names))
    surest = [row for row in mapping.matched if row.control in ARKIT_CHANNELS]
    for row in surest:
        sharing = [other for other in mapping.matched if row.control in other.channels]
        assert [other.control for other in sharing if dict(other.terms)[row.control] > 0] == [
            row.control
        ]


READY_PLAYER_ME = [
    *ARKIT_CHANNELS,
    "mouthOpen",
    "mouthSmile",
    "eyesClosed",
    "eyesLookUp",
    "eyesLookDown",
    *vocabulary("oculus_visemes").names,
]


def test_viseme_keys_beside_the_arkit_ones_are_left_alone_with_a_reason() -> None:
    mapping = match_controls(READY_PLAYER_ME)
    assert [row.control for row in mapping.matched] == list(ARKIT_CHANNELS)
    assert mapping.row("viseme_aa").note == "jawOpen already drives jawOpen"
    assert mapping.row("viseme_U").note == "mouthPucker already drives mouthPucker"
    assert mapping.row("viseme_sil").note == ""


def test_a_vrm_avatar_blinks_and_forms_vowels() -> None:
    for key, (a, u, blink) in {
        "vrm0": ("A", "U", "Blink_L"),
        "vrm1": ("aa", "ou", "blinkLeft"),
        "vroid": ("Fcl_MTH_A", "Fcl_MTH_U", "Fcl_EYE_Close_L"),
        "mmd": ("あ", "う", "ウィンク２"),
        "vrchat": ("vrc.v_aa", "vrc.v_ou", "vrc.blink_left"),
        "oculus_visemes": ("viseme_aa", "viseme_U", ""),
    }.items():
        mapping = match_controls(list(vocabulary(key).names))
        assert dict(mapping.row(a).terms)["jawOpen"] > 0
        assert dict(mapping.row(a).terms)["mouthClose"] < 0
        assert mapping.row(u).channels == ("mouthPucker",)
        assert mapping.row(a).confidence <= 0.5
        assert not blink or mapping.row(blink).channels == ("eyeBlinkLeft",)


def test_a_vroid_avatar_is_found_behind_its_long_prefixes() -> None:
    names = [f"Face.M_F00_000_00_{name}" for name in vocabulary("vroid").names]
    plain = match_controls(list(vocabulary("vroid").names))
    assert [row.terms for row in match_controls(names).rows] == [row.terms for row in plain.rows]


def test_one_eyelid_key_for_both_eyes_serves_where_there_is_no_other() -> None:
    both = {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}
    assert terms_of("まばたき", "あ", "い", "う", "え", "お") == both
    assert terms_of("まばたき", "あ", "い", "う", "え", "お", "ウィンク２", "ｳｨﾝｸ２右") == {}


def test_a_plain_wink_is_the_left_eye() -> None:
    others = ("あ", "い", "う", "困る", "びっくり")
    assert terms_of("ウィンク", "ウィンク右", *others) == {"eyeBlinkLeft": 1.0}
    assert terms_of("ウィンク右", "ウィンク", *others) == {"eyeBlinkRight": 1.0}


def test_short_or_common_words_need_more_names_of_their_vocabulary() -> None:
    assert terms_of("A") == terms_of("Happy") == terms_of("上") == {}
    assert terms_of("A", "I", "U")["jawOpen"] > 0


def test_one_word_means_what_the_character_s_own_vocabulary_says() -> None:
    mixamo = [name for name in vocabulary("mixamo").names if name != "Frown_Left"]
    assert terms_of("Frown_Left", *mixamo) == {"mouthFrownLeft": 1.0}
    assert terms_of("Frown_Left") == {"mouthFrownLeft": 1.0}
    vitruvian = [name for name in vocabulary("vitruvian").names if name != "Frown_Left"]
    assert terms_of("Frown_Left", *vitruvian) == {"mouthFrownRight": 1.0}


def test_a_vocabulary_is_known_in_another_spelling() -> None:
    bare = [name.removeprefix("CTRL_expressions_") for name in vocabulary("metahuman").drives]
    mapping = match_controls(bare)
    assert not mapping.missing_channels()
    assert mapping.row("mouthLipsPurseUL").channels == ("mouthPucker",)


def test_only_channels_of_the_source_drive() -> None:
    mapping = match_controls(
        ["jawOpen", "mouthSmile", "viseme_aa", "eyesClosed"],
        ["jawOpen", "viseme_aa", "eyeBlinkLeft"],
    )
    assert [(row.control, row.channels) for row in mapping.matched] == [
        ("jawOpen", ("jawOpen",)),
        ("viseme_aa", ("viseme_aa",)),
    ]


def test_another_character_s_keys_can_be_the_source() -> None:
    mapping = match_controls(
        ["eyeBlinkLeft", "jawOpen"], ["Eye_Blink_L", "Eye_Blink_R", "Jaw_Open"]
    )
    assert [row.channels for row in mapping.rows] == [("Eye_Blink_L",), ("Jaw_Open",)]


def test_channels_whose_names_say_nothing_or_the_same_match_by_their_exact_names_alone() -> None:
    mapping = match_controls(["Left", "42", "smile.3", "Smile 1"], ["Basis", "Smile 1", "Smile 2"])
    assert [row.channels for row in mapping.rows] == [(), (), (), ("Smile 1",)]


def test_an_empty_list_has_an_empty_mapping() -> None:
    assert match_controls([]).rows == ()
    assert match_controls(["jawOpen"], []).matched == ()


def test_a_thousand_controls_take_no_time() -> None:
    names = [f"Rig_{name}_{number}" for number in range(25) for name in JUNK]
    names += [name for known in vocabularies() for name in known.names][:300]
    match_controls(ARKIT_CHANNELS)  # the tables are read once for a session
    started = time.process_time()
    match_controls(names)
    assert len(set(names)) >= 1000
    assert time.process_time() - started < 0.2
