"""What is remembered of generated shape keys, in custom properties of the objects that have them.

The face holds its landmarks and how sure each shape is; every object with generated keys holds
what they looked like, so that a key which an artist has worked on since is told from one that
may be made afresh.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

import numpy as np
from bpy.types import Object

from ...core.mesh import Floats
from ...core.shapes.mesh_landmarks import LANDMARK_COUNT, MeshLandmarks

_RECORD: Final = "facial_retarget_shapes"
_LANDMARKS: Final = "facial_retarget_landmarks"  # 468 x 3, in the face object's own space
_CONFIDENCE: Final = "facial_retarget_landmark_confidence"

# Numbers that change as a key is worked on, but hardly as its neutral is: Blender carries the
# keys along then, and rounds them.
Signature = Sequence[float]
_ROUNDING: Final = 1e-4


@dataclass(frozen=True)
class ShapeRecord:
    """What was generated on one object.

    keys: what tells each key's displacements from others, by its name. confidence: of each shape,
    0 to 1; on the face alone. eyes_turn: whether bones or objects turn the eyes, and shape keys
    only their lids. mesh: a digest of the neutral face that the landmarks were found on. edited:
    whether the user has moved landmarks since.
    """

    keys: Mapping[str, Signature] = field(default_factory=dict)
    confidence: Mapping[str, float] = field(default_factory=dict)
    eyes_turn: bool = False
    mesh: str = ""
    edited: bool = False

    @classmethod
    def of(cls, obj: Object) -> Self:
        """Read an object's record; an empty one where there is none, or none that can be read."""
        try:
            data: dict[str, Any] = json.loads(obj.get(_RECORD, "{}"))
            return cls(**data)
        except (ValueError, TypeError):
            return cls()

    def keep(self, obj: Object) -> None:
        """Save the record with an object."""
        obj[_RECORD] = json.dumps(asdict(self))


def has_record(obj: Object) -> bool:
    """Tell whether landmarks are kept with an object: it is a face that had its keys generated."""
    return obj.get(_LANDMARKS) is not None


def kept_landmarks(face: Object) -> MeshLandmarks | None:
    """Return the landmarks of a face in its own space, None where there are none."""
    points, confidence = (_array(face, name) for name in (_LANDMARKS, _CONFIDENCE))
    if points.size != LANDMARK_COUNT * 3 or confidence.size != LANDMARK_COUNT:
        return None
    return MeshLandmarks(points.reshape(-1, 3), confidence)


def keep_landmarks(face: Object, landmarks: MeshLandmarks) -> None:
    """Save landmarks, given in the face object's own space, with it."""
    face[_LANDMARKS] = landmarks.points.astype(float).ravel().tolist()
    face[_CONFIDENCE] = landmarks.confidence.astype(float).tolist()


def forget_landmarks(face: Object) -> None:
    """Remove a face's landmarks, so that they are found anew."""
    for name in (_LANDMARKS, _CONFIDENCE):
        if face.get(name) is not None:
            del face[name]


def signature(displacements: Floats) -> Signature:
    """Return what tells (n, 3) displacements of a key from others."""
    squares = np.einsum("ij,ij->i", displacements, displacements)
    ramp = np.linspace(1, 2, len(squares), dtype=np.float32)
    return [float(squares.sum(dtype=np.float64)), float(squares @ ramp)]


def is_alike(first: Signature, second: Signature) -> bool:
    """Tell whether two signatures are of the same displacements."""
    return bool(np.allclose(first, second, rtol=_ROUNDING, atol=0))


def digest(values: Floats) -> str:
    """Return a short text that differs where the numbers do."""
    return hashlib.blake2b(np.ascontiguousarray(values).tobytes(), digest_size=8).hexdigest()


def _array(obj: Object, name: str) -> Floats:
    try:
        return np.array(obj.get(name, ()), np.float32)
    except (TypeError, ValueError):
        return np.zeros(0, np.float32)
