"""What a training leaves behind: the network as ONNX, its card, its figures and its pictures."""

import hashlib
import json
from pathlib import Path
from typing import Final

import numpy as np
import torch

from facial_retarget.core.output import whole_file
from facial_retarget.core.retarget.trained import INPUT, METADATA, OUTPUT

from .general import PARTS, TrainedSolver, as_json
from .general_plots import draw_curves, draw_errors

MODEL_FILE: Final = "trained.onnx"

_OPSET: Final = 17
_FRAMES: Final = 100


def save_trained(trained: TrainedSolver, out: Path) -> Path:
    """Write all files of a training into a folder; return the network's."""
    path = out / MODEL_FILE
    with whole_file(path) as part:
        export_onnx(trained, part)
    with whole_file(out / "figures.json") as part:
        part.write_text(json.dumps(as_json(trained), indent=1, ensure_ascii=False), "utf-8")
    draw_curves(trained, out / "curves.png")
    draw_errors(trained.figures, out / "errors.png")
    with whole_file(path.with_suffix(".md")) as part:
        part.write_text(card(trained, path), "utf-8")
    return path


def export_onnx(trained: TrainedSolver, path: Path) -> None:
    """Write "landmarks" (1, frames, numbers) -> "values" (1, frames, names), and what they are."""
    import onnx

    width = int(np.prod(trained.about.shape))
    torch.onnx.export(
        trained.network.eval(),
        (torch.zeros(1, _FRAMES, width),),
        str(path),
        input_names=[INPUT],
        output_names=[OUTPUT],
        dynamic_axes={INPUT: {1: "frames"}, OUTPUT: {1: "frames"}},
        opset_version=_OPSET,
        dynamo=False,
    )
    model = onnx.load(str(path))
    model.graph.output[0].type.tensor_type.shape.dim[2].dim_value = len(trained.about.names)
    onnx.helper.set_model_props(model, {METADATA: json.dumps(trained.about.to_json())})
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def card(trained: TrainedSolver, path: Path) -> str:
    """Return what a reader should know of a network, as Markdown."""
    figures, about = trained.figures, trained.about
    rows = "\n".join(
        f"| {_in_a_table(name)} | {error:.4g} | {correlation:.2f} | {mean:.4g} | {linear:.4g} |"
        for name, error, correlation, mean, linear in zip(
            figures.names,
            figures.error,
            figures.correlation,
            figures.mean,
            figures.linear,
            strict=True,
        )
    )
    parts = "\n".join(
        f"- {part}: {len(trained.parts[part])} takes, "
        f"{sum(len(take.target) for take in trained.parts[part]):,} frames, "
        f"{len({take.person for take in trained.parts[part]})} people"
        for part in PARTS
    )
    validation = ", ".join(f"{kind} {error:.3g}" for kind, error in trained.validation.items())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"""# {path.stem}

From landmarks ({" x ".join(map(str, about.shape))} a frame) to {len(about.names)} values of a rig.
Of ridge regression and two networks the {trained.kind} one was the best on the takes to choose
by (error in spreads: {validation}).
Whose faces it learned from, and under which terms, its owner knows.

{parts}

On the test takes, mean absolute error in the rig's units:

| value | error | correlation | error of the mean | of ridge regression |
|---|---|---|---|---|
{rows}

Options: {json.dumps(as_json(trained)["options"])}. SHA-256: {digest}
"""


def _in_a_table(name: str) -> str:
    return name.replace("|", "\\|")
