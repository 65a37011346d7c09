import re
from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS, mirrored, side_of
from facial_retarget.core.retarget import Terms, match_controls, vocabularies, vocabulary
from facial_retarget.core.retarget.drive import COMBINES, Directness
from facial_retarget.core.retarget.names import read_name

KEYS = [known.key for known in vocabularies()]

# On the mesh of Vitruvian these keys move the half of the face that they do not name.
MISNAMED = {f"{key}_{side}" for key in ("Frown", "Lips_Up_Raised") for side in ("Left", "Right")}

_SIDES = re.compile(
    r"left|right|Left|Right|[左右]"
    r"|^[LR]{1,2}(?=eye|squint|brow|smile|mouth|lip|nostril|blow|jaw)"  # RRbrowUp
    r"|(?<![A-Za-z])[LR](?![a-z])"  # Brow_Drop_L, Eye_L_Look_R
    r"|(?<=[a-z])[LR](?=[BT]?$)"  # jawL, LipSuckLB
    r"|(?<=[UD])[LR]$"  # mouthFunnelUL
)
_OTHER = {"left": "right", "Left": "Right", "左": "右", "L": "R", "LL": "RR"}
_OTHER |= {right: left for left, right in _OTHER.items()}


def mirror_of(name: str) -> str:
    if name.startswith(("ウィンク", "ウインク")):  # a plain wink is the left eye's
        return name.removesuffix("右") if name.endswith("右") else f"{name}右"
    return _SIDES.sub(lambda found: _OTHER[found[0]], name)


def mirrored_terms(terms: Terms) -> dict[str, float]:
    return {mirrored(channel): gain for channel, gain in terms}


@pytest.mark.parametrize("key", KEYS)
def test_a_vocabulary_says_what_it_is_and_names_only_channels(key: str) -> None:
    known = vocabulary(key)
    assert known.name and known.about
    assert len(set(known.names)) == len(list(known.names))
    for drive in known.drives.values():
        assert {channel for channel, _gain in drive.terms} <= set(ARKIT_CHANNELS)
        assert drive.combine in COMBINES
        assert drive.moving_channels


@pytest.mark.parametrize("key", KEYS)
def test_every_name_of_a_vocabulary_has_its_mirror_image(key: str) -> None:
    known = vocabulary(key)
    for name, drive in known.drives.items():
        other = mirror_of(name)
        if other != name:
            assert dict(known.drives[other].terms) == mirrored_terms(drive.terms), name


@pytest.mark.parametrize("key", KEYS)
def test_a_character_of_the_vocabulary_is_mapped_as_the_vocabulary_says(key: str) -> None:
    known = vocabulary(key)
    direct = [name for name, drive in known.drives.items() if drive.directness is Directness.DIRECT]
    if key == "cc3":  # the two spellings of its brows are never on one character
        direct = [name for name in direct if not re.fullmatch(r"Brow_.*_[LR]", name)]
    mapping = match_controls([*known.by_name, *direct])
    for name in direct:
        assert mapping.row(name).terms == known.drives[name].terms, name
    for name in known.by_name:
        ((channel, gain),) = mapping.row(name).terms
        assert gain == 1.0
        reading, meant = read_name(name), read_name(channel)
        assert meant.words - {"pucker"} <= reading.words
        assert meant.side in {"", reading.side}


@pytest.mark.parametrize("key", KEYS)
def test_what_has_no_channel_stays_without(key: str) -> None:
    known = vocabulary(key)
    mapping = match_controls(list(known.names))
    assert known.unmapped <= set(mapping.unmatched)


@pytest.mark.parametrize("key", KEYS)
def test_left_and_right_of_a_whole_vocabulary_are_never_crossed(key: str) -> None:
    names = list(vocabulary(key).names)
    mapping = match_controls(names)
    for row in mapping.matched:
        other = mirror_of(row.control)
        if other != row.control and other in names:
            assert dict(mapping.row(other).terms) == mirrored_terms(row.terms), row.control
        named = read_name(row.control).side
        sides = {side_of(channel) for channel, _gain in row.terms} - {""}
        if named and row.control not in MISNAMED:
            assert sides <= {named}, row.control


@pytest.mark.parametrize("key", KEYS)
def test_each_name_alone_is_unmatched_or_on_its_own_side(key: str) -> None:
    for name in vocabulary(key).names:
        for row in match_controls([name]).matched:
            named = read_name(name).side
            sides = {side_of(channel) for channel, _gain in row.terms} - {""}
            assert not named or sides <= {named}, name


def test_the_orders_of_the_wire_are_whole() -> None:
    for key in (
        "face_cap",
        "a_numbered",
        "live_link_face_udp",
        "live_link_face_csv",
        "ifacialmocap",
    ):
        driven = {row.channels for row in match_controls(vocabulary(key).by_name).matched}
        assert driven == {(channel,) for channel in ARKIT_CHANNELS}
    csv = vocabulary("live_link_face_csv").by_name
    assert csv.index("JawRight") < csv.index("JawLeft")
    assert csv.index("MouthRight") < csv.index("MouthLeft")
    assert [name.lower() for name in vocabulary("live_link_face_udp").by_name] == [
        channel.lower() for channel in ARKIT_CHANNELS
    ]
    cap = vocabulary("face_cap").by_name
    assert (cap[0], cap[24], cap[37], cap[51]) == (
        "browInnerUp",
        "jawOpen",
        "mouthSmile_L",
        "tongueOut",
    )


def side_moved(neutral: np.ndarray, delta: np.ndarray) -> str:
    moved = np.linalg.norm(delta.astype(np.float64), axis=1)
    if moved.max() == 0:
        return ""
    return "left" if (neutral[:, 0] * moved).sum() > 0 else "right"


@pytest.mark.parametrize(
    ("file", "names", "deltas"),
    [
        ("vitruvian_head", "shape_names", "delta_mm"),
        ("ict_facekit", "expr_names", "expr_delta"),
        ("reom_head_points", "shape_names", "delta_mm"),
        ("makehuman_head", "arkit_names", "arkit_delta"),
        ("valid_heads_dev", "shape_names", "delta_mm"),
    ],
)
def test_keys_of_real_heads_move_the_half_that_their_channel_names(
    shared: Path, file: str, names: str, deltas: str
) -> None:
    with np.load(shared / "data" / f"{file}.npz") as head:
        controls = [str(name) for name in head[names]]
        neutral, moves = head["neutral"], head[deltas]
    if neutral.ndim == 3:  # many people of one topology
        neutral, moves = neutral[0], moves[0]
    checked = 0
    for row in match_controls(controls).matched:
        sides = {side_of(channel) for channel in row.channels}
        if sides in ({"left"}, {"right"}):
            assert side_moved(neutral, moves[controls.index(row.control)]) in {"", *sides}, row
            checked += 1
    assert checked >= 20
