"""Models by name, checked before they are used."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.errors import ModelError
from facial_retarget.core.runtime import model_bytes, onnx_session


def field(number: int, data: bytes | int) -> bytes:
    """One field of a protocol buffer: a number, or bytes with their length before them."""
    if isinstance(data, int):
        return bytes([number << 3, data])
    return bytes([number << 3 | 2, len(data)]) + data


def identity_model() -> bytes:
    """An ONNX model that returns its input, of any length, written field by field."""
    any_length = field(1, field(2, b"n"))
    tensor = field(1, field(1, 1) + field(2, any_length))  # float32
    graph = (
        field(1, field(1, b"x") + field(2, b"y") + field(4, b"Identity"))
        + field(2, b"graph")
        + field(11, field(1, b"x") + field(2, tensor))
        + field(12, field(1, b"y") + field(2, tensor))
    )
    return field(1, 8) + field(7, graph) + field(8, field(2, 17))


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "モデル"
    folder.mkdir()
    data = identity_model()
    (folder / "identity.onnx").write_bytes(data)
    entry = {
        "file": "identity.onnx",
        "sha256": hashlib.sha256(data).hexdigest(),
        "licence": "CC0-1.0",
    }
    (folder / "index.json").write_text(json.dumps({"identity": entry}))
    return folder


def test_a_model_is_opened_by_name_and_runs(models: Path) -> None:
    session = onnx_session("identity", models)
    values = np.array([1.0, 2.0, 3.0], np.float32)
    assert np.array_equal(session.run(None, {"x": values})[0], values)
    assert onnx_session("identity", models) is session


def test_a_missing_model_is_named(models: Path) -> None:
    (models / "identity.onnx").unlink()
    with pytest.raises(ModelError, match=r"identity\.onnx is missing"):
        model_bytes("identity", models)


def test_an_altered_model_is_refused(models: Path) -> None:
    data = bytearray(identity_model())
    data[-1] ^= 1
    (models / "identity.onnx").write_bytes(bytes(data))
    with pytest.raises(ModelError, match="was altered"):
        model_bytes("identity", models)


@pytest.mark.parametrize("index", ["", "[]", '{"identity": {"file": "identity.onnx"}}'])
def test_a_model_that_the_index_does_not_know_is_refused(models: Path, index: str) -> None:
    (models / "index.json").write_text(index)
    with pytest.raises(ModelError, match="'identity' is not listed"):
        model_bytes("identity", models)


def test_a_file_that_is_no_model_is_refused(models: Path) -> None:
    data = b"no model"
    (models / "identity.onnx").write_bytes(data)
    index = json.loads((models / "index.json").read_text())
    index["identity"]["sha256"] = hashlib.sha256(data).hexdigest()
    (models / "index.json").write_text(json.dumps(index))
    with pytest.raises(ModelError, match="cannot be opened"):
        onnx_session("identity", models)
