"""Weights that were given less room, opened by the runtime that ships."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx")

import onnx
import onnxruntime

from training.onnx_files import halve, quarter

OUTPUTS, INPUTS, ROWS = 24, 48, 40


@pytest.fixture
def given() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(ROWS, INPUTS)).astype(np.float32)


def weights(*shape: int, axis: int) -> np.ndarray:
    """Outputs of which each has a size of its own."""
    values = np.random.default_rng(0).normal(size=shape)
    sizes = np.geomspace(0.01, 10, OUTPUTS)
    return (values * np.moveaxis(sizes.reshape(-1, *[1] * (len(shape) - 1)), 0, axis)).astype("f4")


def model_of(kind: str, values: np.ndarray, **attributes: Any) -> Any:
    helper, is_conv = onnx.helper, kind == "Conv"
    shape = [1, INPUTS, ROWS] if is_conv else [ROWS, INPUTS]
    graph = helper.make_graph(
        [helper.make_node(kind, ["given", "weights"], ["made"], **attributes)],
        "one",
        [helper.make_tensor_value_info("given", onnx.TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("made", onnx.TensorProto.FLOAT, [None] * len(shape))],
        [onnx.numpy_helper.from_array(values, "weights")],
    )
    opsets = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def made_by(model: Any, given: np.ndarray) -> np.ndarray:
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    made: np.ndarray = session.run(None, {"given": given})[0]
    return made


@pytest.fixture(params=["MatMul", "Gemm", "turned Gemm", "Conv"])
def layer(request: pytest.FixtureRequest) -> Any:
    models = {
        "MatMul": lambda: model_of("MatMul", weights(INPUTS, OUTPUTS, axis=1)),
        "Gemm": lambda: model_of("Gemm", weights(INPUTS, OUTPUTS, axis=1)),
        "turned Gemm": lambda: model_of("Gemm", weights(OUTPUTS, INPUTS, axis=0), transB=1),
        "Conv": lambda: model_of("Conv", weights(OUTPUTS, INPUTS, 3, axis=0)),
    }
    return models[request.param]()


@pytest.mark.parametrize(("pack", "bytes_each", "most"), [(halve, 2, 1e-3), (quarter, 1, 0.02)])
def test_every_output_stays_what_it_was_whatever_its_size(
    layer: Any, pack: Callable[[Any], None], bytes_each: int, most: float, given: np.ndarray
) -> None:
    is_conv = layer.graph.node[0].op_type == "Conv"
    given = given.T[None] if is_conv else given
    before, (whole,) = made_by(layer, given), layer.graph.initializer
    count = int(np.prod(whole.dims))
    pack(layer.graph)
    size = sum(len(each.raw_data) for each in layer.graph.initializer)
    assert size <= bytes_each * count + 4 * OUTPUTS
    after = made_by(layer, given)
    rest = (0, 2) if is_conv else 0
    assert (np.abs(after - before).mean(rest) <= most * np.abs(before).mean(rest)).all()


def test_what_is_small_or_no_float_stays_as_it_is() -> None:
    model = model_of("MatMul", np.ones((INPUTS, 2), np.float32))
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.arange(999), "numbers"))
    before = model.SerializeToString()
    quarter(model.graph)
    assert model.SerializeToString() == before
