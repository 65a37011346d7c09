"""The jaw as a rigid bone: lower teeth and tongue move with it, as the chin's skin shows."""

from typing import Final

import numpy as np

from ..channels import ARKIT_CHANNELS, JAW_CHANNELS
from ..mesh import Floats
from .edges import Indices
from .eyes import rotation_matrix
from .neighbors import Neighbors
from .registration import Part, Registration
from .template import Template

# Of the channels in which the jaw moves, among all.
JAW_NUMBERS: Final = np.array([ARKIT_CHANNELS.index(channel) for channel in JAW_CHANNELS])
JAW_PARTS: Final = (Part.LOWER_TEETH, Part.TONGUE)
# The hinge on the template: where MakeHuman's jaw bone begins, below and before the ears.
_HINGE: Final = (0.0, 0.99, -0.54)
# The chin's skin moves at least this share of what any skin does when the jaw opens.
_CHIN: Final = 0.85
_EXPRESSIVE: Final = 0.5  # reach of the skin from which the hinge's place is told
_FEWEST_VERTICES: Final = 4


def jaw_motion(
    registration: Registration, template: Template, deltas: Floats, rows: Indices
) -> Floats | None:
    """Return how (r,) vertices fixed to the jaw move, (JAW_CHANNELS, r, 3); None without a chin.

    deltas: (channels, n, 3) in face space, in the order of ARKIT_CHANNELS, those of the skin made.
    """
    chin = chin_vertices(registration, template)
    if not len(rows) or len(chin) < _FEWEST_VERTICES:
        return None
    hinge = _hinge(registration, template)
    points, chin_points = registration.points[rows], registration.points[chin]
    moved = np.zeros((len(JAW_CHANNELS), len(rows), 3), np.float32)
    for number, channel in enumerate(JAW_CHANNELS):
        delta = deltas[ARKIT_CHANNELS.index(channel), chin]
        angle = _opening_angle(chin_points - hinge, delta) if channel == "jawOpen" else 0.0
        turn = rotation_matrix(np.array([1, 0, 0], np.float32), angle)
        # The hinge tells how far the jaw turns; where it goes is what the chin shows.
        turned = (points - chin_points.mean(axis=0)) @ (turn.T - np.eye(3, dtype=np.float32))
        moved[number] = turned + delta.mean(axis=0)
    return moved


def move_jaw_parts(registration: Registration, template: Template, deltas: Floats) -> None:
    """Let lower teeth and tongue follow the chin where the jaw moves, and lie still elsewhere.

    deltas: (channels, n, 3) in face space, in the order of ARKIT_CHANNELS, those of the skin
    made; changed in place.
    """
    parts = np.flatnonzero(np.isin(registration.parts, JAW_PARTS))
    motion = jaw_motion(registration, template, deltas, parts)
    if motion is not None:
        deltas[np.ix_(JAW_NUMBERS, parts)] = motion


def chin_vertices(registration: Registration, template: Template) -> Indices:
    """Return the vertices of the chin's skin, which lies close on the bone."""
    skin = slice(0, template.skin_count)
    length = np.linalg.norm(template.deltas[template.shapes.index("jawOpen"), skin], axis=1)
    outside = ~template.inside[skin].astype(bool)
    of_chin = outside & (length > _CHIN * length[outside].max())
    rows = _skin_within(registration, template.vertices[skin][of_chin])
    if not len(rows):
        return rows
    neighbors = Neighbors(template.vertices[skin])
    nearest, _ = neighbors.nearest(registration.canonical[rows], 1)
    chin: Indices = rows[of_chin[nearest[:, 0]]]
    return chin


def _hinge(registration: Registration, template: Template) -> Floats:
    """Carry the hinge to the mesh by the affine map that fits its face best."""
    skin = slice(0, template.skin_count)
    expressive = template.reach[skin] > _EXPRESSIVE
    face = _skin_within(registration, template.vertices[skin][expressive])
    system = np.column_stack([registration.canonical[face], np.ones(len(face))])
    solution = np.linalg.lstsq(system, registration.points[face], rcond=None)[0]
    hinge: Floats = (np.array([*_HINGE, 1.0]) @ solution).astype(np.float32)
    return hinge


def _skin_within(registration: Registration, points: Floats) -> Indices:
    """Return the vertices of the skin in the box round some points of the template."""
    low, high = points.min(axis=0), points.max(axis=0)
    within = ((registration.canonical >= low) & (registration.canonical <= high)).all(axis=1)
    return np.flatnonzero(within & (registration.parts == Part.SKIN))


def _opening_angle(chin: Floats, delta: Floats) -> float:
    """Return the angle (radians) about X through the hinge that fits the chin's motion best."""
    moved = chin + delta
    across = chin[:, 1] * moved[:, 2] - chin[:, 2] * moved[:, 1]
    along = chin[:, 1] * moved[:, 1] + chin[:, 2] * moved[:, 2]
    return float(np.arctan2(across.sum(), along.sum()))
