"""Heads of several makers with what they were built as, and their landmarks."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.mesh import FaceMesh, Floats, Integers
from facial_retarget.core.shapes.mesh_landmarks import MeshLandmarks
from facial_retarget.core.shapes.neighbors import closest
from facial_retarget.core.shapes.template import Template
from facial_retarget.demo.makehuman import Identity, MakeHuman

# The parts of the template, in its order; lashes are one part there.
PIECES = ("skin", "eye_left", "eye_right", "upper_teeth", "lower_teeth", "tongue", "lashes")


@dataclass(frozen=True, eq=False)
class Head:
    """A head, its landmarks and the maker's own displacement of each vertex for some channels."""

    mesh: FaceMesh
    landmarks: MeshLandmarks
    deltas: dict[str, Floats]


def cut(quads: Integers) -> Integers:
    """Cut quads into triangles."""
    return np.concatenate([quads[:, :3], quads[:, [0, 2, 3]]]).astype(np.int32)


@pytest.fixture(scope="session")
def makehuman(assets: Path) -> MakeHuman:
    return MakeHuman(assets)


@pytest.fixture(scope="session")
def person(makehuman: MakeHuman) -> Callable[..., Head]:
    """Build a MakeHuman person; the template's topology tells where the landmarks lie."""
    template = Template.load()
    anchors = closest(template.vertices[: template.skin_count], template.landmarks)

    def built(macro: str, **details: float) -> Head:
        head = makehuman.head(Identity(macro, {macro: 1.0}, details))
        parts = [head.parts[name] for name in PIECES]
        mesh = FaceMesh.joined((part.name, part.vertices, cut(part.faces)) for part in parts)
        marks = MeshLandmarks(mesh.vertices[anchors], np.ones(len(anchors), np.float32))
        deltas = {
            channel: np.concatenate(
                [part.deltas.get(channel, np.zeros_like(part.vertices)) for part in parts]
            )
            for channel in ("jawOpen", "eyeBlinkLeft", "eyeBlinkRight")
        }
        return Head(mesh, marks, deltas)

    return built


@pytest.fixture(scope="session")
def woman(person: Callable[..., Head]) -> Head:
    return person("caucasian-female-young")
