"""The trained networks as ONNX files."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from facial_retarget.core.capture.confidence import visibility
from facial_retarget.core.capture.face_crop import SIDE
from facial_retarget.core.capture.solver import ChannelReader
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.landmarks import POINTS
from facial_retarget.core.mesh import Floats

from ..onnx_files import halve, quarter
from ..shapes.arrays import Mask
from .dataset import MIRRORED_CHANNELS
from .judging import Figures
from .looks_network import DeployedLooks
from .network import MOMENTS, TURN_FEATURES, DeployedSolver
from .trainer import Judged

if TYPE_CHECKING:
    import onnx

_OPSET: Final = 17
_TOLD: Final = ["weights", "errors"]


# Drawn heads taught the network less of these than real ones did the tracker. On six real clips
# the tracker's scores agree with the irises by .91 and with the gap between the lips by .96, the
# network's by .47 and .82. Where eyes look is read from the irises in the end.
_LEFT_TO_THE_TRACKER: Final = (
    "jawOpen",
    *(channel for channel in ARKIT_CHANNELS if channel.startswith("eyeLook")),
)
# What skin tells better than points do, on 40 people drawn here and on five heads drawn by Cycles.
_LOOKS_TELL: Final = (
    "cheekPuff",
    "jawForward",
    "jawLeft",
    "jawRight",
    "mouthClose",
    "mouthLeft",
    "mouthPucker",
    "mouthRight",
    "mouthRollUpper",
    "mouthShrugUpper",
    *(
        f"{name}{side}"
        for name in (
            "cheekSquint",
            "eyeSquint",
            "eyeWide",
            "mouthDimple",
            "mouthPress",
            "mouthStretch",
            "noseSneer",
        )
        for side in ("Left", "Right")
    ),
)
_CLEARLY: Final = 0.02  # of correlation
_UNREADABLE: Final = ("tongueOut",)  # the tracker has no points on tongues


def choices(found: Judged, scores: Floats) -> tuple[dict[str, float], list[str]]:
    """Return how well each channel is read, and which are left to the tracker's scores.

    found: what was read of people never seen. scores: (frames, 52) the tracker's of the same.
    """
    ours = Figures.of(found.weights, found.true, found.known).correlations
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


def looks_choices(found: Judged, points: ChannelReader) -> tuple[dict[str, float], list[str]]:
    """Return the same as `choices` where looks correct what another network reads of points.

    found: what looks told of people never seen.
    """
    told = Figures.of(found.weights, found.true, found.known).correlations
    better = looks_tell()
    sure = np.where(better, np.clip(np.nan_to_num(told), 0, 1), points.reliability)
    reliability = dict(zip(ARKIT_CHANNELS, sure.tolist(), strict=True))
    left = ~points.solved & ~better
    return reliability, [ARKIT_CHANNELS[column] for column in np.flatnonzero(left)]


def left_to_the_tracker() -> Mask:
    """Return (52,) the channels that no network reads better than the tracker."""
    return np.isin(ARKIT_CHANNELS, _LEFT_TO_THE_TRACKER)


def looks_tell() -> Mask:
    """Return (52,) the channels that looks tell better than points alone."""
    return np.isin(ARKIT_CHANNELS, _LOOKS_TELL)


def export_solver(
    solver: DeployedSolver, path: Path, reliability: Mapping[str, float], tracker: list[str]
) -> None:
    """Write "moments" (N, 7, 1440) and "person" (N, 1438) -> "weights", "errors" (N, 52).

    reliability: how well each channel is read. tracker: the channels that its scores tell better.
    """
    given = {
        "moments": torch.zeros(2, len(MOMENTS), solver.encode.in_features),
        "person": torch.zeros(2, solver.know.in_features),
    }
    _write(solver, given, _TOLD, path, quarter, _read_by(reliability, tracker))


def export_looks(
    looks: DeployedLooks, path: Path, reliability: Mapping[str, float], tracker: list[str]
) -> None:
    """Write what `DeployedLooks` takes, by name, -> "weights", "errors" (N, 52)."""
    count = len(ARKIT_CHANNELS)
    given = {
        "crops": torch.zeros(2, SIDE, SIDE),
        "neutrals": torch.zeros(2, SIDE, SIDE),
        "read": torch.zeros(2, count),
        "doubts": torch.ones(2, count),
        "turns": torch.zeros(2, TURN_FEATURES),
    }
    _write(looks, given, _TOLD, path, quarter, _read_by(reliability, tracker))


def export_fit(fit: torch.nn.Module, path: Path) -> None:
    """Write "moved" (N, 1434), "read" (N, 52) and "neutral" (1, 52) -> "weights" (N, 52)."""
    count = len(ARKIT_CHANNELS)
    given = {
        "moved": torch.zeros(2, 3 * POINTS),
        "read": torch.zeros(2, count),
        "neutral": torch.zeros(1, count),
    }

    def packed(graph: "onnx.GraphProto") -> None:
        halve(graph, large=count * POINTS)  # what is multiplied again and again stays exact

    _write(fit, given, ["weights"], path, packed, {"channels": ",".join(ARKIT_CHANNELS)})


def _read_by(reliability: Mapping[str, float], tracker: list[str]) -> dict[str, str]:
    """Return what the metadata of a network that reads channels says."""
    return {
        "channels": ",".join(ARKIT_CHANNELS),
        "moments": ",".join(str(moment) for moment in MOMENTS),
        "reliability": ",".join(f"{reliability[channel]:.3f}" for channel in ARKIT_CHANNELS),
        "tracker": ",".join(tracker),
    }


def _write(
    network: torch.nn.Module, given: Mapping[str, torch.Tensor], told: list[str], path: Path,
    packed: Callable[..., None], properties: Mapping[str, str],
) -> None:  # fmt: skip
    """Write a network; an input of one row alone belongs to all frames."""
    import onnx

    framewise = [*told, *(name for name, values in given.items() if len(values) > 1)]
    torch.onnx.export(
        network.eval(),
        tuple(given.values()),
        str(path),
        input_names=list(given),
        output_names=told,
        dynamic_axes={name: {0: "frames"} for name in framewise},
        opset_version=_OPSET,
        dynamo=False,
    )
    model = onnx.load(str(path))
    packed(model.graph)
    onnx.helper.set_model_props(model, dict(properties))
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
