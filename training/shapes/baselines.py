"""What is simpler than a network: the figures it has to beat.

Each is fitted to the people of some folds and predicts a head that is none of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from facial_retarget.core.mesh import FaceMesh, Floats
from facial_retarget.core.shapes.alignment import FaceFrame

from .arrays import Array
from .attachment import Attachment
from .deformation_transfer import DeformationTransfer
from .families import PeopleFamily

_COMPONENTS: Final = 20
_RIDGE: Final = 1.0  # in units of a component's own variance
_ALIGNING_ROUNDS: Final = 12
_ALIGNING_POINTS: Final = 400


@dataclass(frozen=True, eq=False)
class Examples:
    """People to learn from.

    neutrals: (p, n, 3). deltas: (p, shapes, n, 3), metres. triangles: (t, 3).
    """

    neutrals: Floats
    deltas: Floats
    triangles: Array

    @classmethod
    def of(cls, family: PeopleFamily, names: Sequence[str]) -> "Examples":
        """Gather some of a family's people."""
        people = [family.person(name) for name in names]
        return cls(
            np.stack([person.vertices for person in people]),
            np.stack([person.deltas for person in people]),
            family.triangles,
        )


# Takes vertices in the examples' topology, returns (shapes, n, 3).
Corresponding = Callable[[Floats], Floats]


def mean_delta(examples: Examples) -> Corresponding:
    """Copy the average person's displacements."""
    mean = examples.deltas.mean(axis=0)
    return lambda _vertices: mean


def nearest_person(examples: Examples) -> Corresponding:
    """Copy the displacements of the person whose neutral face is closest."""
    centered = _centered(examples.neutrals)

    def predict(vertices: Floats) -> Floats:
        away = np.linalg.norm(centered - _centered(vertices[None]), axis=2).mean(axis=1)
        nearest: Floats = examples.deltas[away.argmin()]
        return nearest

    return predict


def ridge(examples: Examples) -> Corresponding:
    """Regress the displacements on principal components of the neutral faces."""
    centered = _centered(examples.neutrals)
    mean = centered.mean(axis=0)
    flat = (centered - mean).reshape(len(centered), -1)
    left, strengths, right = np.linalg.svd(flat, full_matrices=False)
    count = min(_COMPONENTS, int((strengths > 1e-5 * strengths[0]).sum()))
    codes = left[:, :count] * np.sqrt(len(flat))  # unit variance
    average = examples.deltas.mean(axis=0)
    gains = np.linalg.solve(codes.T @ codes + _RIDGE * len(flat) * np.eye(count), codes.T)
    residuals = (examples.deltas - average).reshape(len(flat), -1)
    slopes = gains.astype(np.float32) @ residuals

    def predict(vertices: Floats) -> Floats:
        away = (_centered(vertices[None])[0] - mean).ravel()
        code = right[:count] @ away / strengths[:count] * np.sqrt(len(flat))
        moved: Floats = (code.astype(np.float32) @ slopes).reshape(average.shape)
        return np.asarray(average + moved)

    return predict


def deformation_transfer(examples: Examples) -> Corresponding:
    """Transfer the average person's deformations, triangle by triangle."""
    source, deltas = examples.neutrals.mean(axis=0), examples.deltas.mean(axis=0)
    return lambda vertices: DeformationTransfer(source, vertices, examples.triangles)(deltas)


# By the name in the table; all are given the true correspondence.
CORRESPONDING: Final[Mapping[str, Callable[[Examples], Corresponding]]] = {
    "deformation transfer from the mean head": deformation_transfer,
    "mean delta": mean_delta,
    "nearest person": nearest_person,
    "ridge on 20 identity components": ridge,
}


def closest_point_copy(examples: Examples) -> Callable[[FaceMesh], Floats]:
    """Copy the average person's displacements from where its surface is closest.

    Nothing tells which vertex is which: the mesh is brought onto the mean head by the iterative
    closest point method, with one scale.
    """
    neutral, deltas = examples.neutrals.mean(axis=0), examples.deltas.mean(axis=0)
    surface = FaceMesh(neutral.astype(np.float32), examples.triangles)

    def predict(mesh: FaceMesh) -> Floats:
        frame = _aligned(mesh, surface)
        places = Attachment.closest(frame.to_face(mesh.vertices), surface)
        copied: Floats = frame.turned_to_mesh(places.carry(deltas)) * np.float32(frame.scale)
        return copied

    return predict


def _aligned(mesh: FaceMesh, surface: FaceMesh) -> FaceFrame:
    rng = np.random.default_rng(0)
    count = min(_ALIGNING_POINTS, len(mesh.vertices))
    sample = mesh.vertices[rng.choice(len(mesh.vertices), count, replace=False)]
    shift = mesh.vertices.mean(axis=0) - surface.vertices.mean(axis=0)
    frame = FaceFrame(np.eye(3, dtype=np.float32), shift, 1.0)
    for _ in range(_ALIGNING_ROUNDS):
        close = Attachment.closest(frame.to_face(sample), surface).carry(surface.vertices)
        frame = FaceFrame.fitted(sample, close)
    return frame


def _centered(neutrals: Floats) -> Floats:
    centered: Floats = neutrals - neutrals.mean(axis=1, keepdims=True)
    return centered
