"""MakeHuman people whose registration is known exactly: they share the template's topology."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.mesh import FaceMesh, Floats
from facial_retarget.core.shapes.alignment import FaceFrame
from facial_retarget.core.shapes.anatomy import Anatomy, find_anatomy
from facial_retarget.core.shapes.edges import Indices
from facial_retarget.core.shapes.registration import Part, Registration
from facial_retarget.core.shapes.template import Template
from facial_retarget.demo.makehuman import Identity, MakeHuman

PIECES = (
    "skin",
    "eye_left",
    "eye_right",
    "upper_teeth",
    "lower_teeth",
    "tongue",
    "lashes",
)
PEOPLE = {
    "child": {"asian-female-child": 1.0},
    "young": {"african-female-young": 1.0},
    "old": {"caucasian-male-old": 1.0},
}


@dataclass(frozen=True, eq=False)
class Person:
    """A head, its true registration and its maker's own deltas of the skin, in face space."""

    mesh: FaceMesh
    registration: Registration
    anatomy: Anatomy
    raw: Floats

    def delta(self, channel: str) -> Floats:
        """A fresh copy of the maker's delta."""
        return self.raw[ARKIT_CHANNELS.index(channel)].copy()

    def rows(self, part: Part) -> Indices:
        """The vertices of a part."""
        return np.flatnonzero(self.registration.parts == part)


@pytest.fixture(scope="session")
def person(assets: Path) -> Callable[[str], Person]:
    """The people by name: child, young, old."""
    maker, known = MakeHuman(assets), {}

    def build(name: str) -> Person:
        if name not in known:
            known[name] = _person(maker, Identity(name, PEOPLE[name]))
        return known[name]

    return build


def _person(maker: MakeHuman, identity: Identity) -> Person:
    head, template = maker.head(identity), Template.load()
    pieces = [head.parts[name] for name in PIECES]
    mesh = FaceMesh.joined(
        (
            piece.name,
            piece.vertices,
            np.concatenate([piece.faces[:, :3], piece.faces[:, [0, 2, 3]]]).astype(np.int32),
        )
        for piece in pieces
    )
    eyes = np.stack([head.joints["l-eye"], head.joints["r-eye"]])
    size = float(np.linalg.norm(eyes[0] - eyes[1]))
    frame = FaceFrame(np.eye(3, dtype=np.float32), eyes.mean(axis=0), size)
    registration = Registration(
        frame=frame,
        points=frame.to_face(mesh.vertices),
        canonical=template.vertices,
        parts=template.parts,
        sides=template.sides,
        distance=np.zeros(len(mesh.vertices), np.float32),
        mouth_depth=np.zeros(len(mesh.vertices), np.float32),
    )
    raw = np.zeros((len(ARKIT_CHANNELS), len(mesh.vertices), 3), np.float32)
    for channel, delta in pieces[0].deltas.items():
        raw[ARKIT_CHANNELS.index(channel), : len(delta)] = delta / np.float32(size)
    return Person(mesh, registration, find_anatomy(mesh, registration), raw)
