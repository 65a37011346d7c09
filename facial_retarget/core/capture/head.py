"""Where the head is and which of its sides the camera sees, from the tracker's poses."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..clip import Floats, HeadMotion
from ..rotations import continuous, from_matrices

# MediaPipe's camera looks along -z with y up, Blender's world has Z up: x' = x, y' = -z, z' = y.
_TO_BLENDER: Final = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], np.float32)
_METRES: Final = 0.01

# What a side of the face looks along, as an angle from straight ahead: the cheeks and the corners
# of mouth and eyes, which carry most of what is seen of a side, lie about there.
_SIDE_ANGLE: Final = np.radians(30)


def head_motion(poses: Floats, seen: NDArray[np.bool_]) -> HeadMotion:
    """Return the head's motion in Blender's axes, NaN where it was not seen.

    poses: (frames, 4, 4) from the canonical face to the camera, in cm. seen: (frames,).
    """
    rotations = np.full((len(poses), 4), np.nan, np.float32)
    translations = np.full((len(poses), 3), np.nan, np.float32)
    if seen.any():
        turned = _TO_BLENDER @ poses[seen, :3, :3] @ _TO_BLENDER.T
        rotations[seen] = continuous(from_matrices(turned)).astype(np.float32)
        translations[seen] = poses[seen, :3, 3] @ _TO_BLENDER.T * _METRES
    return HeadMotion(rotations, translations, seen.astype(np.float32))


def facing(poses: Floats) -> dict[str, Floats]:
    """Return how far the left side, the right side and the whole face ("") face the camera.

    Each is (frames,): 1 as seen from the front or better, 0 from where it turns out of sight.
    """
    rotations, positions = poses[:, :3, :3], poses[:, :3, 3]
    to_camera = -positions / np.linalg.norm(positions, axis=1, keepdims=True)
    seen_from = np.einsum("fji,fj->fi", rotations, to_camera)  # in the head's own axes
    side, front = np.sin(_SIDE_ANGLE), np.cos(_SIDE_ANGLE)
    normals = {"left": (side, 0, front), "right": (-side, 0, front), "": (0, 0, 1)}
    return {
        name: np.clip(seen_from @ np.array(normal, np.float32) / normal[2], 0, 1)
        for name, normal in normals.items()
    }
