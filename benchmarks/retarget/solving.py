"""Controls solved over the surface: what is left of the wanted motion, and how long it takes.

`python -m benchmarks.retarget.solving` prints the table, in about half a minute.
"""

import time
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.row import Row, table
from benchmarks.shapes.heads import MakerHead, makehuman_heads
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.clip import Clip
from facial_retarget.core.mesh import Floats
from facial_retarget.core.retarget import Control, Mapping, ProbedRig, retarget, understand_rig
from facial_retarget.core.shapes.generate import GeneratedShapes, generate_shapes

FRAMES: Final = 10_000
_LOOPED: Final = 500  # frames that the loop over frames is timed on
_MIXES: Final = 3  # of each head
_HEADS: Final = 3
_REACH: Final = 10.0  # what a slider of Blender may be set to at most
_SEED: Final = 4


def rows() -> list[Row]:
    """Measure both."""
    heads = list(makehuman_heads())[:_HEADS]
    made = [generate_shapes(head.mesh) for head in heads]
    left = [
        _left_by_a_mix(head, shapes, np.random.default_rng(_SEED + number))
        for head, shapes in zip(heads, made, strict=True)
        for number in range(_MIXES)
    ]
    mapping = _keyed(heads[0], made[0])
    clip = performance(FRAMES)
    seconds = min(_seconds(clip, mapping) for _run in range(3))
    looped, apart = _frame_by_frame(clip, mapping)
    return [
        Row(
            f"{len(left)} random mixes of 52 shapes on {len(heads)} heads: surface error left",
            100 * float(np.mean(left)),
            "%",
            5,
            2,
        ),
        Row("10,000 frames x 52 -> 52 controls", seconds, "s", 2, 0.5),
        Row("the same frame by frame, an active set in a loop", looped, "s"),
        Row("surface error that both leave apart, at most", 100 * apart, "%"),
    ]


def performance(frames: int, seed: int = _SEED) -> Clip:
    """Return a lively face: a few channels at a time, smooth, often up to 1."""
    random = np.random.default_rng(seed)
    steps = np.clip(random.normal(-1.0, 1.0, (frames // 10 + 2, len(ARKIT_CHANNELS))), 0, 1)
    values = steps.astype(np.float32)
    clip = Clip(ARKIT_CHANNELS, np.arange(len(values)) / 3, values, np.ones_like(values))
    dense = clip.resampled(np.arange(frames) / 30)
    within = np.minimum(dense.channel("mouthClose"), dense.channel("jawOpen"))
    values = dense.values.copy()
    values[:, dense.index("mouthClose")] = within
    return replace(dense, values=values)


def _left_by_a_mix(head: MakerHead, made: GeneratedShapes, random: np.random.Generator) -> float:
    """Return what share of a performance's surface motion controls that are mixes leave."""
    shapes = made.shapes
    mix = random.normal(size=(len(shapes), len(shapes))).astype(np.float32)
    fields = np.tensordot(mix, shapes.deltas, axes=1)
    names = tuple(f"Mix {number}" for number in range(len(fields)))
    controls = tuple(Control(name, "shape key", -_REACH, _REACH) for name in names)
    rig = ProbedRig(head.mesh, controls, fields * _REACH, -fields * _REACH)
    clip = performance(60).select(shapes.names)
    mapping = understand_rig(rig, shapes, landmarks=made.landmarks)
    driven = retarget(clip, mapping)
    column = [names.index(control) for control in driven.channels]
    wanted = np.tensordot(clip.values, shapes.deltas, axes=1)
    moved = np.tensordot(driven.values, fields[column], axes=1)
    return float(np.linalg.norm(moved - wanted) / np.linalg.norm(wanted))


def _keyed(head: MakerHead, made: GeneratedShapes) -> Mapping:
    """Understand a head by its own maker's keys, some of which end before what is wanted."""
    fields = np.stack([head.deltas[channel] for channel in ARKIT_CHANNELS])
    controls = tuple(Control(f"Key {n}", "shape key", 0.0, 0.8) for n in range(len(fields)))
    rig = ProbedRig(head.mesh, controls, fields * np.float32(0.8), np.zeros_like(fields))
    return understand_rig(rig, made.shapes, landmarks=made.landmarks)


def _seconds(clip: Clip, mapping: Mapping) -> float:
    began = time.perf_counter()
    retarget(clip, mapping)
    return time.perf_counter() - began


def _frame_by_frame(clip: Clip, mapping: Mapping) -> tuple[float, float]:
    """Return the seconds of a loop for all frames, and what its surface differs from ours by."""
    fit = mapping.fit
    assert fit is not None
    driven = retarget(clip, mapping)
    gram = fit.gram.astype(np.float64)
    pull = gram @ fit.shares.astype(np.float64) @ clip.select(fit.channels).values[:_LOOPED].T
    least, greatest = np.array([motion.shares for motion in fit.motions]).T
    began = time.perf_counter()
    looped = np.stack([_active_set(gram, frame, least, greatest) for frame in pull.T])
    seconds = (time.perf_counter() - began) * len(clip) / _LOOPED
    ways = np.array([motion.way for motion in fit.motions])
    names = [motion.control for motion in fit.motions]
    ours = np.nan_to_num(driven.select(names).values[:_LOOPED] / ways)
    return seconds, _apart(gram, pull, looped.astype(np.float32), ours)


def _apart(
    gram: NDArray[np.float64], pull: NDArray[np.float64], looped: Floats, ours: Floats
) -> float:
    """Return how much more of the wanted motion we leave, as a share of that motion."""
    wanted = np.linalg.pinv(gram, hermitian=True) @ pull
    power = (wanted * pull).sum()
    misses = [each.T - wanted for each in (looped, ours)]
    left = [np.sqrt((miss * (gram @ miss)).sum() / power) for miss in misses]
    return float(left[1] - left[0])


def _active_set(
    gram: NDArray[np.float64],
    pull: NDArray[np.float64],
    least: NDArray[np.float64],
    greatest: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Solve one frame: hold what is beyond its bounds there, solve the rest, until nothing is."""
    held = np.zeros(len(pull), bool)
    values: NDArray[np.float64] = np.zeros(len(pull))
    while True:
        free = ~held
        rest = pull[free] - gram[np.ix_(free, held)] @ values[held]
        values[free] = np.linalg.solve(gram[np.ix_(free, free)], rest)
        beyond = free & ((values < least - 1e-9) | (values > greatest + 1e-9))
        values = np.minimum(np.maximum(values, least), greatest)
        if not beyond.any():
            return values
        held |= beyond


def main() -> None:
    print(table(rows()))


if __name__ == "__main__":
    main()
