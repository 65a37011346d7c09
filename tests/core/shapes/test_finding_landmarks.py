"""Landmarks are found on bare heads of any maker."""

import numpy as np
import pytest

from facial_retarget.core.mesh import FaceMesh
from facial_retarget.core.shapes.landmarks import find_landmarks

pytestmark = pytest.mark.usefixtures("face_model")


@pytest.mark.parametrize("name", ["female-young", "male-old", "female-child"])
def test_a_head_of_makehuman_is_found(makehuman_heads: dict[str, FaceMesh], name: str) -> None:
    head = makehuman_heads[name]
    found = find_landmarks(head)
    nose, left_eye, right_eye, chin = found.points[[4, 386, 159, 152]]
    assert nose[1] < min(left_eye[1], right_eye[1], chin[1])
    assert left_eye[0] > nose[0] > right_eye[0]
    assert left_eye[2] > nose[2] > chin[2]
    assert np.median(found.confidence) > 0.5
