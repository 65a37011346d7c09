"""How long the whole job takes in a background Blender, and how much memory.

Reading the mesh, landmarks, registration, prediction, correctives and 52 keys written, models
opened for the first time; each size in a process of its own. Beside it deformation transfer from
another head of the same topology, with perfect correspondence, in Python.
"""

import argparse
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any, Final

import bpy
import numpy as np

from benchmarks.memory import peak_megabytes
from benchmarks.row import Row
from benchmarks.shapes.denser import with_vertices
from benchmarks.shapes.heads import ROOT, MakerHead, makehuman_heads
from facial_retarget.blender.generate.generate import (
    GenerateSettings,
    finish_generate,
    plan_generate,
)
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.mesh import FaceMesh
from training.shapes.deformation_transfer import DeformationTransfer

SMALL: Final = 25_000
LARGE: Final = 200_000
_SECONDS: Final = 600


@dataclass(frozen=True)
class Timing:
    """One size. memory: the process's peak of the first time in GB, with Blender in it.

    again: seconds of a second time, with the models open. processor: seconds of the first time
    that all cores together were busy, which tells more on a machine with other work.
    """

    vertices: int
    keys: int
    seconds: float
    again: float
    processor: float
    memory: float


def rows() -> list[Row]:
    """Measure."""
    small, large = _measured(SMALL), _measured(LARGE)
    head, other = _two_people()
    return [
        Row(f"{SMALL:,} vertices, {small.keys} keys written", small.seconds, "s", 3, 1),
        Row("the same, models open", small.again, "s"),
        Row("the same, both cores' time", small.processor, "s"),
        Row("the same: deformation transfer in Python", _transfer_seconds(head, other), "s"),
        Row(f"{LARGE:,} vertices, {large.keys} keys written", large.seconds, "s", 12, 5),
        Row("the same, both cores' time", large.processor, "s"),
        Row("the same: memory at its peak", large.memory, "GB", 2),
    ]


def _measured(vertices: int) -> Timing:
    """Measure in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.shapes.speed", str(vertices)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=_SECONDS, check=True
    )
    return Timing(**json.loads(done.stdout.splitlines()[-1]))


def _in_this_process(vertices: int) -> Timing:
    head, _ = _two_people()
    mesh = with_vertices(head.mesh, vertices)
    busy = time.process_time()
    first, keys = _generate(mesh)
    busy = time.process_time() - busy
    peak = peak_megabytes() * 1.024 / 1000
    again, _ = _generate(mesh)
    return Timing(vertices, keys, first, again, busy, peak)


def _generate(mesh: FaceMesh) -> tuple[float, int]:
    """Return the seconds that the keys of a mesh in a scene of its own took, and their number."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    data: Any = bpy.data.meshes.new("Head")
    data.from_pydata(mesh.vertices.tolist(), [], mesh.triangles.tolist())
    head = bpy.data.objects.new("Head", data)
    bpy.context.scene.collection.objects.link(head)
    began = time.perf_counter()
    plan = plan_generate(head, bpy.context.scene, GenerateSettings(eyes="KEYS"))
    report = finish_generate(plan, plan.task.run())
    return time.perf_counter() - began, report.keys[head.name]


def _two_people() -> tuple[MakerHead, MakerHead]:
    heads = makehuman_heads()
    return next(heads), next(heads)


def _transfer_seconds(head: MakerHead, source: MakerHead) -> float:
    """Time the peer on the same mesh; keys that are made up cost it as much as real ones."""
    target, other = (with_vertices(each.mesh, SMALL) for each in (head, source))
    deltas = np.stack([target.vertices - other.vertices] * len(ARKIT_CHANNELS))
    began = time.perf_counter()
    DeformationTransfer(other.vertices, target.vertices, target.triangles)(deltas)
    return time.perf_counter() - began


def main() -> None:
    """Measure one size and print it for `rows`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("vertices", type=int)
    print(json.dumps(asdict(_in_this_process(parser.parse_args().vertices))))


if __name__ == "__main__":
    main()
