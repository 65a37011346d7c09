"""What is wanted of generate_shapes, and what came of it, as files between two processes."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ..mesh import FaceMesh, Floats, MeshObject
from ..progress import ProgressListener, unheard
from .mesh_landmarks import MeshLandmarks
from .options import ShapeOptions
from .shape_set import ShapeSet

if TYPE_CHECKING:
    from .generate import GeneratedShapes


@dataclass(frozen=True, eq=False)
class ShapeTask:
    """The shapes that are wanted of a mesh.

    landmarks: where they are known already. protect: (n,) 0 to 1, what must not move.
    """

    mesh: FaceMesh
    options: ShapeOptions = field(default_factory=ShapeOptions)
    landmarks: MeshLandmarks | None = None
    protect: Floats | None = None

    def run(self, progress: ProgressListener = unheard) -> "GeneratedShapes":
        """Generate the shapes. Raises what generate_shapes raises."""
        from .generate import generate_shapes

        return generate_shapes(self.mesh, self.options, self.landmarks, self.protect, progress)

    def save(self, path: Path) -> None:
        """Write an .npz file."""
        arrays: dict[str, Any] = {"vertices": self.mesh.vertices, "triangles": self.mesh.triangles}
        if self.landmarks is not None:
            arrays |= _landmark_arrays(self.landmarks)
        if self.protect is not None:
            arrays["protect"] = self.protect
        objects = [vars(each) for each in self.mesh.objects]
        header = json.dumps({"objects": objects, "options": self.options.to_json()})
        np.savez(path, header=np.array(header), **arrays)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file that `save` wrote."""
        with np.load(path, allow_pickle=False) as data:
            header = json.loads(str(data["header"]))
            objects = tuple(MeshObject(**each) for each in header["objects"])
            return cls(
                FaceMesh(data["vertices"], data["triangles"], objects),
                ShapeOptions.from_json(header["options"]),
                _landmarks_of(data) if "points" in data else None,
                data.get("protect"),
            )


def save_generated(generated: "GeneratedShapes", folder: Path) -> None:
    """Write what generate_shapes returned into a folder."""
    generated.shapes.save(folder / "shapes.npz")
    turns = [
        {**vars(turn), "center": turn.center.tolist(), "axis": turn.axis.tolist()}
        for turn in generated.eye_turns
    ]
    header = json.dumps({"warnings": generated.warnings, "eye_turns": turns})
    arrays: dict[str, Any] = _landmark_arrays(generated.landmarks)
    np.savez(folder / "findings.npz", header=np.array(header), **arrays)


def load_generated(folder: Path) -> "GeneratedShapes":
    """Read what `save_generated` wrote."""
    from .eyes import EyeTurn
    from .generate import GeneratedShapes

    with np.load(folder / "findings.npz", allow_pickle=False) as data:
        header: dict[str, Any] = json.loads(str(data["header"]))
        landmarks = _landmarks_of(data)
    turns = []
    for turn in header["eye_turns"]:
        vectors = {name: np.array(turn[name], np.float32) for name in ("center", "axis")}
        turns.append(EyeTurn(**{**turn, **vectors}))
    return GeneratedShapes(
        shapes=ShapeSet.load(folder / "shapes.npz"),
        landmarks=landmarks,
        warnings=tuple(header["warnings"]),
        eye_turns=tuple(turns),
    )


def _landmark_arrays(landmarks: MeshLandmarks) -> dict[str, Floats]:
    return {"points": landmarks.points, "confidence": landmarks.confidence}


def _landmarks_of(data: Any) -> MeshLandmarks:  # noqa: ANN401 - numpy's type of an open file
    return MeshLandmarks(data["points"], data["confidence"])
