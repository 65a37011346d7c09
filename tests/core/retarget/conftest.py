"""A real head whose shapes are known: the template, in metres."""

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.mesh import FaceMesh, Floats
from facial_retarget.core.retarget import Control, ProbedRig
from facial_retarget.core.shapes.mesh_landmarks import MeshLandmarks
from facial_retarget.core.shapes.shape_set import ShapeSet
from facial_retarget.core.shapes.template import Template

_EYE_DISTANCE = 0.062  # metres


class Head:
    """The template as a character. own: what each ARKit channel moves, (n, 3) metres."""

    def __init__(self) -> None:
        template = Template.load()
        self.face = FaceMesh(template.vertices * np.float32(_EYE_DISTANCE), template.triangles)
        sure = np.ones(len(template.landmarks), np.float32)
        self.landmarks = MeshLandmarks(template.landmarks * np.float32(_EYE_DISTANCE), sure)
        deltas = template.deltas * np.float32(_EYE_DISTANCE)
        self.own: Mapping[str, Floats] = dict(zip(template.shapes, deltas, strict=True))
        self.shapes = ShapeSet(
            ARKIT_CHANNELS,
            np.stack([self.own[channel] for channel in ARKIT_CHANNELS]),
            np.ones(len(ARKIT_CHANNELS), np.float32),
            np.ones(len(self.face.vertices), np.float32),
        )

    def rig(self, keys: Mapping[str, Floats], least: float = 0.0) -> ProbedRig:
        """Return a rig with a shape key for each named field."""
        fields = np.stack(list(keys.values())).astype(np.float32)
        controls = tuple(Control(name, "shape key", least, 1.0) for name in keys)
        return ProbedRig(self.face, controls, fields, fields * np.float32(least))


@pytest.fixture(scope="session")
def head() -> Head:
    return Head()


@pytest.fixture(scope="session")
def turned(head: Head) -> Callable[[tuple[int, int, int], float, Floats, Floats], Floats]:
    """Return what turns vertices with weights about an axis through a point."""

    def turn(axis: tuple[int, int, int], angle: float, center: Floats, weights: Floats) -> Floats:
        arms = head.face.vertices - center
        along = np.array(axis, np.float32)
        across = np.cross(along, arms)
        moved = across * np.sin(angle) + np.cross(along, across) * (1 - np.cos(angle))
        field: Floats = (moved * weights[:, None]).astype(np.float32)
        return field

    return turn
