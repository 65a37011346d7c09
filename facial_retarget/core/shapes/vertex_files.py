"""Vertex positions as JSON: what a studio's characters come as, and what its shapes leave as.

A list of vertices is [[x, y, z], ...] or flat, [x, y, z, x, y, z, ...]. A file holds one list,
alone or as {"vertices": [...]}, or a whole character: {"neutral": [...], "targets": {name: [...]}}.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FormatError
from ..mesh import Floats
from ..output import whole_file
from .shape_set import ShapeSet


@dataclass(frozen=True, eq=False)
class CharacterFile:
    """A character: its neutral (n, 3) vertices and those of each of its targets."""

    neutral: Floats
    targets: Mapping[str, Floats]


def read_vertices(path: Path) -> Floats:
    """Return the (n, 3) vertices of a file; of a whole character, those of its neutral.

    Raises FormatError, which names the file, where it holds no such list.
    """
    content = _read(path)
    if isinstance(content, dict):
        content = content.get("vertices", content.get("neutral"))
    return _vertices(content, path.name)


def read_character(path: Path) -> CharacterFile:
    """Read a file with a whole character. Raises FormatError, which names the file."""
    content = _read(path)
    if not isinstance(content, dict) or not isinstance(content.get("targets"), dict):
        raise FormatError(
            f'{path.name} holds no character. Write it as {{"neutral": [...], '
            '"targets": {"jawOpen": [...], ...}}, or give a folder with one file each.'
        )
    targets = {
        name: _vertices(positions, f"{path.name}: {name}")
        for name, positions in content["targets"].items()
    }
    return CharacterFile(_vertices(content.get("neutral"), f"{path.name}: neutral"), targets)


def write_character(path: Path, neutral: Floats, shapes: ShapeSet) -> None:
    """Write a neutral and its shapes as a whole character, with the confidence of each.

    Positions keep the seven digits that single precision has. Raises OutputError.
    """
    size = float(np.abs(neutral).max(initial=1e-30))
    decimals = 7 - math.ceil(math.log10(size))

    def listed(positions: Floats) -> list[list[float]]:
        rounded: list[list[float]] = positions.astype(np.float64).round(decimals).tolist()
        return rounded

    content = {
        "neutral": listed(neutral),
        "targets": {name: listed(neutral + shapes.delta(name)) for name in shapes.names},
        "confidence": {
            name: round(float(value), 4)
            for name, value in zip(shapes.names, shapes.confidence, strict=True)
        },
    }
    with whole_file(path) as part:
        part.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _read(path: Path) -> Any:  # noqa: ANN401 - whatever a JSON file holds
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise FormatError(f"There is no file '{path}'. Give the name of a .json file.") from error
    except OSError as error:
        raise FormatError(f"'{path}' cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{path.name} is no JSON file. Export the vertices again.") from error


def _vertices(positions: object, where: str) -> Floats:
    try:
        flat = np.asarray(positions, np.float32)
    except (ValueError, TypeError, OverflowError):
        flat = np.empty(0, np.float32)
    is_flat = flat.ndim == 1 and len(flat) % 3 == 0
    if not flat.size or not (is_flat or (flat.ndim == 2 and flat.shape[1] == 3)):
        raise FormatError(
            f"{where} holds no list of vertices. Write it as "
            '{"vertices": [[x, y, z], ...]}, three numbers each.'
        )
    if not np.isfinite(flat).all():
        raise FormatError(
            f"{where} has vertices without a position (not a number or infinite). "
            "Export the vertices again."
        )
    return flat.reshape(-1, 3)
