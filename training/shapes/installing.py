"""What a training made, described beside it, and put where the add-on finds its models."""

import dataclasses
import json
from datetime import date
from pathlib import Path
from typing import Any, Final

from facial_retarget.core.errors import FormatError
from facial_retarget.core.shapes import identity, predict

from ..model_index import put_model, sha256_of
from .config import ShapesConfig
from .licences import licence_of, licence_of_all

IDENTITY_FILE: Final = "face_identity.npz"
SHAPES_FILE: Final = "face_shapes.onnx"
# By the name in models/index.json.
FILES: Final = {identity.MODEL_NAME: IDENTITY_FILE, predict.MODEL_NAME: SHAPES_FILE}
RECORD: Final = "trained.json"


def write_record(folder: Path, config: ShapesConfig) -> None:
    """Say what the models in a folder were made from; without it they are unfinished."""
    record = {
        "date": date.today().isoformat(),
        "config": dataclasses.asdict(config),
        "sha256": {name: sha256_of(folder / file) for name, file in FILES.items()},
    }
    (folder / RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def install(folder: Path, models: Path) -> list[Path]:
    """Copy trained models to the add-on's, and state their hashes in the index and the cards.

    Raises FormatError where they are unfinished, FacialRetargetError where the licence of what
    they have learned from forbids it or a card does not name it, and OutputError.
    """
    record = _record(folder)
    licences = {name: licence_of_all(_families(name, record)) for name in FILES}
    for name in FILES:
        _check_notices(models / f"{name}.md", _families(name, record))
    return [put_model(folder / file, name, licences[name], models) for name, file in FILES.items()]


def _families(name: str, record: dict[str, Any]) -> list[str]:
    """Name those from whom a model has learned."""
    config = record["config"]
    left_out = config.get("masks", ()) if name == identity.MODEL_NAME else ()
    return [family for family in config["families"] if family not in left_out]


def _record(folder: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        for name, file in FILES.items():
            if sha256_of(folder / file) != record["sha256"][name]:
                raise ValueError(f"{file} is not the file that was trained")
    except (OSError, ValueError, KeyError) as error:
        raise FormatError(
            f"{folder} holds no finished models ({error}). Run `python -m training shapes train`."
        ) from error
    return record


def _check_notices(card: Path, families: list[str]) -> None:
    text = card.read_text(encoding="utf-8") if card.is_file() else ""
    missing = [licence_of(name).notice for name in families]
    missing = [notice for notice in missing if notice not in text]
    if missing:
        raise FormatError(
            f"{card} does not say what its data asks for: {'; '.join(missing)}. Add it, and export "
            "again."
        )
