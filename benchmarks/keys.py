"""Writing 52 curves of 10,000 keys, against what a script does with keyframe_insert.

`python -m benchmarks.keys` prints the table.
"""

import time
from collections.abc import Callable
from typing import Final

import bpy
import numpy as np
from numpy.typing import NDArray

from benchmarks.row import Row, table
from facial_retarget.blender.scene.character import controls_of, find_character, keys_of
from facial_retarget.blender.scene.write import write_performance
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.performance import Curve, Performance, Summary

KEYS: Final = 10_000
PAIRS: Final = 3


def rows() -> list[Row]:
    """Measure; it takes about ten seconds.

    One curve is inserted in full, key by key, and its time counted for each of the 52. The values
    vary, as those of a face do: Blender inserts equal ones three times as fast.
    """
    ratio = float(np.median([_ratio() for _pair in range(PAIRS)]))
    return [
        Row(
            "keyframe_insert / write_performance, 52 x 10,000 keys",
            ratio,
            "times",
            must=200,
            good=500,
            more_is_better=True,
        )
    ]


def _ratio() -> float:
    """Run both in one go, so that a busy machine slows both down."""
    slow = _seconds(_insert_one_curve, _head())
    fast = _seconds(_write_all_curves, _head())
    return slow * len(ARKIT_CHANNELS) / fast


def _seconds(job: Callable[[bpy.types.Object], None], head: bpy.types.Object) -> float:
    began = time.perf_counter()
    job(head)
    return time.perf_counter() - began


def _head() -> bpy.types.Object:
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    mesh = bpy.data.meshes.new("Head")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    head = bpy.data.objects.new("Head", mesh)
    bpy.data.scenes[0].collection.objects.link(head)
    for name in ("Basis", *ARKIT_CHANNELS):
        head.shape_key_add(name=name).value = 0.0
    return head


def _insert_one_curve(head: bpy.types.Object) -> None:
    keys = keys_of(head)
    assert keys is not None
    block = controls_of(keys)["jawOpen"]
    for frame, value in zip(range(KEYS), _values(), strict=True):
        block.value = value
        block.keyframe_insert("value", frame=frame)


def _write_all_curves(head: bpy.types.Object) -> None:
    frames, values = np.arange(KEYS, dtype=np.float32), _values()
    curves = tuple(Curve(name, frames, values) for name in ARKIT_CHANNELS)
    summary = Summary(KEYS, 1.0, (), 0)
    performance = Performance("take", curves, frames, None, None, (), summary)
    write_performance(find_character(head), performance)


def _values() -> NDArray[np.float32]:
    return np.random.default_rng(0).random(KEYS, dtype=np.float32)


def main() -> None:
    print(table(rows()))


if __name__ == "__main__":
    main()
