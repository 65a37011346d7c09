"""The trained solver as an ONNX file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import torch

from facial_retarget.core.capture.confidence import visibility
from facial_retarget.core.channels import ARKIT_CHANNELS

from ..onnx_files import halve
from ..shapes.stages import Arrays
from .dataset import MIRRORED_CHANNELS
from .judging import Figures, tracker_scores
from .network import MOMENTS, DeployedSolver, SolverNetwork
from .preparing import FEWEST
from .trainer import Frames, judge

_OPSET: Final = 17


# Drawn heads taught the network less of these than real ones did the tracker. On six real clips
# the tracker's scores agree with the irises by .91 and with the gap between the lips by .96, the
# network's by .47 and .82.
_LEFT_TO_THE_TRACKER: Final = (
    "jawOpen",
    *(channel for channel in ARKIT_CHANNELS if channel.startswith("eyeLook")),
)
_CLEARLY: Final = 0.02  # of correlation
_UNREADABLE: Final = ("tongueOut",)  # the tracker has no points on tongues


def choices(
    network: SolverNetwork, arrays: Arrays, frames: Path
) -> tuple[dict[str, float], list[str]]:
    """Return how well each channel is read, and which are left to the tracker's scores."""
    found = judge(network, Frames(arrays, "validation"))
    ours = Figures.of(found.weights, found.true, found.known).correlations
    scores = tracker_scores(frames, "validation", FEWEST)
    theirs = Figures.of(scores, found.true, found.known).correlations
    gain = np.nan_to_num(theirs) - np.nan_to_num(ours)
    better = gain + gain[MIRRORED_CHANNELS] > 2 * _CLEARLY  # both sides of a face are read alike
    tracker = [
        channel
        for channel, is_better in zip(ARKIT_CHANNELS, better, strict=True)
        if (is_better or channel in _LEFT_TO_THE_TRACKER) and visibility()[channel]
    ]
    reliability = {
        channel: 0.0 if channel in _UNREADABLE else float(np.clip(np.nan_to_num(agree), 0, 1))
        for channel, agree in zip(ARKIT_CHANNELS, ours, strict=True)
    }
    return reliability, tracker


def export_solver(
    solver: DeployedSolver, path: Path, reliability: Mapping[str, float], tracker: list[str]
) -> None:
    """Write "moments" (N, 7, 1440) and "person" (N, 1438) -> "weights", "errors" (N, 52).

    reliability: how well each channel is read. tracker: the channels that its scores tell better.
    """
    import onnx

    torch.onnx.export(
        solver.eval(),
        (
            torch.zeros(2, len(MOMENTS), solver.encode.in_features),
            torch.zeros(2, solver.know.in_features),
        ),
        str(path),
        input_names=["moments", "person"],
        output_names=["weights", "errors"],
        dynamic_axes={name: {0: "frames"} for name in ("moments", "person", "weights", "errors")},
        opset_version=_OPSET,
        dynamo=False,
    )
    model = onnx.load(str(path))
    halve(model.graph)
    properties = {
        "channels": ",".join(ARKIT_CHANNELS),
        "moments": ",".join(str(moment) for moment in MOMENTS),
        "reliability": ",".join(f"{reliability[channel]:.3f}" for channel in ARKIT_CHANNELS),
        "tracker": ",".join(tracker),
    }
    onnx.helper.set_model_props(model, properties)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
