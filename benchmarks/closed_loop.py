"""Closed loop: heads drawn with known weights, captured again.

Draws the identities of the demo's head through expressions of all 52 channels while the head
turns a little, captures each video as a user would, and compares channel by channel.
`python -m benchmarks.closed_loop` prints every channel.
"""

import argparse
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Final

import bpy
import numpy as np
from numpy.typing import NDArray

from benchmarks.agreement import Agreement, agreement
from benchmarks.known_weights import FRAME_RATE, known_weights
from benchmarks.row import Row
from facial_retarget.blender.render.pixels import rendered_frames
from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.head import guess_head_target
from facial_retarget.blender.scene.write import WriteOptions, write_performance
from facial_retarget.core.capture import capture_video
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.clip import Clip, HeadMotion
from facial_retarget.core.performance import Curve, Performance, Summary
from facial_retarget.core.polish import PolishOptions, polish
from facial_retarget.core.video_out import video_writer
from facial_retarget.demo.head import build_head
from facial_retarget.demo.makehuman import Identity, identities
from facial_retarget.demo.stage import set_stage

Weights = dict[str, NDArray[np.float32]]

ASSETS: Final = Path(__file__).parents[1] / "build" / "assets"
_PICTURE_SIZE: Final = 256  # pixels
_TURN: Final = np.radians(6)  # of the head, to each side
_TURN_FRAMES: Final = 37


def measure() -> list[Agreement]:
    """Return how well each channel came back, over all identities together."""
    known: list[Weights] = []
    captured: list[Weights] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, identity in enumerate(identities().values()):
            weights = known_weights(seed=number)
            video = Path(folder) / f"{number}.mp4"
            draw(identity, weights, video)
            clip = polish(capture_video(video), PolishOptions(smoothing="off"))
            known.append(weights)
            captured.append(_at_frames(clip, len(weights["jawOpen"])))
    return agreement(_joined(known), _joined(captured))


def draw(identity: Identity, weights: Weights, video: Path) -> None:
    """Film a head of the demo while its shape keys take known weights."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    scene = bpy.context.scene
    head = build_head(scene, ASSETS, identity)
    set_stage(scene, head.eyes, _PICTURE_SIZE)
    performance = _performance(weights)
    character = find_character(head.face)
    write_performance(
        character, performance, WriteOptions(head=guess_head_target(character)), scene
    )
    size = (_PICTURE_SIZE, _PICTURE_SIZE)
    frames = performance.frames.astype(int).tolist()
    with video_writer(video, size, Fraction(FRAME_RATE)) as writer:
        for _frame, image in rendered_frames(scene, frames):
            writer.write(image)


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


def rows(found: list[Agreement]) -> list[Row]:
    """Return the means over the channels that the tracker observes, for the table."""
    observed = [each for each in found if np.isfinite(each.error)]
    error = float(np.mean([each.error for each in observed]))
    correlation = float(np.mean([each.correlation for each in observed]))
    counted = f"closed loop, mean of {len(observed)} channels:"
    return [
        Row(f"{counted} absolute error", error, ""),
        Row(f"{counted} correlation", correlation, ""),
    ]


def channel_table(found: list[Agreement]) -> str:
    """Return every channel's figures as a table in Markdown, the best first."""
    lines = ["| channel | mean absolute error | correlation |", "|---|---|---|"]
    for each in sorted(found, key=lambda each: -np.nan_to_num(each.correlation, nan=-2.0)):
        known = np.isfinite(each.error)
        figures = f"{each.error:.3f} | {each.correlation:.2f}" if known else "not observed | -"
        lines.append(f"| {each.channel} | {figures} |")
    return "\n".join(lines)


def save_picture(found: list[Agreement], path: Path) -> None:
    """Draw the correlation and the error of every channel as bars."""
    from matplotlib.figure import Figure

    ranked = sorted(found, key=lambda each: np.nan_to_num(each.correlation, nan=-2.0))
    places = np.arange(len(ranked))
    figure = Figure(figsize=(9, 11), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    left.barh(places, np.nan_to_num([each.correlation for each in ranked]), color="#3a7ca5")
    left.set_yticks(places, [each.channel for each in ranked], fontsize=7)
    left.set_xlabel("correlation with the known weight")
    right.barh(places, np.nan_to_num([each.error for each in ranked]), color="#d98e4a")
    right.set_xlabel("mean absolute error")
    figure.suptitle("Closed loop: weights drawn on three heads, then captured from the picture")
    figure.savefig(path, dpi=110)


def main() -> None:
    """Measure, and print every channel."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", type=Path, help="also draw the figures to this PNG file")
    arguments = parser.parse_args()
    found = measure()
    print(channel_table(found))
    if arguments.picture:
        save_picture(found, arguments.picture)


if __name__ == "__main__":
    main()
