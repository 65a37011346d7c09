"""Yaw, pitch and roll as Live Link Face counts them, see live_link.py for their signs."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def to_head_angles(rotations: NDArray[np.floating]) -> Array:
    """Return (frames, 3) yaw, pitch and roll of (frames, 4) quaternions in Blender's axes."""
    # x to the person's left, y up, z out of the face; Blender has the face towards -Y.
    w, x, back, y = np.asarray(rotations, np.float64).T
    z = -back
    yaw = np.arcsin(np.clip(2 * (w * y - x * z), -1, 1))
    pitch = np.arctan2(2 * (y * z + w * x), 1 - 2 * (x * x + y * y))
    roll = np.arctan2(2 * (x * y + w * z), 1 - 2 * (y * y + z * z))
    return np.stack([-yaw, pitch, -roll], axis=1)


def from_head_angles(angles: Array) -> Array:
    """Return (frames, 4) quaternions in Blender's axes of (frames, 3) yaw, pitch and roll."""
    half = angles / 2 * np.array([-1, 1, -1])
    (cy, cp, cr), (sy, sp, sr) = np.cos(half).T, np.sin(half).T
    w = cr * cy * cp + sr * sy * sp
    x = cr * cy * sp - sr * sy * cp
    y = cr * sy * cp + sr * cy * sp
    z = sr * cy * cp - cr * sy * sp
    return np.stack([w, x, -z, y], axis=1)


def to_eye_angles(gaze: NDArray[np.floating]) -> Array:
    """Return (frames, 2, 3) yaw, pitch and roll of (frames, 2, 2) gaze angles; no roll."""
    leftwards, upwards = np.moveaxis(np.asarray(gaze, np.float64), -1, 0)
    return np.stack([-leftwards, -upwards, np.zeros_like(leftwards)], axis=-1)


def gaze_from_eye_angles(angles: Array) -> Array:
    """Return (frames, 2, 2) gaze, leftwards and upwards, of (frames, 2, 3) eye angles.

    Roll turns the direction too, since it comes last: the app's eyes never twist, and its angles
    do where they look up or down and aside.
    """
    yaw, pitch, roll = np.moveaxis(angles * np.array([-1, 1, -1]), -1, 0)
    across, up = np.sin(yaw) * np.cos(pitch), -np.sin(pitch)
    left = np.cos(roll) * across - np.sin(roll) * up
    lifted = np.sin(roll) * across + np.cos(roll) * up
    ahead = np.cos(yaw) * np.cos(pitch)
    return np.stack([np.arctan2(left, ahead), np.arcsin(np.clip(lifted, -1, 1))], axis=-1)


def from_arkit_axes(degrees: NDArray[np.floating]) -> Array:
    """Return (..., 3) yaw, pitch and roll of (..., 3) degrees about ARKit's axes.

    Those are x to the person's left, y up and z out of the face.
    """
    x, y, z = np.moveaxis(np.radians(np.asarray(degrees, np.float64)), -1, 0)
    return np.stack([-y, x, -z], axis=-1)
