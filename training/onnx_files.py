"""What exported ONNX files share: weights in less room, which the runtime widens on opening."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import onnx

_SMALL: Final = 512  # weights; fewer are not worth a conversion

# Takes weights, their name and the node that uses them; returns tensors and the nodes that make
# weights of that name of them again.
Packing: TypeAlias = (
    "Callable[[NDArray[np.float32], str, onnx.NodeProto],"
    " tuple[list[onnx.TensorProto], list[onnx.NodeProto]]]"
)


def halve(graph: "onnx.GraphProto", large: int = _SMALL) -> None:
    """Keep weights of which there are so many as 16-bit floats."""
    _pack(graph, _as_halves, large)


def quarter(graph: "onnx.GraphProto") -> None:
    """Keep large weights as bytes with a step for each output, and what has one axis as halves."""
    _pack(graph, _as_bytes, _SMALL)


def _pack(graph: "onnx.GraphProto", packing: Packing, large: int) -> None:
    from onnx import numpy_helper

    users = {name: node for node in graph.node for name in node.input}
    tensors, unpacking = [], []
    for weights in graph.initializer:
        values = numpy_helper.to_array(weights)
        if values.dtype != np.float32 or values.size < large:
            tensors.append(weights)
            continue
        made, nodes = packing(values, weights.name, users[weights.name])
        tensors += made
        unpacking += nodes
    nodes = [*unpacking, *graph.node]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(tensors)
    graph.node.extend(nodes)


def _as_halves(
    values: NDArray[np.float32], name: str, _user: "onnx.NodeProto"
) -> "tuple[list[onnx.TensorProto], list[onnx.NodeProto]]":
    from onnx import TensorProto, helper, numpy_helper

    half = f"{name}_half"
    tensor = numpy_helper.from_array(values.astype(np.float16), half)
    return [tensor], [helper.make_node("Cast", [half], [name], to=TensorProto.FLOAT)]


def _as_bytes(
    values: NDArray[np.float32], name: str, user: "onnx.NodeProto"
) -> "tuple[list[onnx.TensorProto], list[onnx.NodeProto]]":
    from onnx import TensorProto, helper, numpy_helper

    if values.ndim == 1:
        return _as_halves(values, name, user)
    rest = tuple(axis for axis in range(values.ndim) if axis != _output_axis(user, values.ndim))
    size = np.maximum(np.abs(values).max(axis=rest, keepdims=True), np.float32(1e-9)) / 127
    steps, wide, step = f"{name}_steps", f"{name}_wide", f"{name}_step"
    tensors = [
        numpy_helper.from_array(np.round(values / size).astype(np.int8), steps),
        numpy_helper.from_array(size.astype(np.float32), step),
    ]
    return tensors, [
        helper.make_node("Cast", [steps], [wide], to=TensorProto.FLOAT),
        helper.make_node("Mul", [wide, step], [name]),
    ]


def _output_axis(user: "onnx.NodeProto", axes: int) -> int:
    turned = any(each.name == "transB" and each.i for each in user.attribute)
    return 0 if user.op_type == "Conv" or turned else axes - 1
