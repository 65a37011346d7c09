"""Models by name: found in models/, checked against its index, opened for inference."""

import functools
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .errors import ModelError

if TYPE_CHECKING:
    import onnxruntime

MODELS_FOLDER: Final = Path(__file__).parents[2] / "models"


@dataclass(frozen=True)
class ModelEntry:
    """One line of models/index.json: a file, the hash it must have, and its licence."""

    name: str
    file: str
    sha256: str
    licence: str


def model_entry(name: str, folder: Path = MODELS_FOLDER) -> ModelEntry:
    """Look a model up by name. Raises ModelError where the index is unreadable or lacks it."""
    try:
        index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        entry = index[name]
        return ModelEntry(name, entry["file"], entry["sha256"], entry["licence"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"The model '{name}' is not listed with this installation. Install the add-on again."
        ) from error


def model_bytes(name: str, folder: Path = MODELS_FOLDER) -> bytes:
    """Return a model's file whole: a path would fail where a user's name is not ASCII.

    Raises ModelError where the file is missing or is not the one the index was made for.
    """
    entry = model_entry(name, folder)
    try:
        data = (folder / entry.file).read_bytes()
    except OSError as error:
        raise ModelError(
            f"The model file {entry.file} is missing. Install the add-on again."
        ) from error
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        raise ModelError(f"The model file {entry.file} was altered. Install the add-on again.")
    return data


@functools.lru_cache(maxsize=8)
def onnx_session(
    name: str, folder: Path = MODELS_FOLDER, threads: int = 0
) -> "onnxruntime.InferenceSession":
    """Open an ONNX model for the CPU; opened once, then kept. `threads` 0 lets it choose.

    Raises ModelError as model_bytes does, or where the runtime cannot read the model.
    """
    import onnxruntime

    data = model_bytes(name, folder)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime raises types of its own, without a common base
        raise ModelError(
            f"The model '{name}' cannot be opened by this version's runtime. "
            "Install the add-on again."
        ) from error
