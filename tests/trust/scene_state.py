"""All that a Blender file holds, as plain lines: where two files differ, the lines tell how."""

import zlib
from collections.abc import Iterator
from typing import Any

import bpy
import numpy as np

# What belongs to the windows, not to the scene, and what Blender derives from the rest.
_LEFT_OUT = {"all_ids", "window_managers", "workspaces", "screens", "brushes", "libraries"}
_DERIVED = {
    *("rna_type", "loop_triangles", "loop_triangle_polygons", "original", "is_evaluated"),
    *("depsgraph", "uv_layer_clone", "uv_layer_stencil", "storage_type"),
}
_NUMBERS = {"BOOLEAN": np.bool_, "INT": np.int32, "FLOAT": np.float32}
_LONG = 400  # of longer lists, only the numbers are read, each kind at once

_Seen = set[tuple[int, str]]


def scene_state() -> list[str]:
    """Return a line for each value in the open file."""
    lines: list[str] = []
    for known in bpy.data.bl_rna.properties:
        if known.type == "COLLECTION" and known.identifier not in _LEFT_OUT:
            for block in getattr(bpy.data, known.identifier):
                lines += _lines(block, f"{known.identifier}[{block.name}]", set())
    return lines


def difference(before: list[str], after: list[str]) -> list[str]:
    """Return the first lines that only one of two states has."""
    return sorted(set(before) ^ set(after))[:10]


def _lines(struct: Any, place: str, seen: _Seen) -> Iterator[str]:
    key = (struct.as_pointer(), struct.bl_rna.identifier)
    if key in seen:
        return
    seen.add(key)
    registered = struct.bl_rna.properties
    if isinstance(struct, bpy.types.ID):
        for name in sorted(set(struct.keys()) - set(registered.keys())):
            value = struct[name]
            yield f"{place}[{name!r}] {value.to_dict() if hasattr(value, 'to_dict') else value!r}"
    for known in registered:
        if known.identifier not in _DERIVED:
            yield from _values(struct, known, f"{place}.{known.identifier}", seen)


def _values(struct: Any, known: Any, place: str, seen: _Seen) -> Iterator[str]:
    value = getattr(struct, known.identifier)
    if known.type == "COLLECTION":
        yield f"{place} has {len(value)}"
        yield from (_numbers if len(value) > _LONG else _items)(value, known, place, seen)
    elif known.type != "POINTER":
        yield f"{place} {np.ravel(value).tolist() if _is_array(known) else value!r}"
    elif value is None or isinstance(value, bpy.types.ID):
        yield f"{place} -> {value and value.name_full}"
    else:
        yield from _lines(value, place, seen)


def _items(items: Any, known: Any, place: str, seen: _Seen) -> Iterator[str]:
    for number, each in enumerate(items):
        if isinstance(each, bpy.types.ID):
            yield f"{place}[{number}] -> {each.name_full}"
        elif each is not None:
            yield from _lines(each, f"{place}[{number}]", seen)


def _numbers(items: Any, known: Any, place: str, seen: _Seen) -> Iterator[str]:
    for own in known.fixed_type.properties:
        if own.type in _NUMBERS:
            width = np.size(getattr(items[0], own.identifier))
            flat = np.empty(len(items) * width, _NUMBERS[own.type])
            items.foreach_get(own.identifier, flat)
            yield f"{place}.{own.identifier} {zlib.crc32(flat.tobytes())}"
    if "name" in known.fixed_type.properties:
        yield f"{place}.name {[each.name for each in items]}"


def _is_array(known: Any) -> bool:
    return bool(getattr(known, "is_array", False))
