"""Draws triangles without a graphics card: which one each pixel shows, where, how far away."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..mesh import Floats, Integers

BACKGROUND: Final = -1

_FRAGMENTS: Final = 1 << 21  # candidates looked at in one go: bounds the memory to some 150 MB
_EDGE: Final = -1e-5  # a share this far below zero still counts: no gaps between neighbours
_NEAR: Final = 1e-3  # of the camera's distance to what it looks at


@dataclass(frozen=True, eq=False)
class Camera:
    """A pinhole camera.

    position: (3,). axes: (3, 3) rows right, up and forward, unit vectors of the scene. focal: in
    widths of the picture. size: pixels of the square picture. near: depth before which nothing
    is drawn.
    """

    position: Floats
    axes: Floats
    focal: float
    size: int
    near: float

    @classmethod
    def looking_at(
        cls,
        target: Floats,
        forward: Floats,
        up: Floats,
        width: float,
        size: int = 512,
        angle: float = 30.0,
    ) -> Self:
        """Look along `forward` so that what lies at `target` and is `width` wide fills the picture.

        angle: the field of view in degrees.
        """
        right = np.cross(forward, up)
        axes = np.stack([right, np.cross(right, forward), forward]).astype(np.float32)
        axes /= np.linalg.norm(axes, axis=1, keepdims=True)
        focal = 0.5 / np.tan(np.radians(angle) / 2)
        distance = float(width * focal)
        position = (target - distance * axes[2]).astype(np.float32)
        return cls(position, axes, float(focal), size, _NEAR * distance)

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Return (n, 2) pixels, x to the right and y down, and (n,) depths along the view.

        A pixel's centre lies at .5. The pixels of points before the near plane mean nothing.
        """
        seen: Floats = np.matmul(points - self.position, self.axes.T)
        depth: Floats = seen[:, 2]
        scale: Floats = np.reciprocal(depth.clip(np.float32(self.near)))
        scale *= np.float32(self.focal * self.size)
        half = np.float32(self.size / 2)
        aside, up = (seen[:, :2] * scale[:, None]).T
        pixels: Floats = np.stack([aside + half, np.subtract(half, up)], axis=1)
        return pixels, depth

    def rays(self, pixels: Floats) -> Floats:
        """Return (k, 3) unit directions from the camera through (k, 2) pixels."""
        half, scale = np.float32(self.size / 2), np.float32(self.focal * self.size)
        across, down = ((pixels - half) / scale).T
        seen = np.stack([across, -down, np.ones_like(across)], axis=1)
        rays: Floats = seen / np.linalg.norm(seen, axis=1, keepdims=True) @ self.axes
        return rays


@dataclass(frozen=True, eq=False)
class Picture:
    """What a camera sees of some triangles.

    triangle: (size, size) numbers, BACKGROUND where there is none. weights: (size, size, 3) the
    shares of the triangle's corners in the point seen. depth: (size, size) along the view,
    infinite in the background.
    """

    camera: Camera
    vertices: Floats
    triangles: Integers
    triangle: Integers
    weights: Floats
    depth: Floats

    @property
    def covered(self) -> NDArray[np.bool_]:
        """(size, size) where something is seen."""
        covered: NDArray[np.bool_] = self.triangle != BACKGROUND
        return covered

    def cast(self, pixels: Floats) -> tuple[Floats, Integers]:
        """Return (k, 3) points of the surface at (k, 2) pixels, and (k,) the triangles hit.

        The point is exact within a pixel. Where the background is seen, or nothing because the
        pixel lies outside the picture, the point is NaN and the triangle BACKGROUND.
        """
        size = self.camera.size
        inside = ((pixels >= 0) & (pixels < size)).all(axis=1)
        column, row = np.clip(np.nan_to_num(pixels), 0, size - 1).astype(np.int32).T
        triangle = np.where(inside, self.triangle[row, column], BACKGROUND).astype(np.int32)
        points = np.full((len(pixels), 3), np.nan, np.float32)
        hit = np.flatnonzero(triangle != BACKGROUND)
        corners = self.triangles[triangle[hit]]
        screen, depth = self._projected
        weights = _shares(screen, depth, corners, pixels[hit].astype(np.float32))
        points[hit] = np.einsum("kc,kcd->kd", weights, self.vertices[corners])
        return points, triangle

    def points_at(self, row: Integers, column: Integers) -> tuple[Floats, Integers]:
        """Return what `cast` does for the centres of (k,) pixels, those outside the picture too."""
        size = self.camera.size
        inside = (row >= 0) & (row < size) & (column >= 0) & (column < size)
        pixel = np.where(inside, row * size + column, 0)
        triangle = np.where(inside, self.triangle.ravel()[pixel], BACKGROUND).astype(np.int32)
        points = np.full((len(row), 3), np.nan, np.float32)
        hit = np.flatnonzero(triangle != BACKGROUND)
        corners = self.triangles[triangle[hit]]
        weights = self.weights.reshape(-1, 3)[pixel[hit]]
        points[hit] = np.einsum("kc,kcd->kd", weights, self.vertices[corners])
        return points, triangle

    @cached_property
    def _projected(self) -> tuple[Floats, Floats]:
        return self.camera.project(self.vertices)


def render(vertices: Floats, triangles: Integers, camera: Camera) -> Picture:
    """Draw (t, 3) triangles of (n, 3) vertices, both sides of each.

    Triangles that reach before the near plane, have no area or lie outside are left out.
    """
    pixels, depth = camera.project(vertices)
    shown = _Triangles.chosen(pixels, depth, triangles, camera)
    nearest = np.zeros(camera.size * camera.size, np.int64)
    for first, chunk in shown.chunks():
        spot, key = chunk.fragments(camera.size)
        np.maximum.at(nearest, spot, key + first)
    covered = np.flatnonzero(nearest)
    winner = (nearest[covered] & 0xFFFFFFFF).astype(np.int32)
    shares, nearness = shown.shares(winner, covered, camera.size)
    number = shown.number[winner]
    weights = shares / depth[triangles[number]] / nearness[:, None]
    picture = Picture(
        camera,
        vertices,
        triangles,
        np.full((camera.size, camera.size), BACKGROUND, np.int32),
        np.zeros((camera.size, camera.size, 3), np.float32),
        np.full((camera.size, camera.size), np.inf, np.float32),
    )
    picture.triangle.ravel()[covered] = number
    picture.weights.reshape(-1, 3)[covered] = weights
    picture.depth.ravel()[covered] = 1 / nearness
    return picture


@dataclass(frozen=True, eq=False)
class _Triangles:
    """Triangles on the screen: boxes of pixels, and planes for two shares and 1 / depth.

    number: (t,). low: (t, 2) first column and row. span: (t, 2) columns and rows. planes:
    (t, 3, 3) value at the first pixel's centre, its change by column and by row, for each of the
    three.
    """

    number: Integers
    low: Integers
    span: Integers
    planes: Floats

    @classmethod
    def chosen(cls, pixels: Floats, depth: Floats, triangles: Integers, camera: Camera) -> Self:
        """Keep what covers the centre of at least one pixel's box."""
        a, b, c = (pixels[column] for column in triangles.T)
        # A pixel is a candidate when its centre, at .5, lies within the box.
        first = np.ceil(np.minimum(np.minimum(a, b), c) - 0.5).clip(0, camera.size)
        last = np.floor(np.maximum(np.maximum(a, b), c) - 0.5).clip(-1, camera.size - 1)
        hidden = depth <= camera.near
        keep = (last[:, 0] >= first[:, 0]) & (last[:, 1] >= first[:, 1])
        keep &= ~(hidden[triangles[:, 0]] | hidden[triangles[:, 1]] | hidden[triangles[:, 2]])
        number = np.flatnonzero(keep).astype(np.int32)
        low = first[number].astype(np.int32)
        span = last[number].astype(np.int32) - low + 1
        corners = triangles[number]
        nearness: Floats = np.reciprocal(depth[corners])
        planes = _planes(pixels[corners], nearness, low.astype(np.float32) + np.float32(0.5))
        keep = np.isfinite(planes[:, 2, 0])  # the others enter into it
        return cls(number[keep], low[keep], span[keep], planes[keep])

    def chunks(self) -> Iterator[tuple[int, Self]]:
        """Cut into pieces with a bounded number of pixels; with each, its first triangle."""
        total = np.cumsum(self.span[:, 0].astype(np.int64) * self.span[:, 1])
        pieces = int(total[-1] // _FRAGMENTS) + 1 if len(total) else 0
        cuts = np.searchsorted(total, np.arange(1, pieces) * _FRAGMENTS)
        bounds = np.unique([0, *cuts, len(total)])
        for start, stop in itertools.pairwise(bounds):
            rows = slice(start, stop)
            chunk = self.number[rows], self.low[rows], self.span[rows], self.planes[rows]
            yield int(start), type(self)(*chunk)

    def fragments(self, size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the pixels covered and, for each, a key that is larger the nearer it is."""
        counts = self.span[:, 0] * self.span[:, 1]
        starts = np.cumsum(counts) - counts
        within = np.arange(counts.sum(), dtype=np.int32) - np.repeat(starts, counts)
        row, column = np.divmod(within, np.repeat(self.span[:, 0], counts))
        across, down = column.astype(np.float32), row.astype(np.float32)

        def value(plane: int) -> Floats:
            at_first, by_column, by_row = self.planes[:, plane].T
            linear: Floats = np.repeat(at_first, counts)
            linear += across * np.repeat(by_column, counts)
            linear += down * np.repeat(by_row, counts)
            return linear

        second, third = value(0), value(1)
        inside = np.flatnonzero(
            (second >= _EDGE) & (third >= _EDGE) & (second + third <= 1 - _EDGE)
        )
        triangle = np.repeat(np.arange(len(counts)), counts)[inside]
        at_first, by_column, by_row = self.planes[:, 2].take(triangle, axis=0).T
        nearness = at_first + across[inside] * by_column + down[inside] * by_row
        low = self.low.take(triangle, axis=0)
        spot = (low[:, 1] + row[inside]).astype(np.int64) * size + low[:, 0] + column[inside]
        # The bits of positive floats sort like the floats themselves.
        key = nearness.view(np.int32).astype(np.int64) << 32 | triangle
        return spot, key

    def shares(self, rows: Integers, spots: NDArray[np.int64], size: int) -> tuple[Floats, Floats]:
        """Return the corners' shares on the screen and 1 / depth, of (k,) triangles at pixels."""
        row, column = np.divmod(spots.astype(np.int32), np.int32(size))
        low = self.low.take(rows, axis=0)
        across = (column - low[:, 0]).astype(np.float32)[:, None]
        down = (row - low[:, 1]).astype(np.float32)[:, None]
        planes = self.planes.take(rows, axis=0)
        values = planes[:, :, 0] + across * planes[:, :, 1] + down * planes[:, :, 2]
        second, third, nearness = values.T
        shares = np.stack([1 - second - third, second, third], axis=1).clip(0, 1)
        return shares / shares.sum(axis=1, keepdims=True), nearness


def _planes(corners: Floats, nearness: Floats, origin: Floats) -> Floats:
    """Return the planes of the second and third corner's share and of 1 / depth."""
    ax, ay = (corners[:, 1] - corners[:, 0]).T
    bx, by = (corners[:, 2] - corners[:, 0]).T
    ox, oy = (origin - corners[:, 0]).T
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 1 / (ax * by - ay * bx)
        second = np.stack([(ox * by - oy * bx), by, -bx], axis=1) * scale[:, None]
        third = np.stack([(oy * ax - ox * ay), -ay, ax], axis=1) * scale[:, None]
        steps = nearness[:, 1:] - nearness[:, :1]
        near = steps[:, :1] * second + steps[:, 1:] * third
        near[:, 0] += nearness[:, 0]
        return np.stack([second, third, near], axis=1)


def _shares(pixels: Floats, depth: Floats, corners: Integers, spots: Floats) -> Floats:
    """Return the corners' shares, true to perspective, in the points seen at (k, 2) spots."""
    nearness: Floats = np.reciprocal(depth[corners])
    second, third = _planes(pixels[corners], nearness, spots)[:, :2, 0].T
    shares: Floats = np.stack([1 - second - third, second, third], axis=1).clip(0, 1)
    shares *= nearness
    shares /= shares.sum(axis=1, keepdims=True)
    return shares
