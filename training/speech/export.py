"""Trained networks as ONNX files whose weights take half the room, or a quarter of it.

The large networks hear the same with bytes; the small ones, which move lips, lose by them.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn

from facial_retarget.core.speech.features import MEL_BANDS
from facial_retarget.core.speech.methods import AHEAD
from facial_retarget.core.speech.parameters import MOUTH_PARAMETERS
from facial_retarget.core.speech.visemes import VISEMES

from ..onnx_files import halve, quarter
from .networks.blocks import Context
from .networks.encoder import FEATURES, Encoder
from .networks.mouth import VISEME_INPUTS

if TYPE_CHECKING:
    import onnx

_OPSET: Final = 17
_ROWS: Final = 200


def export_recogniser(network: nn.Module, path: Path) -> None:
    """Write "mel" (1, N, 64) -> "logits" and "ahead", both (1, N - context, 15)."""
    _export(network, MEL_BANDS, "mel", ["logits", "ahead"], path)
    widths = [len(VISEMES)] * 2
    _describe(path, network, widths, quarter, channels=",".join(VISEMES), ahead=str(AHEAD))


def export_encoder(encoder: Encoder, path: Path) -> None:
    """Write "mel" (1, N, 64) -> "features" (1, (N - context) / 2, FEATURES)."""
    _export(encoder, MEL_BANDS, "mel", ["features"], path)
    _describe(path, encoder, [FEATURES], quarter)


def export_visemes_mouth(network: nn.Module, path: Path) -> None:
    """Write "visemes" (1, N, 32) at 100 a second -> "mouth" (1, M, 13) at 50."""
    _export(_Mouth(network), VISEME_INPUTS, "visemes", ["mouth"], path)
    _describe(path, network, [len(MOUTH_PARAMETERS)], halve, channels=",".join(MOUTH_PARAMETERS))


def export_features_mouth(network: nn.Module, path: Path) -> None:
    """Write "features" (1, N, FEATURES) -> "mouth" (1, M, 13) and "logits" (1, M, 15) at 50."""
    _export(network, FEATURES, "features", ["mouth", "logits"], path)
    widths = [len(MOUTH_PARAMETERS), len(VISEMES)]
    _describe(path, network, widths, halve, channels=",".join(MOUTH_PARAMETERS))


class _Mouth(nn.Module):
    """A mouth network without its guess of visemes."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, rows: Tensor) -> Tensor:
        mouth: Tensor = self.network(rows)[0]
        return mouth


def _export(network: nn.Module, width: int, heard: str, made: Sequence[str], path: Path) -> None:
    torch.onnx.export(
        network.eval(),
        (torch.zeros(1, _ROWS, width),),
        str(path),
        input_names=[heard],
        output_names=list(made),
        dynamic_axes={heard: {1: "rows"}, **{name: {1: "frames"} for name in made}},
        opset_version=_OPSET,
        dynamo=False,
    )


def _describe(
    path: Path,
    network: nn.Module,
    widths: Sequence[int],
    pack: "Callable[[onnx.GraphProto], None]",
    **properties: str,
) -> None:
    """Give the weights less room and say how far the network hears."""
    import onnx

    context: Context = network.context
    model = onnx.load(str(path))
    pack(model.graph)
    for output, width in zip(model.graph.output, widths, strict=True):
        output.type.tensor_type.shape.dim[2].dim_value = width
    reach = {name: str(value) for name, value in vars(context).items()}
    onnx.helper.set_model_props(model, {**reach, **properties})
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
