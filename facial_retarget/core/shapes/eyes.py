"""Eyeballs: where they are, how far out their surface reaches, and how they turn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..mesh import Floats
from .registration import Part, Registration

EYE_PARTS: Final[dict[str, Part]] = {"left": Part.LEFT_EYE, "right": Part.RIGHT_EYE}

# Degrees at weight 1. Makers go from 9 to 30; these keep an iris between the lids of most faces.
_LOOK_UP: Final = 20.0
_LOOK_ASIDE: Final = 25.0
_ACROSS: Final = (1, 0, 0)
_UPRIGHT: Final = (0, 0, 1)

_FEWEST_POINTS: Final = 8  # of which a sphere could be made
_SURFACE_POINTS: Final = 600  # enough to know an eyeball's surface, few enough to search
_MAP_ROWS: Final = 31  # of 6 degrees each; twice as many columns


@dataclass(frozen=True, eq=False)
class Eyeball:
    """A ball that lids slide on, not exactly round: the cornea stands out.

    center: (3,) in face space. radius: of the white. heights: (rows, columns) how far out the
    surface reaches, by the elevation and the azimuth of a direction.
    """

    center: Floats
    radius: float
    heights: Floats

    @classmethod
    def fitted(cls, points: Floats) -> "Eyeball":
        """Fit a ball to the (n, 3) vertices of an eye, whatever lies inside it or before it."""
        center, radius = _sphere(points)
        for _ in range(3):
            miss = np.abs(np.linalg.norm(points - center, axis=1) / radius - 1)
            close = miss <= max(0.05, float(np.quantile(miss, 0.5)))
            center, radius = _sphere(points[close])
        chosen = points[:: len(points) // _SURFACE_POINTS + 1] - center
        radii = np.linalg.norm(chosen, axis=1)
        outer = _outermost(chosen / np.maximum(radii, 1e-6)[:, None], radii)
        return cls(center, radius, _height_map(*outer))

    @classmethod
    def behind(cls, edges: Floats, radius: float) -> "Eyeball":
        """Guess a ball of a known size on which the (n, 3) edges of the lids lie."""
        center = edges.mean(axis=0) + np.array([0, 0.9 * radius, 0], np.float32)
        for _ in range(10):
            away = edges - center
            lengths = np.linalg.norm(away, axis=1)
            slopes = -away / lengths[:, None]
            # The ridge holds what a nearly flat ring of points leaves open.
            system = slopes.T @ slopes + 1e-2 * len(edges) * np.eye(3)
            center = center - np.linalg.solve(system, slopes.T @ (lengths - radius))
        return cls(center.astype(np.float32), radius, np.full((2, 2), radius, np.float32))

    def surface(self, directions: Floats) -> Floats:
        """Return how far from the centre the surface lies along (n, 3) unit directions."""
        rows, columns = self.heights.shape
        azimuth = np.arctan2(directions[:, 0], -directions[:, 1])
        elevation = np.arcsin(np.clip(directions[:, 2], -1, 1))
        row = (elevation / np.pi + 0.5) * (rows - 1)
        column = (azimuth / (2 * np.pi) + 0.5) * (columns - 1)
        low, left = (
            np.minimum(row.astype(int), rows - 2),
            np.minimum(column.astype(int), columns - 2),
        )
        up, right = (row - low).astype(np.float32), (column - left).astype(np.float32)
        lower = self.heights[low, left] * (1 - right) + self.heights[low, left + 1] * right
        upper = self.heights[low + 1, left] * (1 - right) + self.heights[low + 1, left + 1] * right
        heights: Floats = lower * (1 - up) + upper * up
        return heights


@dataclass(frozen=True, eq=False)
class EyeTurn:
    """How a channel turns an eyeball at weight 1, in face space.

    center: (3,). axis: (3,) unit. angle: degrees, by the right hand's rule. For a character whose
    eyes are turned as objects or by bones.
    """

    channel: str
    side: str
    center: Floats
    axis: Floats
    angle: float

    @property
    def rotation(self) -> Floats:
        """(3, 3) to be multiplied from the left with column vectors."""
        return rotation_matrix(self.axis, np.radians(self.angle))

    def displacement(self, points: Floats) -> Floats:
        """Return how far (n, 3) points of the eyeball move."""
        away = points - self.center
        turned: Floats = np.matmul(away, self.rotation.T)
        return turned - away


def eyeballs(registration: Registration) -> dict[str, Eyeball]:
    """Fit a ball to each eye that the mesh has."""
    found = {}
    for side, part in EYE_PARTS.items():
        points = registration.points[registration.parts == part]
        if len(points) >= _FEWEST_POINTS:
            found[side] = Eyeball.fitted(points)
    return found


def eye_turns(balls: Mapping[str, Eyeball]) -> tuple[EyeTurn, ...]:
    """Return the turn of every eyeLook channel for the eyes that `eyeballs` found."""
    turns = []
    for side, ball in balls.items():
        inwards = -1.0 if side == "left" else 1.0  # the left eye lies at +X
        for motion, axis, angle in (
            ("Up", _ACROSS, -_LOOK_UP),
            ("Down", _ACROSS, _LOOK_UP),
            ("In", _UPRIGHT, inwards * _LOOK_ASIDE),
            ("Out", _UPRIGHT, -inwards * _LOOK_ASIDE),
        ):
            channel = f"eyeLook{motion}{side.capitalize()}"
            turns.append(EyeTurn(channel, side, ball.center, np.array(axis, np.float32), angle))
    return tuple(turns)


def rotation_matrix(axis: Floats, angle: float) -> Floats:
    """Return the (3, 3) rotation by an angle in radians about a unit axis (Rodrigues)."""
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]], np.float64)
    turned = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    rotation: Floats = turned.astype(np.float32)
    return rotation


def _sphere(points: Floats) -> tuple[Floats, float]:
    """Fit a sphere by least squares: |p|^2 = 2 c p + (r^2 - c^2) is linear in its unknowns."""
    middle = points.mean(axis=0, dtype=np.float64)
    shifted = points - middle
    system = np.column_stack([2 * shifted, np.ones(len(points))])
    solution = np.linalg.lstsq(system, np.square(shifted).sum(axis=1), rcond=None)[0]
    center = solution[:3]
    radius = float(np.sqrt(max(solution[3] + center @ center, 1e-12)))
    return (center + middle).astype(np.float32), radius


def _outermost(directions: Floats, radii: Floats) -> tuple[Floats, Floats]:
    """Drop what lies behind something else: an iris behind its cornea, a pupil's hollow."""
    alike = directions @ directions.T
    cone = np.cos(np.radians(8.0))
    outer = np.where(alike > cone, radii[None, :], 0).max(axis=1)
    kept = radii >= 0.97 * outer
    return directions[kept], radii[kept]


def _height_map(directions: Floats, radii: Floats) -> Floats:
    """Return the surface on a grid of directions, from the three nearest points to each."""
    elevation = np.linspace(-np.pi / 2, np.pi / 2, _MAP_ROWS)[:, None]
    azimuth = np.linspace(-np.pi, np.pi, 2 * _MAP_ROWS)[None, :]
    grid = np.stack(
        np.broadcast_arrays(
            np.cos(elevation) * np.sin(azimuth),
            -np.cos(elevation) * np.cos(azimuth),
            np.sin(elevation),
        ),
        axis=-1,
    ).astype(np.float32)
    alike = grid.reshape(-1, 3) @ directions.T
    nearest = np.argpartition(-alike, 2, axis=1)[:, :3]
    weights = 1 / (1 - np.take_along_axis(alike, nearest, axis=1) + 1e-4)
    means = (weights * radii[nearest]).sum(axis=1) / weights.sum(axis=1)
    heights: Floats = means.reshape(grid.shape[:2]).astype(np.float32)
    return heights
