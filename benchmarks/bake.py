"""What Bake Video costs beside capture alone, and how long it holds Blender up.

`python -m benchmarks.bake` prints the table.
"""

import statistics
import time
from typing import Final

import bpy
import numpy as np

from benchmarks.capture import CLIP
from benchmarks.row import Row, table
from facial_retarget.blender.headless import ensure_registered
from facial_retarget.blender.jobs.process import Job
from facial_retarget.blender.performance.bake import finish_bake, load_results, plan_bake
from facial_retarget.blender.video.properties import video_of
from facial_retarget.blender.video.settings import settings_of
from facial_retarget.core.capture import capture_video
from facial_retarget.core.channels import ARKIT_CHANNELS

PAIRS: Final = 5
VERTICES: Final = 20_000
_SECONDS_BETWEEN_TICKS: Final = 0.1


def rows() -> list[Row]:
    """Measure; it takes about half a minute.

    A tick is timed without a window: what the operator's timer does is to look after the job
    and, at the end, to write the performance. The window test times real ticks.
    """
    ensure_registered()
    overheads, ticks = [], []
    capture_video(CLIP)  # imports and caches are warm for both
    for _pair in range(PAIRS):
        began = time.perf_counter()
        capture_video(CLIP)
        alone = time.perf_counter() - began
        began = time.perf_counter()
        ticks.append(_bake())
        overheads.append(time.perf_counter() - began - alone)
    overhead = statistics.median(overheads)
    return [
        Row("Bake Video of 120 frames, end to end, over capture alone", overhead, "s", 1.5, 0.5),
        Row("longest tick of a bake", 1000 * statistics.median(ticks), "ms", 100, 50),
    ]


def _bake() -> float:
    """Bake as the modal operator does, and return the longest time that a tick took."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    scene, head = bpy.context.scene, _head()
    video_of(scene).filepath = str(CLIP)
    plan = plan_bake(head, scene, settings_of(scene))
    longest = 0.0
    with Job("Bake Video", plan.request) as job:
        ended = False
        while not ended:
            began = time.perf_counter()
            ended = job.poll()
            if ended:
                job.check()
                finish_bake(plan, load_results(job.folder))
            took = time.perf_counter() - began
            longest = max(longest, took)
            if not ended:
                time.sleep(max(_SECONDS_BETWEEN_TICKS - took, 0.0))
    return longest


def _head() -> bpy.types.Object:
    """Make a mesh of a head's size with the 52 keys, each of which moves it somewhere."""
    points = np.random.default_rng(0).random((VERTICES, 3), dtype=np.float32)
    mesh = bpy.data.meshes.new("Head")
    mesh.vertices.add(VERTICES)
    mesh.vertices.foreach_set("co", points.ravel())
    head = bpy.data.objects.new("Head", mesh)
    bpy.context.scene.collection.objects.link(head)
    for vertex, name in enumerate(("Basis", *ARKIT_CHANNELS)):
        key = head.shape_key_add(name=name)
        key.value = 0.0
        if name != "Basis":
            key.points[vertex].co.z += 1.0
    return head


def main() -> None:
    print(table(rows()))


if __name__ == "__main__":
    main()
