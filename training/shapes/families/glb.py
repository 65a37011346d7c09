"""Meshes with morph targets out of binary glTF files: all that face data needs of them.

Format: Khronos glTF 2.0. Axes: Y up, the face looks along +Z.
"""

import json
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from facial_retarget.core.errors import FacialRetargetError
from facial_retarget.core.mesh import Floats, Integers

from ..arrays import Array

_MAGIC: Final = b"glTF"
_COMPONENTS: Final = {5120: "i1", 5121: "u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTHS: Final = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}


@dataclass(frozen=True, eq=False)
class MorphedMesh:
    """vertices: (n, 3). triangles: (t, 3). targets: name -> (n, 3) displacement at weight 1."""

    vertices: Floats
    triangles: Integers
    targets: dict[str, Floats] = field(default_factory=dict)


def read_morphed(path: Path) -> MorphedMesh:
    """Join the primitives of a file that have morph targets.

    Raises FacialRetargetError where the file is damaged or none has.
    """
    try:
        document = _Document(path.read_bytes())
        pieces = [
            document.primitive(mesh, primitive)
            for mesh in document.json.get("meshes", [])
            for primitive in mesh["primitives"]
            if primitive.get("targets")
        ]
    except (OSError, ValueError, KeyError, IndexError, TypeError, struct.error) as error:
        raise FacialRetargetError(f"{path} cannot be read as a GLB file ({error!r}).") from error
    if not pieces:
        raise FacialRetargetError(f"{path} has no morph targets. Choose a head with expressions.")
    return _joined(pieces)


class _Document:
    def __init__(self, data: bytes) -> None:
        if data[:4] != _MAGIC:
            raise ValueError("it does not begin as one")
        length = struct.unpack_from("<I", data, 12)[0]
        self.json: dict[str, Any] = json.loads(data[20 : 20 + length])
        # A chunk's head is its length and its kind; the binary one follows the text.
        self._buffer = data[20 + length + 8 :]

    def primitive(self, mesh: dict[str, Any], primitive: dict[str, Any]) -> MorphedMesh:
        vertices = self.accessor(primitive["attributes"]["POSITION"]).astype(np.float32)
        corners = (
            self.accessor(primitive["indices"]).ravel()
            if "indices" in primitive
            else np.arange(len(vertices))
        )
        if primitive.get("mode", 4) != 4:
            raise ValueError("its primitives are no triangles")
        names = mesh.get("extras", {}).get("targetNames") or [
            f"target{number}" for number in range(len(primitive["targets"]))
        ]
        targets = {
            name: self.accessor(target["POSITION"]).astype(np.float32)
            for name, target in zip(names, primitive["targets"], strict=True)
        }
        return MorphedMesh(vertices, corners.reshape(-1, 3).astype(np.int32), targets)

    def accessor(self, number: int) -> Array:
        """Read (count, width) values, sparse ones put in."""
        layout = self.json["accessors"][number]
        kind, width = np.dtype(_COMPONENTS[layout["componentType"]]), _WIDTHS[layout["type"]]
        count = layout["count"]
        if "bufferView" in layout:
            values = self._view(layout, kind, width, count)
        else:
            values = np.zeros((count, width), kind)
        sparse = layout.get("sparse")
        if sparse:
            index_kind = np.dtype(_COMPONENTS[sparse["indices"]["componentType"]])
            rows = self._view(sparse["indices"], index_kind, 1, sparse["count"]).ravel()
            values = values.copy()
            values[rows] = self._view(sparse["values"], kind, width, sparse["count"])
        return _denormalised(values) if layout.get("normalized") else values

    def _view(self, part: dict[str, Any], kind: np.dtype[Any], width: int, count: int) -> Array:
        view = self.json["bufferViews"][part["bufferView"]]
        start = view.get("byteOffset", 0) + part.get("byteOffset", 0)
        stride = view.get("byteStride", kind.itemsize * width)
        return np.ndarray((count, width), kind, self._buffer, start, (stride, kind.itemsize))


def _denormalised(values: Array) -> Array:
    return np.maximum(values / np.float32(np.iinfo(values.dtype).max), -1)


def _joined(pieces: list[MorphedMesh]) -> MorphedMesh:
    starts = np.cumsum([0, *(len(piece.vertices) for piece in pieces)])
    names = dict.fromkeys(name for piece in pieces for name in piece.targets)
    return MorphedMesh(
        np.concatenate([piece.vertices for piece in pieces]),
        np.concatenate(
            [piece.triangles + start for piece, start in zip(pieces, starts, strict=False)]
        ).astype(np.int32),
        {
            name: np.concatenate(
                [piece.targets.get(name, np.zeros_like(piece.vertices)) for piece in pieces]
            )
            for name in names
        },
    )
