"""`python -m training retarget fit`: the model face_fit, from the frames filmed for the solver."""

import argparse
from pathlib import Path

from facial_retarget.core.runtime import MODELS_FOLDER

from .solver_cli import LICENCE, Commands, added


def add_fit(commands: Commands) -> None:
    """Add the command to the group `retarget`."""
    text = "learn how points follow weights, and put what fits them among the add-on's models"
    fit = added(commands, "fit", text, _fit)
    fit.add_argument("--models", type=Path, default=MODELS_FOLDER, metavar="DIR")


def _fit(arguments: argparse.Namespace) -> None:
    from ..model_index import put_model
    from .dataset import sequences
    from .fitting import FaceFit
    from .response import Response
    from .solver_export import export_fit

    response = Response.learned(sequences(arguments.folder / "frames", "train"))
    file = arguments.folder / "face_fit.onnx"
    export_fit(FaceFit(response), file)
    print(put_model(file, "face_fit", LICENCE, arguments.models))  # noqa: T201 - the command's result
