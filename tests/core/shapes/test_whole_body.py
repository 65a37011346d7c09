"""A character whose head and body are one mesh."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.shapes.landmark_sweep import BODY, makehuman_body
from facial_retarget.core.shapes.generate import generate_shapes

pytestmark = [pytest.mark.usefixtures("face_model"), pytest.mark.slow]

NECK = 6.0  # decimetres above the middle of the body


@pytest.mark.skipif(not BODY.is_file(), reason="`make setup` gets the body")
def test_a_whole_body_gets_shapes_that_move_its_head_alone(assets: Path) -> None:
    body = makehuman_body()
    shapes = generate_shapes(body).shapes
    below = body.vertices[:, 1] < NECK
    assert below.sum() > 0.5 * len(below)
    assert not shapes.deltas[:, below].any()
    opened = np.linalg.norm(shapes.delta("jawOpen"), axis=1)
    chin = body.vertices[opened.argmax()]
    assert NECK < chin[1] < 7.5
    assert abs(chin[0]) < 0.5
