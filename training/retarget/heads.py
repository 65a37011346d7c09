"""Heads of known shapes, made ready to be painted and filmed."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.mesh import Floats, Integers
from facial_retarget.core.shapes.alignment import FaceFrame
from facial_retarget.core.shapes.generate import generate_shapes
from facial_retarget.core.shapes.landmark_table import line
from facial_retarget.core.shapes.landmarks import find_landmarks
from facial_retarget.core.shapes.raster import Camera, render
from facial_retarget.core.shapes.template import Template

from ..shapes.arrays import Array, Mask
from ..shapes.families import Family, Person, makehuman, valid
from .eyeballs import BALL_VERTICES, IRIS, Eyeball, ball_angles, ball_triangles
from .parts import HeadParts
from .raster import EYE, PLAIN, SKIN, Paint
from .subdivision import catmull_clark
from .texture import FaceMasks, Look, draw_look, texture_places

SIDES: Final = ("left", "right")

_WHITE: Final = (0.66, 0.62, 0.58)
_IRISES: Final = np.array(
    [(0.1, 0.045, 0.018), (0.035, 0.015, 0.008), (0.045, 0.075, 0.105), (0.06, 0.08, 0.03)]
)
# In distances between the eyes.
_HIDDEN: Final = 0.045  # so far behind what the front shows lies the inside
_BACK: Final = 0.35  # what lies farther back is not painted
_FACE_REACH: Final = 0.22  # of the texture, from its middle: mouth, eyes and nostrils lie within
_HAIRY: Final = 0.75  # share of the people with hair


@dataclass(frozen=True, eq=False)
class FilmedHead:
    """Somebody's head in metres and Blender's axes, with ARKit's shapes and colours.

    deltas: (52, n, 3). known: (52,) the channels that its maker has something for. center: between
    the eyes. scale: metres between them.
    """

    name: str
    vertices: Floats
    triangles: Integers
    deltas: Floats
    known: Mask
    paint: Paint
    center: Floats
    scale: float

    def posed(self, weights: Floats) -> Floats:
        """Return (n, 3) vertices at (52,) weights."""
        used = np.flatnonzero(weights)
        posed: Floats = self.vertices + np.tensordot(weights[used], self.deltas[used], axes=1)
        return posed


class Studio:
    """A maker's heads, prepared once for all who share their topology."""

    def __init__(self, family: Family) -> None:
        """Find the face on the maker's average head, and the parts that are to be painted."""
        self.family = family
        self._parts = HeadParts.of(family)
        mean = family.average()
        landmarks = find_landmarks(family.mesh(mean)).points
        frame = FaceFrame.fitted(landmarks, Template.load().landmarks)
        points = frame.to_face(mean.vertices)
        wanted = frame.to_face(landmarks)
        self._nearest = np.array([np.square(points - place).sum(1).argmin() for place in wanted])
        self._lids = {
            side: self._nearest[[*line(f"lid_upper_{side}"), *line(f"lid_lower_{side}")]]
            for side in SIDES
        }
        self._surface = _Surface(family, self._parts.drawn)
        self._painted = _Painted(self._surface, family, points, FaceMasks.of(wanted))

    def landmark_points(self, person: Person) -> Floats:
        """Return (468, 3) points of a person's mesh near the landmarks."""
        points: Floats = person.vertices[self._nearest]
        return points

    def landmarks_of(self, person: Person, deltas: Floats) -> tuple[Floats, Floats]:
        """Return all 478 landmarks on a person's head, and how (52, n, 3) shapes move them."""
        points, moved = [person.vertices[self._nearest]], [deltas[:, self._nearest]]
        for side in ("right", "left"):  # in the order of the tracker's irises
            eye = self._eyeball(person, deltas, side)
            points.append(eye.vertices[IRIS])
            moved.append(eye.deltas[:, IRIS])
        return np.concatenate(points), np.concatenate(moved, axis=1)

    def head(
        self, person: Person, rng: np.random.Generator, *, generated: bool = False
    ) -> FilmedHead:
        """Return a person with colours drawn at random.

        generated: with the shapes that the add-on makes for the head, not with the maker's.
        """
        paint = self._painted.paint(draw_look(self._painted.masks, rng), self._parts, rng)
        deltas, known = self.family.arkit.deltas(person.deltas), self.family.arkit.known
        if generated:
            deltas, known = _generated(self.family, person)
        eyes = [self._eyeball(person, deltas, side) for side in SIDES]
        middles = [person.vertices[self._lids[side]].mean(axis=0) for side in SIDES]
        first = self._surface.count
        balls = [ball_triangles() + first + side * BALL_VERTICES for side in range(len(SIDES))]
        return FilmedHead(
            person.name,
            np.concatenate([self._surface(person.vertices), *(eye.vertices for eye in eyes)]),
            np.concatenate([self._surface.triangles, *balls]).astype(np.int32),
            np.concatenate([self._surface.each(deltas), *(eye.deltas for eye in eyes)], axis=1),
            known,
            paint,
            (middles[0] + middles[1]) / 2,
            float(np.linalg.norm(middles[0] - middles[1])),
        )

    def _eyeball(self, person: Person, deltas: Floats, side: str) -> Eyeball:
        if side not in self._parts.eyes:
            return Eyeball.among_lids(person.vertices[self._lids[side]])
        own = self._parts.eyes[side]
        return Eyeball.of(person.vertices[own], deltas[:, own], side)


class _Surface:
    """What is drawn of a topology, MakeHuman's coarse one once subdivided."""

    def __init__(self, family: Family, drawn: Mask) -> None:
        self._drawn = np.flatnonzero(drawn)
        self._smooth: sparse.csr_matrix | None = None
        number = np.full(len(drawn), -1, np.int32)
        number[drawn] = np.arange(len(self._drawn))
        corners = family.triangles
        self.triangles: Integers = number[corners[drawn[corners].all(axis=1)]]
        if family.name == makehuman.NAME:
            # Its quads were split along one diagonal: the halves lie in two equal blocks.
            half = len(corners) // 2
            quads = np.column_stack([corners[:half], corners[half:, 2]])
            quads = number[quads[drawn[quads].all(axis=1)]]
            self._smooth, finer = catmull_clark(quads, len(self._drawn))
            self.triangles = np.concatenate([finer[:, [0, 1, 2]], finer[:, [0, 2, 3]]])

    @property
    def count(self) -> int:
        """How many vertices are drawn."""
        return len(self._drawn) if self._smooth is None else int(self._smooth.shape[0])

    def __call__(self, values: Array) -> Floats:
        """Bring (n, ...) values of the maker's vertices to those drawn."""
        drawn = values[self._drawn]
        smooth = drawn if self._smooth is None else self._smooth @ drawn
        return np.ascontiguousarray(smooth, np.float32)

    def each(self, deltas: Floats) -> Floats:
        """Bring (shapes, n, 3) displacements to the vertices drawn."""
        flat = deltas.transpose(1, 0, 2).reshape(deltas.shape[1], -1)
        drawn = self(flat).reshape(-1, len(deltas), 3)
        return np.ascontiguousarray(drawn.transpose(1, 0, 2))


class _Painted:
    """Where the vertices of a topology lie in the texture, and which lie inside the head."""

    def __init__(self, surface: _Surface, family: Family, points: Floats, masks: FaceMasks) -> None:
        self.masks = masks
        self._surface = surface
        self._kind = np.where(surface(family.skin) > 0.5, SKIN, PLAIN).astype(np.int32)
        points = surface(points)
        skin = self._kind == SKIN
        front = np.where(skin, _front(points, surface.triangles), 0).astype(np.float32)
        places = texture_places(points)
        self._places = np.column_stack([places, front]).astype(np.float32)
        within = (np.abs(places - 0.5) < _FACE_REACH).all(axis=1)
        self._inside = (skin & (front < 0.5) & within).astype(np.float32)
        self._hair = _hair_line(points)

    def paint(self, look: Look, parts: HeadParts, rng: np.random.Generator) -> Paint:
        """Lay a look on; two eyeballs follow the surface."""
        colors = np.tile(look.skin, (len(self._kind), 1))
        if rng.random() < _HAIRY:
            colors += self._hair[:, None] * (look.hair - colors)
        colors += self._inside[:, None] * (look.inside - colors)
        for members, color in parts.colors:
            share = np.zeros(len(parts.drawn), np.float32)
            share[members] = 1
            colors[self._surface(share) > 0.5] = color
        balls = np.zeros((len(SIDES) * BALL_VERTICES, 3), np.float32)
        balls[:, 0] = np.tile(ball_angles(), len(SIDES))
        whites = np.full_like(balls, rng.uniform(0.8, 1.15)) * np.array(_WHITE, np.float32)
        iris = _IRISES[rng.integers(len(_IRISES))] * rng.uniform(0.7, 1.6)
        angles = rng.uniform(6, 10), rng.uniform(18.5, 22.5)
        return Paint(
            np.concatenate([self._kind, np.full(len(balls), EYE, np.int32)]),
            np.concatenate([self._places, balls]),
            np.concatenate([colors, whites]).astype(np.float32),
            look.texture,
            np.array([*angles, *iris], np.float32),
            float(rng.uniform(0.0, 0.16)),
        )


def _generated(family: Family, person: Person) -> tuple[Floats, Mask]:
    """Return (52, n, 3) shapes of our own making, and (52,) which there are."""
    shapes = generate_shapes(family.mesh(person)).shapes
    deltas = np.zeros((len(ARKIT_CHANNELS), *person.vertices.shape), np.float32)
    known = np.zeros(len(ARKIT_CHANNELS), bool)
    for row, channel in enumerate(ARKIT_CHANNELS):
        has_eyes = family.name != valid.NAME or not channel.startswith("eyeLook")
        if channel in shapes.names and has_eyes:
            deltas[row], known[row] = shapes.delta(channel), True
    return deltas, known


def _front(points: Floats, triangles: Integers) -> Floats:
    """Return (n,) how much of the paint a vertex shows: 1 where the front is seen, 0 behind."""
    center, forward, up = np.array([(0, 0, -0.3), (0, 1, 0), (0, 0, 1)], np.float32)
    camera = Camera.looking_at(center, forward, up, 4.0, 512, 8.0)
    picture = render(points, triangles, camera)
    pixels, depth = camera.project(points)
    column, row = np.clip(pixels.astype(int), 0, 511).T
    hidden = depth - picture.depth[row, column] > _HIDDEN
    turned = np.clip((_BACK - points[:, 1]) / 0.3, 0, 1)
    return np.where(hidden, 0, turned).astype(np.float32)


def _hair_line(points: Floats) -> Floats:
    """Return (n,) how much of a vertex lies under hair."""
    _, y, z = points.T
    above = z - np.interp(y, [-0.6, 0.0, 0.4, 0.9, 1.6, 2.2], [1.15, 1.0, 0.6, 0.1, -0.6, -0.9])
    hair: Floats = np.clip(above / 0.15, 0, 1).astype(np.float32)
    return hair
