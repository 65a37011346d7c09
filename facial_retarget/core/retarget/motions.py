"""The ways in which a character's controls move its face, as fields on its surface."""

import math
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

from ..mesh import FaceMesh, Floats
from .controls import Control, ProbedRig

# Of the distance that the strongest motion moves its vertices: below that a control moves nothing.
_NOTHING: Final = 1e-3
# Cosine of what raises and what lowers a control, from which on the one is the other reversed; of a
# smooth one, whose ends differ because it bends, from which on a line fits both well enough.
_STRAIGHT: Final = -0.98
_NEARLY: Final = -0.6
# Triangles without an area still have vertices to be moved.
_LEAST_AREA: Final = 1e-12
_NUMBERS: Final = ("rest", "far", "least", "greatest")


@dataclass(frozen=True)
class Motion:
    """One way in which a control moves the face, in shares of the way from `rest` to `far`.

    least, greatest: the values that the control may take on this way. A control that moves the
    face to and fro along one line is one motion with shares below 0; one that does another thing
    when it is lowered than when it is raised is two, of which only one is at work at a time.
    """

    control: str
    rest: float
    far: float
    least: float
    greatest: float

    @property
    def way(self) -> float:
        """How much the control changes for a share of 1."""
        return self.far - self.rest

    @property
    def shares(self) -> tuple[float, float]:
        """The least and the greatest share."""
        ends = (self.least - self.rest) / self.way, (self.greatest - self.rest) / self.way
        return min(ends), max(ends)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        """Restore what dataclasses.asdict gave. Raises ValueError for what is no motion."""
        motion = cls(str(data["control"]), *(float(data[name]) for name in _NUMBERS))
        numbers = [getattr(motion, name) for name in _NUMBERS]
        if not all(map(math.isfinite, numbers)) or motion.way == 0:
            raise ValueError("a motion goes nowhere")
        return motion


@dataclass(frozen=True, eq=False)
class MovedSurface:
    """What the motions of a character do to its surface.

    fields: (m, 3n) displacements in metres, each vertex weighted by the root of its share of the
    face's area, so that a product of two fields is the mean over the surface. still: the controls
    that move nothing. weights: (n,) those of the vertices.
    """

    motions: tuple[Motion, ...]
    fields: Floats
    still: frozenset[str]
    weights: Floats

    @property
    def sizes(self) -> Floats:
        """(m,) how far each motion moves the surface, in metres: the root of the mean square."""
        sizes: Floats = np.linalg.norm(self.fields, axis=1)
        return sizes

    @property
    def displacements(self) -> Floats:
        """(m, n, 3) metres; zero for vertices that no triangle holds."""
        weights = np.where(self.weights > 0, self.weights, np.inf)
        moved: Floats = self.fields.reshape(len(self.motions), len(weights), 3) / weights[:, None]
        return moved

    @classmethod
    def of(cls, rig: ProbedRig, weights: Floats) -> Self:
        """Take a probe and the (n,) weights of its vertices."""
        raised, lowered = (weighted_fields(fields, weights) for fields in (rig.raised, rig.lowered))
        sizes = np.array([np.linalg.norm(fields, axis=1) for fields in (raised, lowered)])
        moves = sizes > _NOTHING * sizes.max(initial=0.0)
        motions: list[Motion] = []
        fields: list[Floats] = []
        for number, control in enumerate(rig.controls):
            up, down = moves[:, number] & [
                control.greatest > control.rest,
                control.least < control.rest,
            ]
            limit = _NEARLY if control.name in rig.smooth else _STRAIGHT
            if up and down and _cosine(raised[number], lowered[number]) < limit:
                motions.append(_motion(control, control.greatest, *control.limits))
                fields.append(_along(control, raised[number], lowered[number]))
                continue
            if up:
                motions.append(_motion(control, control.greatest, control.rest, control.greatest))
                fields.append(raised[number])
            if down:
                motions.append(_motion(control, control.least, control.least, control.rest))
                fields.append(lowered[number])
        moving = {motion.control for motion in motions}
        return cls(
            tuple(motions),
            np.array(fields, np.float32).reshape(len(motions), raised.shape[1]),
            frozenset(rig.names) - moving,
            weights,
        )


def _motion(control: Control, far: float, least: float, greatest: float) -> Motion:
    return Motion(control.name, control.rest, far, least, greatest)


def _along(control: Control, raised: Floats, lowered: Floats) -> Floats:
    """Return the (3n,) displacement for a share of 1 on the line that is parallel to both ends.

    It is the central difference: what bends the same way at both ends, as an arc does, drops out.
    """
    share = np.float32((control.greatest - control.rest) / (control.greatest - control.least))
    line: Floats = (raised - lowered) * share
    return line


def area_weights(face: FaceMesh) -> Floats:
    """Return (n,) the root of each vertex's share of the surface."""
    corners = face.vertices[face.triangles].astype(np.float64)
    areas = np.linalg.norm(
        np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
    )
    each = np.bincount(face.triangles.ravel(), np.repeat(areas, 3), minlength=len(face.vertices))
    shares: Floats = np.sqrt(each / max(each.sum(), _LEAST_AREA)).astype(np.float32)
    return shares


def weighted_fields(fields: Floats, weights: Floats) -> Floats:
    """Return (f, 3n) of (f, n, 3) displacements and (n,) weights."""
    weighted: Floats = (fields * weights[:, None]).reshape(len(fields), -1)
    return weighted


def _cosine(first: Floats, second: Floats) -> float:
    sizes = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / sizes if sizes else 0.0
