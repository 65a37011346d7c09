"""Closed loop: heads drawn with known weights, captured again.

Draws the identities of the demo's head through expressions of all 52 channels while the head
turns a little, captures each video as a user would, and compares channel by channel.
`python -m benchmarks.closed_loop` prints every channel.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import bpy
import numpy as np
from numpy.typing import NDArray

from benchmarks.agreement import Agreement, agreement, with_best_gains
from benchmarks.known_weights import FRAME_RATE, known_weights
from benchmarks.part import Found
from benchmarks.row import Row, table
from facial_retarget.blender.render.layout import Image
from facial_retarget.blender.render.pixels import rendered_frames
from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.head import guess_head_target
from facial_retarget.blender.scene.write import WriteOptions, write_performance
from facial_retarget.core.capture import SOLVERS, CaptureOptions, capture_video
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.clip import Clip, HeadMotion
from facial_retarget.core.performance import Curve, Performance, Summary
from facial_retarget.core.polish import PolishOptions, polish
from facial_retarget.core.video_out import video_writer
from facial_retarget.demo.head import build_head
from facial_retarget.demo.makehuman import Identity, identities
from facial_retarget.demo.stage import set_stage

Weights = dict[str, NDArray[np.float32]]

ROOT: Final = Path(__file__).parents[1]
ASSETS: Final = ROOT / "build" / "assets"
PICTURE: Final = ROOT / "build" / "closed_loop.png"
_PICTURE_SIZE: Final = 256  # pixels
_TURN: Final = np.radians(6)  # of the head, to each side
_TURN_FRAMES: Final = 37

# What the tracker's own scores lack.
HARD: Final = (
    "cheekPuff",
    "noseSneerLeft",
    "noseSneerRight",
    "mouthClose",
    "jawLeft",
    "jawRight",
)


@dataclass(frozen=True)
class ClosedLoop:
    """How well each channel came back.

    solver, tracker: by each. gained: by the tracker's scores with the best single gain for each
    channel. takes: what was drawn and what was read, for pictures.
    """

    solver: list[Agreement]
    tracker: list[Agreement]
    gained: list[Agreement]
    takes: tuple["Take", ...]


@dataclass(frozen=True)
class Take:
    """One head: the weights it was drawn with, and those that each of both read from the video."""

    identity: Identity
    known: Weights
    solver: Weights
    tracker: Weights


def measure() -> ClosedLoop:
    """Return how well each channel came back, over all identities together."""
    with tempfile.TemporaryDirectory() as folder:
        takes = [
            _taken(identity, number, Path(folder) / f"{number}.mp4")
            for number, identity in enumerate(identities().values())
        ]
    return compared(takes)


def compared(takes: Sequence[Take]) -> ClosedLoop:
    """Compare all takes together."""
    known, solver, tracker = (
        _joined([getattr(take, name) for take in takes]) for name in ("known", "solver", "tracker")
    )
    return ClosedLoop(
        agreement(known, solver),
        agreement(known, tracker),
        agreement(known, with_best_gains(known, tracker)),
        tuple(takes),
    )


def _taken(identity: Identity, seed: int, video: Path) -> Take:
    weights = known_weights(seed)
    draw(identity, weights, video)
    return read_back(identity, weights, video)


def read_back(identity: Identity, weights: Weights, video: Path) -> Take:
    """Capture a video of known weights by the solver and by the tracker's scores."""
    read = {}
    for solver in SOLVERS:
        clip = capture_video(video, CaptureOptions(solver=solver))
        read[solver] = _at_frames(
            polish(clip, PolishOptions(smoothing="off")), len(weights["jawOpen"])
        )
    return Take(identity, weights, solver=read["learned"], tracker=read["tracker"])


def draw(identity: Identity, weights: Weights, video: Path) -> None:
    """Film a head of the demo while its shape keys take known weights."""
    with video_writer(video, (_PICTURE_SIZE, _PICTURE_SIZE), Fraction(FRAME_RATE)) as writer:
        for image in drawn(identity, weights, _PICTURE_SIZE):
            writer.write(image)


def drawn(identity: Identity, weights: Weights, size: int) -> Iterator[Image]:
    """Yield the (size, size, 3) pictures of a head of the demo that takes some weights."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    scene = bpy.context.scene
    head = build_head(scene, ASSETS, identity)
    set_stage(scene, head.eyes, size)
    performance = _performance(weights)
    character = find_character(head.face)
    write_performance(
        character, performance, WriteOptions(head=guess_head_target(character)), scene
    )
    for _frame, image in rendered_frames(scene, performance.frames.astype(int).tolist()):
        yield image


def _performance(weights: Weights) -> Performance:
    frames = np.arange(1, len(weights["jawOpen"]) + 1, dtype=np.float32)
    curves = tuple(Curve(channel, frames, values) for channel, values in weights.items())
    return Performance(
        name="known weights",
        curves=curves,
        frames=frames,
        head=_turning_head(frames),
        gaze=None,
        markers=(),
        summary=Summary(len(frames), 1.0, (), 0),
    )


def _turning_head(frames: NDArray[np.float32]) -> HeadMotion:
    half = _TURN * np.sin(2 * np.pi * frames / _TURN_FRAMES) / 2
    zeros = np.zeros_like(half)
    rotations = np.stack([np.cos(half), zeros, zeros, np.sin(half)], axis=1).astype(np.float32)
    return HeadMotion(rotations, np.zeros((len(half), 3), np.float32), np.ones_like(half))


def _at_frames(clip: Clip, frames: int) -> Weights:
    steady = clip.resampled(np.arange(frames) / FRAME_RATE)
    return {channel: steady.channel(channel) for channel in ARKIT_CHANNELS}


def _joined(takes: list[Weights]) -> Weights:
    return {channel: np.concatenate([take[channel] for take in takes]) for channel in takes[0]}


def found() -> Found:
    """Measure for `make bench`, and draw the figures to PICTURE."""
    loop = measure()
    PICTURE.parent.mkdir(exist_ok=True)
    save_picture(loop, PICTURE)
    return Found(tuple(rows(loop)), channel_table(loop))


def rows(found: ClosedLoop) -> list[Row]:
    """Return the figures of the solver beside the tracker's, for the table."""
    error, gained = (_mean(each, "moved_error") for each in (found.solver, found.gained))
    hard = [each for each in found.solver if each.channel in HARD]
    scores = [each for each in found.tracker if each.channel in HARD]
    return [
        Row("closed loop: error of moved channels, solver / tracker's scores with best gains",
            error / gained, "", 0.70, 0.50),
        Row("closed loop: that error, solver", error, ""),
        Row("closed loop: that error, tracker's scores", _mean(found.tracker, "moved_error"), ""),
        Row("closed loop: error over all frames, solver", _mean(found.solver, "error"), ""),
        Row("closed loop: error over all frames, best gains", _mean(found.gained, "error"), ""),
        Row("closed loop: correlation, mean of all channels, solver",
            _mean(found.solver, "correlation"), "", 0.55, 0.70, more_is_better=True),
        Row("closed loop: that correlation, tracker", _mean(found.tracker, "correlation"), ""),
        Row("closed loop: correlation of " + ", ".join(HARD), _mean(hard, "correlation"), "",
            0.60, 0.75, more_is_better=True),
        Row("closed loop: that correlation, tracker", _mean(scores, "correlation"), ""),
    ]  # fmt: skip


def _mean(found: Sequence[Agreement], name: str) -> float:
    """Average a figure; a channel that is not observed agrees with nothing."""
    values = [getattr(each, name) for each in found]
    if name == "correlation":
        return float(np.mean(np.nan_to_num(values)))
    return float(np.nanmean(values))


def channel_table(found: ClosedLoop) -> str:
    """Return every channel's figures as a table in Markdown, the best first."""
    lines = [
        "| channel | solver: error where moved | correlation | tracker: error where moved"
        " | correlation |",
        "|---|---|---|---|---|",
    ]
    scores = {each.channel: each for each in found.tracker}
    for each in sorted(found.solver, key=lambda each: -np.nan_to_num(each.correlation, nan=-2.0)):
        cells = [*_cells(each), *_cells(scores[each.channel])]
        lines.append(f"| {each.channel} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cells(found: Agreement) -> tuple[str, str]:
    if not np.isfinite(found.error):
        return "not observed", "-"
    return f"{found.moved_error:.3f}", f"{found.correlation:.2f}"


def save_picture(found: ClosedLoop, path: Path) -> None:
    """Draw the correlation and the error of every channel as bars, the tracker's beside ours."""
    from matplotlib.figure import Figure

    ranked = sorted(found.solver, key=lambda each: np.nan_to_num(each.correlation, nan=-2.0))
    scores = {each.channel: each for each in found.tracker}
    figure = Figure(figsize=(9, 11), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    places = np.arange(len(ranked))
    for axis, name, label in zip(
        axes,
        ("correlation", "moved_error"),
        ("correlation with the known weight", "mean absolute error where it moved"),
        strict=True,
    ):
        for shift, source, color in ((0.2, "solver", "#3a7ca5"), (-0.2, "tracker", "#c9c9c9")):
            chosen = ranked if source == "solver" else [scores[each.channel] for each in ranked]
            values = np.nan_to_num([getattr(each, name) for each in chosen])
            axis.barh(places + shift, values, 0.4, color=color, label=source)
        axis.set_xlabel(label)
    axes[0].set_yticks(places, [each.channel for each in ranked], fontsize=7)
    axes[0].legend(loc="lower right")
    figure.suptitle("Closed loop: weights drawn on three heads, then captured from the picture")
    figure.savefig(path, dpi=110)


def main() -> None:
    """Measure, and print every channel."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", type=Path, help="also draw the figures to this PNG file")
    arguments = parser.parse_args()
    found = measure()
    print(f"{table(rows(found))}\n\n{channel_table(found)}")
    if arguments.picture:
        save_picture(found, arguments.picture)


if __name__ == "__main__":
    main()
