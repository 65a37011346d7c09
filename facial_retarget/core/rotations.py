"""Unit quaternions w, x, y, z in arrays of shape (..., 4)."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def from_matrices(matrices: NDArray[np.floating]) -> Array:
    """Return (frames, 4) unit quaternions w, x, y, z of (frames, 3, 3) rotation matrices.

    Bar-Itzhack 2000, "New method for extracting the quaternion from a rotation matrix": the
    greatest eigenvector of a symmetric matrix, which no rotation makes degenerate.
    """
    xx, xy, xz, yx, yy, yz, zx, zy, zz = np.moveaxis(matrices.reshape(-1, 9), 1, 0)
    rows = [
        [xx + yy + zz, zy - yz, xz - zx, yx - xy],
        [zy - yz, xx - yy - zz, xy + yx, xz + zx],
        [xz - zx, xy + yx, yy - xx - zz, yz + zy],
        [yx - xy, xz + zx, yz + zy, zz - xx - yy],
    ]
    symmetric = np.moveaxis(np.array(rows), -1, 0)
    _, vectors = np.linalg.eigh(symmetric)
    greatest: Array = vectors[:, :, -1].astype(np.float64)
    return greatest


def conjugate(rotations: Array) -> Array:
    """Return the inverse rotations."""
    inverse: Array = rotations * np.array([1.0, -1.0, -1.0, -1.0])
    return inverse


def compose(first: Array, then: Array) -> Array:
    """Return the Hamilton product: `then` is applied in the frame that `first` gives."""
    w, v = first[..., :1], first[..., 1:]
    then_w, then_v = then[..., :1], then[..., 1:]
    return np.concatenate(
        [
            w * then_w - np.sum(v * then_v, axis=-1, keepdims=True),
            w * then_v + then_w * v + np.cross(v, then_v),
        ],
        axis=-1,
    )


def rotate(rotation: Array, vectors: Array) -> Array:
    """Turn (..., 3) vectors by one rotation, or each by its own of (..., 4)."""
    pure = np.concatenate([np.zeros_like(vectors[..., :1]), vectors], axis=-1)
    return compose(compose(rotation, pure), conjugate(rotation))[..., 1:]


def normalized(rotations: Array) -> Array:
    """Return the rotations at length 1."""
    unit: Array = rotations / np.linalg.norm(rotations, axis=-1, keepdims=True)
    return unit


def continuous(rotations: Array) -> Array:
    """Choose between q and -q, one and the same rotation, so that (frames, 4) never jump.

    The first turns by less than half a turn: its w is not negative.
    """
    turns = np.sum(rotations[1:] * rotations[:-1], axis=1) < 0
    turned = np.concatenate([rotations[:1, 0] < 0, turns])
    signs = np.where(np.cumsum(turned) % 2, -1.0, 1.0)
    smooth: Array = rotations * signs[:, None]
    return smooth


def slerp(start: Array, end: Array, share: Array) -> Array:
    """Turn (frames, 4) `start` towards `end` the shorter way by (frames, 1) shares.

    Spherical linear interpolation, K. Shoemake, "Animating rotation with quaternion curves",
    SIGGRAPH 1985.
    """
    cosine = np.sum(start * end, axis=-1, keepdims=True)
    end = np.where(cosine < 0, -end, end)
    angle = np.arccos(np.clip(np.abs(cosine), 0.0, 1.0))
    sine = np.sin(angle)
    near = sine < 1e-6
    sine = np.where(near, 1.0, sine)
    first = np.where(near, 1 - share, np.sin((1 - share) * angle) / sine)
    second = np.where(near, share, np.sin(share * angle) / sine)
    return normalized(first * start + second * end)
