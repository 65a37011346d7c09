"""Tiny families whose figures can be known beforehand."""

from collections.abc import Callable

import numpy as np
import pytest

SIDE = 8


def _sheet() -> tuple[np.ndarray, np.ndarray]:
    """A bumpy sheet, metres, about as large as a face."""
    x, y = np.meshgrid(np.linspace(0, 1, SIDE + 1), np.linspace(0, 1, SIDE + 1))
    first = (np.arange(SIDE)[:, None] * (SIDE + 1) + np.arange(SIDE)).ravel()
    a, b, c, d = first, first + 1, first + SIDE + 2, first + SIDE + 1
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    points = np.stack([x, y, 0.2 * np.sin(3 * x) * np.cos(2 * y)], axis=-1).reshape(-1, 3)
    return (0.2 * points).astype(np.float32), triangles.astype(np.int32)


@pytest.fixture
def people() -> object:
    """Ten people of one topology, each with two shapes of its own."""
    pytest.importorskip("scipy")
    from training.shapes.families import PeopleFamily

    vertices, triangles = _sheet()
    rng = np.random.default_rng(3)
    names = tuple(f"person{number}" for number in range(10))
    heads = vertices + rng.normal(0, 0.002, (10, 1, 3)) * np.linspace(0, 1, len(vertices))[:, None]
    deltas = rng.normal(0, 3, (10, 2, 1, 3)) * np.linspace(0, 1, len(vertices))[:, None]
    return PeopleFamily(
        name="valid",
        licence="CC0",
        triangles=triangles,
        skin=np.ones(len(vertices), bool),
        shape_names=("jawOpen", "mouthPucker"),
        names=names,
        vertices=heads.astype(np.float32),
        deltas_mm=deltas.astype(np.float16),
        groups={name: name for name in names},
    )


@pytest.fixture
def family_of_faces() -> Callable[[str, int], object]:
    """Makes a family whose heads are the Face Landmarker's own canonical face, moved a little."""
    pytest.importorskip("scipy")
    from scipy.spatial import Delaunay

    from facial_retarget.core.shapes.landmark_table import canonical_face
    from training.shapes.families import ModalFamily
    from training.shapes.families.draws import standard_normal

    neutral = canonical_face().astype(np.float32)

    def family(name: str, seed: int) -> ModalFamily:
        rng = np.random.default_rng(seed)
        return ModalFamily(
            name=name,
            licence="CC0",
            triangles=Delaunay(neutral[:, [0, 2]]).simplices.astype(np.int32),
            skin=np.ones(len(neutral), bool),
            shape_names=("jawOpen", "mouthPucker", "mine"),
            neutral=neutral,
            mode_names=("wide",),
            modes=0.05 * neutral[None],
            deltas=rng.normal(0, 1, (3, 1, 3)).astype(np.float32) * neutral,
            draw=standard_normal,
        )

    return family
