"""Draws painted heads fast enough for tens of thousands of frames: compiled by Numba.

The add-on's own renderer (core.shapes.raster) needs no compiler and takes fifty times as long.
"""

from collections.abc import Callable
from typing import Final, NamedTuple, TypeVar

import numba  # type: ignore[import-not-found]
import numpy as np

from facial_retarget.core.mesh import Floats, Integers

from ..shapes.arrays import Array

SKIN, EYE, PLAIN = 0, 1, 2
_PUPIL: Final = 0.006
_NEAR: Final = 0.05  # metres: nothing nearer is drawn


_Function = TypeVar("_Function", bound=Callable[..., object])


def compiled(function: _Function) -> _Function:
    """Compile a function the first time it is called, and keep the result on disk."""
    fast: _Function = numba.njit(cache=True, fastmath=True)(function)
    return fast


class Paint(NamedTuple):
    """What the surface looks like.

    kind: (n,) SKIN, EYE or PLAIN. place: (n, 3), for skin where in the texture it is painted (from
    0 to 1 across and down) and how much of it shows; for eyes the angle from the middle of the
    pupil. colors: (n, 3) linear, what shows elsewhere. texture: (h, w, 3) linear. iris: the angles
    at which pupil and iris end, and the iris's colour. gloss: of the skin.
    """

    kind: Integers
    place: Floats
    colors: Floats
    texture: Floats
    iris: Floats
    gloss: float


class Light(NamedTuple):
    """directions: (k, 3) towards the lights in the camera's axes. colors: (k, 3). ambient: (3,)."""

    directions: Floats
    colors: Floats
    ambient: Floats


class _Seen(NamedTuple):
    """Vertices on the screen: pixels, 1 / depth, the triangles they make, and normals."""

    screen: Floats
    near: Floats
    triangles: Integers
    normals: Floats


def draw(
    vertices: Floats,
    triangles: Integers,
    paint: Paint,
    light: Light,
    focal: float,
    background: Floats,
) -> Array:
    """Draw over a background (size, size, 3), linear; return (size, size, 3) uint8.

    vertices: (n, 3) in the camera's axes: right, up, towards the camera, which sits at the origin
    and looks along -Z. focal: in widths of the picture.
    """
    size = len(background)
    screen, near = _project(vertices, focal * size, size / 2)
    owner = _owners(screen, near, triangles, size)
    image = background.astype(np.float32).copy()
    seen = _Seen(screen, near, triangles, _normals(vertices, triangles))
    _shade(image, owner, seen, paint, light)
    encoded: Array = _encoded(image, _TONES)
    return encoded


@compiled
def _project(vertices: Array, scale: float, half: float) -> tuple[Array, Array]:
    count = len(vertices)
    screen, near = np.empty((count, 2), np.float32), np.empty(count, np.float32)
    for i in range(count):
        depth = -vertices[i, 2]
        if depth < _NEAR:
            near[i] = 0
            continue
        near[i] = 1 / depth
        screen[i, 0] = half + scale * vertices[i, 0] / depth
        screen[i, 1] = half - scale * vertices[i, 1] / depth
    return screen, near


@compiled
def _normals(vertices: Array, triangles: Array) -> Array:
    normals = np.zeros_like(vertices)
    for t in range(len(triangles)):
        a, b, c = triangles[t]
        ux, uy, uz = (
            vertices[b, 0] - vertices[a, 0],
            vertices[b, 1] - vertices[a, 1],
            vertices[b, 2] - vertices[a, 2],
        )
        vx, vy, vz = (
            vertices[c, 0] - vertices[a, 0],
            vertices[c, 1] - vertices[a, 1],
            vertices[c, 2] - vertices[a, 2],
        )
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        for k in (a, b, c):
            normals[k, 0] += nx
            normals[k, 1] += ny
            normals[k, 2] += nz
    return normals


@compiled
def _owners(screen: Array, near: Array, triangles: Array, size: int) -> Array:
    owner = np.full((size, size), -1, np.int32)
    nearest = np.zeros((size, size), np.float32)
    for t in range(len(triangles)):
        a, b, c = triangles[t]
        if near[a] == 0 or near[b] == 0 or near[c] == 0:
            continue
        ax, ay, bx, by, cx, cy = (
            screen[a, 0], screen[a, 1], screen[b, 0], screen[b, 1], screen[c, 0], screen[c, 1]
        )  # fmt: skip
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area == 0:
            continue
        left = max(int(np.ceil(min(ax, bx, cx) - 0.5)), 0)
        right = min(int(np.floor(max(ax, bx, cx) - 0.5)), size - 1)
        top = max(int(np.ceil(min(ay, by, cy) - 0.5)), 0)
        bottom = min(int(np.floor(max(ay, by, cy) - 0.5)), size - 1)
        for y in range(top, bottom + 1):
            for x in range(left, right + 1):
                px, py = x + 0.5, y + 0.5
                wb = ((px - ax) * (cy - ay) - (py - ay) * (cx - ax)) / area
                wc = ((bx - ax) * (py - ay) - (by - ay) * (px - ax)) / area
                wa = 1 - wb - wc
                if wa < -1e-5 or wb < -1e-5 or wc < -1e-5:
                    continue
                depth = wa * near[a] + wb * near[b] + wc * near[c]
                if depth > nearest[y, x]:
                    nearest[y, x] = depth
                    owner[y, x] = t
    return owner


@compiled
def _shade(image: Array, owner: Array, seen: _Seen, paint: Paint, light: Light) -> None:
    """Give each pixel in which a triangle is seen the colour of its surface in this light."""
    color, place, normal = np.empty(3), np.empty(3), np.empty(3)
    for y in range(len(image)):
        for x in range(len(image)):
            if owner[y, x] < 0:
                continue
            corners = seen.triangles[owner[y, x]]
            shares = _shares(seen, corners, x + 0.5, y + 0.5)
            _mix(normal, seen.normals, corners, shares)
            _mix(place, paint.place, corners, shares)
            _mix(color, paint.colors, corners, shares)
            shine, power = paint.gloss, 10.0
            if paint.kind[corners[0]] == SKIN:
                _add_texture(color, place, paint.texture)
            elif paint.kind[corners[0]] == EYE:
                _add_iris(color, place[0], paint.iris)
                shine, power = 0.7, 60.0
            length = np.sqrt((normal * normal).sum()) + 1e-20
            normal /= -length if normal[2] < 0 else length
            _light_up(image[y, x], color, normal, (shine, power), light)


@compiled
def _shares(seen: _Seen, corners: Array, x: float, y: float) -> tuple[float, float, float]:
    """Return the corners' shares in the point seen at a place, true to perspective."""
    a, b, c = corners
    (ax, ay), (bx, by), (cx, cy) = seen.screen[a], seen.screen[b], seen.screen[c]
    area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    second = ((x - ax) * (cy - ay) - (y - ay) * (cx - ax)) / area
    third = ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / area
    first = (1 - second - third) * seen.near[a]
    second, third = second * seen.near[b], third * seen.near[c]
    total = first + second + third
    return first / total, second / total, third / total


@compiled
def _mix(target: Array, values: Array, corners: Array, shares: tuple[float, float, float]) -> None:
    for k in range(3):
        target[k] = (
            shares[0] * values[corners[0], k]
            + shares[1] * values[corners[1], k]
            + shares[2] * values[corners[2], k]
        )


@compiled
def _add_texture(color: Array, place: Array, texture: Array) -> None:
    high, wide = texture.shape[:2]
    across = min(max(place[0] * (wide - 1), 0.0), wide - 1.001)
    down = min(max(place[1] * (high - 1), 0.0), high - 1.001)
    column, row = int(across), int(down)
    right, below = across - column, down - row
    for k in range(3):
        upper = texture[row, column, k] * (1 - right) + texture[row, column + 1, k] * right
        lower = texture[row + 1, column, k] * (1 - right) + texture[row + 1, column + 1, k] * right
        color[k] += place[2] * (upper * (1 - below) + lower * below - color[k])


@compiled
def _add_iris(color: Array, angle: float, iris: Array) -> None:
    if angle < iris[0]:
        color[:] = _PUPIL
    elif angle < iris[1]:
        outwards = (angle - iris[0]) / (iris[1] - iris[0])
        tone = 1.2 - 0.5 * outwards
        if outwards > 0.8:  # the dark ring about the iris
            tone *= 1 - 3 * (outwards - 0.8)
        for k in range(3):
            color[k] = iris[2 + k] * tone


@compiled
def _light_up(
    pixel: Array, color: Array, normal: Array, gloss: tuple[float, float], light: Light
) -> None:
    """Add diffuse light and highlights (Blinn, 1977). gloss: strength and sharpness."""
    for k in range(3):
        pixel[k] = color[k] * light.ambient[k]
    for m in range(len(light.directions)):
        ray = light.directions[m]
        facing = normal[0] * ray[0] + normal[1] * ray[1] + normal[2] * ray[2]
        if facing <= 0:
            continue
        half = (facing + normal[2]) / np.sqrt(2 + 2 * ray[2])
        glint = gloss[0] * max(half, 0.0) ** gloss[1]
        for k in range(3):
            pixel[k] += (color[k] * facing + glint) * light.colors[m, k]


_TONES: Final = (np.linspace(0, 1, 4096) ** 0.4545 * 255 + 0.5).astype(np.uint8)


@compiled
def _encoded(image: Array, tones: Array) -> Array:
    result = np.empty(image.shape, np.uint8)
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            for k in range(3):
                result[y, x, k] = tones[int(min(max(image[y, x, k], 0.0), 1.0) * 4095)]
    return result
