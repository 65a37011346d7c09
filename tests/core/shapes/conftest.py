"""Heads of several makers, to find faces on."""

from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.mesh import FaceMesh, Floats, Integers
from facial_retarget.demo.makehuman import Identity, MakeHuman

# Files that keep Y up and the face towards +Z, turned to Blender's axes.
_UPRIGHT = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], np.float32)


def triangulated(faces: Integers) -> Integers:
    """Cut (f, 3 or 4) faces, padded with -1, into triangles."""
    if faces.shape[1] == 3:
        return faces.astype(np.int32)
    first, second = faces[:, [0, 1, 2]], faces[faces[:, 3] >= 0][:, [0, 2, 3]]
    return np.concatenate([first, second]).astype(np.int32)


def _arrays(file: Path) -> dict[str, Floats]:
    if not file.is_file():
        pytest.skip(f"{file.name} of the folder ../shared/data is not on this machine")
    with np.load(file, allow_pickle=False) as data:
        return {name: data[name] for name in data.files if "delta" not in name}


@pytest.fixture(scope="session")
def ict_head(shared: Path) -> FaceMesh:
    """ICT-FaceKit's mean head, in cm, with eyeballs and teeth."""
    data = _arrays(shared / "data" / "ict_facekit.npz")
    return FaceMesh(data["neutral"] @ _UPRIGHT.T, triangulated(data["faces"]))


@pytest.fixture(scope="session")
def valid_heads(shared: Path) -> list[FaceMesh]:
    """Thirty people of one topology, in metres, eyes and mouth sewn into one surface."""
    data = _arrays(shared / "data" / "valid_heads_dev.npz")
    return [FaceMesh(points @ _UPRIGHT.T, data["faces"]) for points in data["neutral"]]


@pytest.fixture(scope="session")
def vitruvian_head(shared: Path) -> FaceMesh:
    """CharMorph's Vitruvian, in metres, with eyes, teeth and tongue."""
    data = _arrays(shared / "data" / "vitruvian_head.npz")
    return FaceMesh(data["neutral"], triangulated(data["faces"]))


@pytest.fixture(scope="session")
def makehuman_heads(assets: Path) -> dict[str, FaceMesh]:
    """MakeHuman people from child to old, in metres, with eyes, teeth, tongue and lashes."""
    maker = MakeHuman(assets)
    people = {
        name: Identity(name, {f"caucasian-{name}": 1.0})
        for name in ("female-young", "male-old", "female-child")
    }
    return {name: _joined(maker, person) for name, person in people.items()}


def _joined(maker: MakeHuman, person: Identity) -> FaceMesh:
    parts = maker.head(person).parts.values()
    return FaceMesh.joined((part.name, part.vertices, triangulated(part.faces)) for part in parts)
