"""The better way of each method, exported and put among the add-on's models."""

from pathlib import Path
from typing import Final, cast

from ..model_index import put_model
from .comparing import best_way
from .export import (
    export_encoder,
    export_features_mouth,
    export_recogniser,
    export_visemes_mouth,
)
from .networks.tuned import TunedFeatures
from .stages import Studio

# Nothing that they learned from asks for more: see the cards.
LICENCE: Final = "CC0-1.0"


def install(studio: Studio, models: Path) -> list[Path]:
    """Export the recogniser, its best mouth, and the tuned features, and put them into `models`.

    Raises FacialRetargetError where one is not trained yet, and OutputError.
    """
    folder = studio.folder / "exported"
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        name: folder / f"{name}.onnx"
        for name in (
            "speech_recogniser",
            "speech_visemes_mouth",
            "speech_encoder",
            "speech_features_mouth",
        )
    }
    tuned = cast(TunedFeatures, studio.network("tuned_cnn"))
    visemes = studio.network(f"visemes_{best_way(studio, 'visemes')}")
    export_recogniser(studio.network("recogniser"), files["speech_recogniser"])
    export_encoder(tuned.encoder, files["speech_encoder"])
    export_visemes_mouth(visemes, files["speech_visemes_mouth"])
    export_features_mouth(tuned.mouth, files["speech_features_mouth"])
    return [put_model(file, name, LICENCE, models) for name, file in files.items()]
