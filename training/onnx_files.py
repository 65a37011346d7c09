"""What exported ONNX files share."""

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import onnx

_SMALL: Final = 512  # weights; fewer are not worth a conversion


def halve(graph: "onnx.GraphProto") -> None:
    """Keep large weights as 16-bit floats, which the runtime widens when it opens the file."""
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for weights in graph.initializer:
        values = numpy_helper.to_array(weights)
        if values.dtype != np.float32 or values.size < _SMALL:
            continue
        name = weights.name
        weights.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}_half"))
        casts.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend([*casts, *nodes])
