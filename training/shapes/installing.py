"""What a training made, described beside it, and put where the add-on finds its models."""

import dataclasses
import hashlib
import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any, Final

from facial_retarget.core.errors import FormatError, OutputError
from facial_retarget.core.shapes import identity, predict

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
        "sha256": {name: _sha256(folder / file) for name, file in FILES.items()},
    }
    (folder / RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def install(folder: Path, models: Path) -> list[Path]:
    """Copy trained models to the add-on's, and state their hashes in the index and the cards.

    Raises FormatError where they are unfinished, FacialRetargetError where the licence of what
    they have learned from forbids it or a card does not name it, and OutputError.
    """
    record = _record(folder)
    families = record["config"]["families"]
    licence = licence_of_all(families)
    cards = {name: models / f"{name}.md" for name in FILES}
    for card in cards.values():
        _check_notices(card, families)
    try:
        index = json.loads((models / "index.json").read_text(encoding="utf-8"))
        for name, file in FILES.items():
            shutil.copyfile(folder / file, models / file)
            index[name] = {"file": file, "sha256": record["sha256"][name], "licence": licence}
            _restate(cards[name], models / file, record["sha256"][name])
        (models / "index.json").write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"The models cannot be put into {models} ({error.strerror}).") from error
    return [models / file for file in FILES.values()]


def _record(folder: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        for name, file in FILES.items():
            if _sha256(folder / file) != record["sha256"][name]:
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


def _restate(card: Path, file: Path, sha256: str) -> None:
    """Write a file's size and hash where the card has another's."""
    text = card.read_text(encoding="utf-8")
    text = re.sub(r"\b[0-9a-f]{64}\b", sha256, text)
    text = re.sub(rf"(`{file.name}`), [\d,]+ bytes", rf"\1, {file.stat().st_size:,} bytes", text)
    card.write_text(text, encoding="utf-8")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
