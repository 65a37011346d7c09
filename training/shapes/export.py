"""A trained predictor as ONNX."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import onnx
import onnxruntime
import torch

from facial_retarget.core.shapes.predict import Predictor

from .regression import PatchRegression

_OPSET = 17


def export(network: PatchRegression, names: Sequence[str], path: Path) -> Predictor:
    """Write the network to `path`, with the shapes' names in it, and open what was written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # A copy: the exporter would take the buffer itself for the input and fold it away.
    face = network.mean.clone()
    corners = torch.zeros(5, 3, dtype=torch.long)
    weights = torch.full((5, 3), 1 / 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter's own future
        torch.onnx.export(
            network.eval(),
            (face, corners, weights),
            str(path),
            input_names=["face", "corners", "weights"],
            output_names=["deltas", "doubt"],
            dynamic_axes={
                "corners": {0: "points"},
                "weights": {0: "points"},
                "deltas": {1: "points"},
                "doubt": {1: "points"},
            },
            opset_version=_OPSET,
            do_constant_folding=False,  # it would unfold the bytes to floats
            dynamo=False,
        )
    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, {"shapes": ",".join(names)})
    onnx.save(model, str(path))
    return Predictor.of(onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]))
