"""Lids of a cartoon's eyes, which open farther than the Face Landmarker believes."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.shapes.heads import MakerHead, makehuman_heads
from benchmarks.shapes.lids import measure
from facial_retarget.core.mesh import FaceMesh
from facial_retarget.core.shapes.generate import generate_shapes
from facial_retarget.core.shapes.landmark_table import line
from facial_retarget.core.shapes.landmarks import find_landmarks
from facial_retarget.core.shapes.register import register
from facial_retarget.core.shapes.template import Template
from facial_retarget.demo.makehuman import MakeHuman, identity

pytestmark = [pytest.mark.usefixtures("face_model"), pytest.mark.slow]

NAMES = ("skin", "eye_left", "eye_right")


def test_landmarks_of_large_eyes_lie_on_their_lids(assets: Path) -> None:
    maker = MakeHuman(assets)
    head = maker.head(identity("Pip"))
    parts = [(name, head.parts[name]) for name in NAMES]
    mesh = FaceMesh.joined(
        (name, part.vertices, np.concatenate([part.faces[:, :3], part.faces[:, [0, 2, 3]]]))
        for name, part in parts
    )
    landmarks, skin = find_landmarks(mesh).points, head.parts["skin"]
    unit = np.linalg.norm(head.joints["l-eye"] - head.joints["r-eye"])
    for side, lids in maker.lid_lines.items():
        for lid, lines in lids.items():
            edge = skin.vertices[np.searchsorted(skin.base_vertices, np.concatenate(lines))]
            found = landmarks[line(f"lid_{lid}_{side}")[1:-1]]
            away = np.linalg.norm(found[:, None] - edge, axis=2).min(axis=1) / unit
            assert np.median(away) < 0.06, (side, lid)
            assert away.max() < 0.13, (side, lid)


@pytest.fixture(scope="module")
def pip(assets: Path) -> MakerHead:
    return next(head for head in makehuman_heads(assets) if head.name == "Pip")


def test_large_eyes_close(pip: MakerHead) -> None:
    shapes = generate_shapes(pip.mesh).shapes
    keys = dict(zip(shapes.names, shapes.deltas, strict=True))
    for lids in measure([pip], lambda _: keys):
        assert lids.gap < 0.03, lids
        assert lids.depth < 0.01, lids


def test_lids_of_large_eyes_lie_on_those_of_the_template(pip: MakerHead) -> None:
    # The template is a head of the same maker: its vertices are the same ones.
    template, registration = Template.load(), register(pip.mesh, find_landmarks(pip.mesh))
    for side, lids in template.lids.items():
        edge = np.concatenate([lids["upper"][8:-2], lids["lower"][3:-1]])
        away = np.linalg.norm(registration.canonical[edge] - template.vertices[edge], axis=1)
        assert away.mean() < 0.06, side
        assert np.array_equal(registration.sides[edge], template.sides[edge]), side
