"""Probing a character: 60 shape keys of 25,000 vertices.

`python -m benchmarks.retarget.probing` prints the table, in a few seconds.
"""

import time
from typing import Final, cast

import bpy
import numpy as np
from bpy.types import FCurve, Object

from benchmarks.row import Row, table
from facial_retarget.blender.scene.character import find_character, keys_of
from facial_retarget.blender.scene.probing import probe

_SIDE: Final = 158  # 158 x 158 vertices are 24,964
_KEYS: Final = 60
_RUNS: Final = 3


def rows() -> list[Row]:
    """Measure keys alone, and keys that another follows, each of which has to be moved."""
    head = _head()
    alone = min(_seconds(head) for _run in range(_RUNS))
    _let_one_follow(head)
    followed = min(_seconds(head) for _run in range(_RUNS))
    what = f"probing {_KEYS} keys x {_SIDE**2:,} vertices"
    return [
        Row(what, alone, "s", 2, 0.5),
        Row(f"{what}, each of them followed by a driver", followed, "s"),
    ]


def _seconds(head: Object) -> float:
    began = time.perf_counter()
    probed = probe(find_character(head), bpy.context.scene)
    seconds = time.perf_counter() - began
    assert len(probed.rig.controls) == _KEYS
    return seconds


def _head() -> Object:
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    x, y = np.meshgrid(np.arange(_SIDE), np.arange(_SIDE), indexing="ij")
    points = np.stack([x, np.zeros_like(x), y], axis=-1).reshape(-1, 3) * 0.001
    corner = (x[:-1, :-1] * _SIDE + y[:-1, :-1]).ravel()
    faces = np.stack([corner, corner + _SIDE, corner + _SIDE + 1, corner + 1], axis=1)
    mesh = bpy.data.meshes.new("Head")
    mesh.from_pydata(points.tolist(), [], faces.tolist())
    head = bpy.data.objects.new("Head", mesh)
    bpy.context.scene.collection.objects.link(head)
    head.shape_key_add(name="Basis")
    random = np.random.default_rng(0)
    for number in range(_KEYS):
        key = head.shape_key_add(name=f"Key {number + 1}")
        key.value = 0.0
        moved = points + random.normal(0, 0.001, points.shape)
        key.points.foreach_set("co", moved.astype(np.float32).ravel())
    return head


def _let_one_follow(head: Object) -> None:
    """Let a driver read every key, so that none can be read off its block alone."""
    key = keys_of(head)
    assert key is not None
    names = [block.name for block in key.key_blocks[1:]]
    head.shape_key_add(name="follower").value = 0.0
    driver = cast(FCurve, key.driver_add('key_blocks["follower"].value')).driver
    driver.type = "SUM"
    for name in names:
        target = driver.variables.new().targets[0]
        target.id_type, target.id = "KEY", key
        target.data_path = f'key_blocks["{name}"].value'


def main() -> None:
    print(table(rows()))


if __name__ == "__main__":
    main()
