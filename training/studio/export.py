"""Writes a model's folder as core.shapes.studio reads it, one target at a time."""

import hashlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from facial_retarget.core.output import whole_file
from facial_retarget.core.shapes.studio import (
    CHECKPOINT_FILE,
    FORMAT,
    INDEX_FILE,
    NORMALISATION_FILE,
    Normalisation,
    Targets,
)

from .fit import Layer

_OPSET: Final = 17
_IR_VERSION: Final = 8  # what runtimes read since 2022


def network_bytes(layers: Sequence[Layer]) -> bytes:
    """Return the ONNX file of a network with a ReLU after each layer but the last."""
    nodes, weights, flowing = [], [], "identity"
    for number, layer in enumerate(layers):
        is_last = number == len(layers) - 1
        weights.append(numpy_helper.from_array(layer.weight, f"weight_{number}"))
        weights.append(numpy_helper.from_array(layer.bias, f"bias_{number}"))
        result = "displacement" if is_last else f"sum_{number}"
        inputs = [flowing, f"weight_{number}", f"bias_{number}"]
        nodes.append(helper.make_node("Gemm", inputs, [result], transB=1))
        if not is_last:
            flowing = f"hidden_{number}"
            nodes.append(helper.make_node("Relu", [result], [flowing]))
    graph = helper.make_graph(
        nodes,
        "studio_target",
        [_tensor("identity", layers[0].weight.shape[1])],
        [_tensor("displacement", len(layers[-1].bias))],
        weights,
    )
    opsets = [helper.make_opsetid("", _OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString()
    return data


def file_name(target: str, taken: Sequence[str]) -> str:
    """Return a file name for a target that is fine on every system and not yet taken."""
    stem = re.sub(r"[^A-Za-z0-9_-]", "_", target)[:60]
    names = [f"{stem}.onnx", *(f"{stem}_{number}.onnx" for number in range(2, len(taken) + 3))]
    lowered = {name.lower() for name in taken}
    return next(name for name in names if name.lower() not in lowered)


def write_bytes(path: Path, data: bytes) -> str:
    """Write a file whole and return its SHA-256."""
    with whole_file(path) as part:
        part.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def finish(
    folder: Path,
    normalisation: Normalisation,
    targets: Targets,
    entries: Mapping[str, Any],
    about: Mapping[str, Any],
) -> None:
    """Write the normalisation and, last, the index; then the checkpoint has served its time."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **vars(normalisation), **vars(targets))
    sha256 = write_bytes(folder / NORMALISATION_FILE, buffer.getvalue())
    index = {
        "format": FORMAT,
        **about,
        "normalisation": {"file": NORMALISATION_FILE, "sha256": sha256},
        "targets": entries,
    }
    write_json(folder / INDEX_FILE, index)
    (folder / CHECKPOINT_FILE).unlink(missing_ok=True)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file whole, readable."""
    write_bytes(path, json.dumps(content, indent=1, ensure_ascii=False).encode())


def _tensor(name: str, size: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", size])
