"""Heads of other makers: their own jawOpen and blink tell which lip and lid a vertex is on."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from facial_retarget.core.mesh import FaceMesh, Floats
from facial_retarget.core.shapes.landmarks import find_landmarks
from facial_retarget.core.shapes.register import register
from facial_retarget.core.shapes.registration import Part, Registration, Side

UPRIGHT = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], np.float32)
TOUCHING = 0.06  # in eye distances
PARTED = 0.35  # of the widest motion of the jaw


@dataclass(frozen=True)
class Maker:
    """Where a maker's head, its jawOpen and its blinks are in the packed files."""

    file: str
    person: int | None
    names: str
    deltas: str
    channels: tuple[str, str, str]
    y_up: bool


MAKERS = {
    "ICT": Maker(
        "ict_facekit",
        None,
        "expr_names",
        "expr_delta",
        ("jawOpen", "eyeBlink_L", "eyeBlink_R"),
        True,
    ),
    "VALID": Maker(
        "valid_heads_dev",
        7,
        "shape_names",
        "delta_mm",
        ("MouthOpen", "LeyeClose", "ReyeClose"),
        True,
    ),
    "Vitruvian": Maker(
        "vitruvian_head",
        None,
        "shape_names",
        "delta_mm",
        ("Mouth_Large_Opened", "Eyes_Closed_Left", "Eyes_Closed_Right"),
        False,
    ),
}


@dataclass(frozen=True, eq=False)
class Case:
    """A maker's head, registered, with the maker's own displacements in eye distances."""

    file: dict[str, NDArray[np.generic]]
    found: Registration
    jaw: Floats
    blinks: Floats


@pytest.fixture(scope="module", params=MAKERS)
def case(request: pytest.FixtureRequest, shared: Path) -> Case:
    maker = MAKERS[request.param]
    with np.load(shared / "data" / f"{maker.file}.npz", allow_pickle=False) as data:
        file = {name: data[name] for name in data.files if not name.startswith("ident")}
    neutral, deltas = file["neutral"], file[maker.deltas]
    if maker.person is not None:
        neutral, deltas = neutral[maker.person], deltas[maker.person]
    axes = UPRIGHT if maker.y_up else np.eye(3, dtype=np.float32)
    faces = file["faces"]
    triangles = [faces[:, :3]]
    if faces.shape[1] == 4:
        triangles.append(faces[faces[:, 3] >= 0][:, [0, 2, 3]])
    mesh = FaceMesh(neutral @ axes.T, np.concatenate(triangles).astype(np.int32))
    found = register(mesh, find_landmarks(mesh))
    unit = found.frame.scale * (1000 if maker.deltas == "delta_mm" else 1)
    names = list(file[maker.names])
    moved = [
        deltas[names.index(name)].astype(np.float32) @ axes.T / unit for name in maker.channels
    ]
    return Case(file, found, moved[0], np.stack(moved[1:]))


def touching_lips(case: Case) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the vertices of the upper and of the lower lip that touch and then part."""
    points = case.found.points
    near = np.flatnonzero(
        (case.found.parts == Part.SKIN)
        & (np.abs(points[:, 0]) < 0.34)
        & (points[:, 2] < -0.6)
        & (points[:, 2] > -1.7)
        & (points[:, 1] < -0.2)
    )
    moved = np.linalg.norm(case.jaw[near], axis=1)
    far = moved > PARTED * np.linalg.norm(case.jaw, axis=1).max()
    upper, lower = near[~far], near[far]
    parted = case.jaw[upper, None, 2] - case.jaw[lower, 2] > PARTED * moved.max()
    close = np.linalg.norm(points[upper, None] - points[lower], axis=2) < TOUCHING
    return upper[(close & parted).any(axis=1)], lower[(close & parted).any(axis=0)]


@pytest.mark.slow
def test_no_lip_is_taken_for_the_other(case: Case) -> None:
    upper, lower = touching_lips(case)
    assert not (case.found.sides[upper] == Side.LOWER).any()
    assert not (case.found.sides[lower] == Side.UPPER).any()


@pytest.mark.slow
def test_a_lid_that_blinks_is_an_upper_one(case: Case) -> None:
    sides = case.found.sides
    for blink in case.blinks:
        fell = -blink[:, 2]
        lid = (fell > 0.5 * fell.max()) & (case.found.parts == Part.SKIN)
        assert lid.sum() > 10
        assert (sides[lid] == Side.LOWER).mean() < 0.02


@pytest.mark.slow
def test_jaw_and_skull_are_told_apart_inside_the_mouth(case: Case) -> None:
    lower = (case.found.sides == Side.LOWER) & (case.found.canonical[:, 2] < -0.6)
    upper = (case.found.sides == Side.UPPER) & (case.found.canonical[:, 2] < -0.6)
    moved = np.linalg.norm(case.jaw, axis=1)
    assert np.median(moved[lower]) > 3 * np.median(moved[upper])


@pytest.mark.slow
def test_the_pieces_of_a_head_of_many_are_told_apart(case: Case) -> None:
    if "region_names" not in case.file:
        pytest.skip("only ICT's file says what its pieces are")
    expected = {
        "Face": {Part.SKIN},
        "Head and Neck": {Part.SKIN},
        "Mouth socket": {Part.SKIN},
        "Teeth": {Part.UPPER_TEETH, Part.LOWER_TEETH},
        "Gums and tongue": {Part.UPPER_TEETH, Part.LOWER_TEETH, Part.TONGUE},
        "Eyeball left": {Part.LEFT_EYE},
        "Eyeball right": {Part.RIGHT_EYE},
        "Eye occlusion left": {Part.FOLLOWER},
        "Eyelashes left": {Part.UPPER_LASHES, Part.LOWER_LASHES},
        "Eyelashes right": {Part.UPPER_LASHES, Part.LOWER_LASHES},
    }
    ranges = dict(
        zip(case.file["region_names"], case.file["region_vertex_first_last"], strict=True)
    )
    for name, parts in expected.items():
        first, last = ranges[name]
        assert set(case.found.parts[first : last + 1]) == parts, name
    first, last = ranges["Teeth"]
    teeth, moved = case.found.parts[first : last + 1], case.jaw[first : last + 1]
    opened = np.linalg.norm(moved, axis=1) > 0.05
    assert np.array_equal(opened, teeth == Part.LOWER_TEETH)
