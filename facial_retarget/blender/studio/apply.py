"""Shape keys out of a studio's model, for the operator and the headless command alike."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bpy.types import Mesh, Object

from ...core.errors import CharacterError
from ...core.progress import ProgressListener, unheard
from ...core.shapes.studio import StudioModel
from ..scene.mesh_reading import basis_of
from ..scene.shape_keys import check_keyable, write_shape_keys


@dataclass(frozen=True)
class StudioReport:
    """What came of it. keys: those that were written; kept: those of the artist's."""

    face: str
    keys: tuple[str, ...]
    kept: tuple[str, ...]
    confidence: Mapping[str, float]

    @property
    def line(self) -> str:
        """All of it in one line."""
        told = f"{len(self.keys)} shape keys on {self.face}"
        if self.kept:
            told += f", {len(self.kept)} of your own kept"
        if self.confidence:
            name = min(self.confidence, key=self.confidence.__getitem__)
            told += f"; lowest confidence: {name} {self.confidence[name]:.2f}"
        return told

    def to_json(self) -> dict[str, Any]:
        """Return plain data for a report on the command line."""
        return asdict(self)


def apply_model(
    obj: Object | None, folder: Path, replace: bool = False, progress: ProgressListener = unheard
) -> StudioReport:
    """Give a mesh the shape keys that a studio's model predicts, its vertices taken as they are.

    replace: the artist's own keys of the same names too. Raises CharacterError, MeshError or
    ModelError, with nothing changed.
    """
    if obj is None or not isinstance(obj.data, Mesh):
        raise CharacterError("No mesh is active. Select the mesh of a head of the studio's.")
    check_keyable(obj)
    shapes = StudioModel.load(folder).predict(basis_of(obj), obj.name, progress)
    displacements = dict(zip(shapes.names, shapes.deltas, strict=True))
    written = write_shape_keys(obj, displacements, replace)
    made = (*written.added, *written.replaced)
    confidence = dict(zip(shapes.names, shapes.confidence.round(3).tolist(), strict=True))
    return StudioReport(obj.name, made, written.kept, {name: confidence[name] for name in made})
