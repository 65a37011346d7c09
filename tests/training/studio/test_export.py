"""The model whose every number was set by hand: tests/core/shapes/studio computes with it."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs `make test-training`")

from facial_retarget.core.shapes.studio import Normalisation, StudioModel, Targets
from training.studio.export import file_name, finish, network_bytes, write_bytes
from training.studio.fit import Layer

COMMITTED = Path(__file__).parents[2] / "core" / "shapes" / "studio" / "hand_made"


def floats(*values: object) -> np.ndarray:
    return np.array(values, np.float32)


def write_by_hand(folder: Path) -> None:
    """Two vertices; the third coordinate of the first never varies."""
    layers = (
        Layer(floats([1, 0], [0, -2], [1, 1]), floats(1, 0.5, 1)),
        Layer(floats([2, 0, 7], [-1, 2, 5]), floats(0.5, -1)),
    )
    sha256 = write_bytes(folder / "jawOpen.onnx", network_bytes(layers))
    held_out = {"error": 0.1, "mean_error": 0.2, "length": 0.4}
    finish(
        folder,
        Normalisation(
            minimum=floats(0, 0, 0, 0, 0, 0),
            maximum=floats(2, 4, 0, 1, 1, 1),
            basis=floats([1, 2, 0, 0, 0], [0, 0, 0, 2, 1]),
            offset=floats(0.5, -1),
        ),
        Targets(
            mean=floats([0, 9, 0, 9, 0, 0.3], [0, 0, 0.2, 0, 0, 0]),
            mask=np.array([[0, 1, 0, 1, 0, 0], [0] * 6], bool),
            scale=floats(0.1, 1),
        ),
        {
            "jawOpen": {"file": "jawOpen.onnx", "sha256": sha256, "held_out": held_out},
            "mouthClose": {"file": None, "sha256": None, "held_out": None},
        },
        {"strength": 0.5},
    )


def test_the_committed_model_is_what_is_written_today(tmp_path: Path) -> None:
    # After a change of the format, copy what write_by_hand leaves to COMMITTED.
    write_by_hand(tmp_path)
    written = json.loads((tmp_path / "studio_model.json").read_text("utf-8"))
    committed = json.loads((COMMITTED / "studio_model.json").read_text("utf-8"))
    for index in (written, committed):
        index["normalisation"].pop("sha256")  # holds the time of its making
    assert written == committed
    with (
        np.load(tmp_path / "normalisation.npz") as new,
        np.load(COMMITTED / "normalisation.npz") as old,
    ):
        assert all(np.array_equal(new[name], old[name]) for name in {*new.files, *old.files})


def test_a_network_is_the_same_file_each_time_and_passes_its_hash(tmp_path: Path) -> None:
    write_by_hand(tmp_path)
    digest = hashlib.sha256((tmp_path / "jawOpen.onnx").read_bytes()).hexdigest()
    assert StudioModel.load(tmp_path).targets["jawOpen"]["sha256"] == digest
    assert (tmp_path / "jawOpen.onnx").read_bytes() == (COMMITTED / "jawOpen.onnx").read_bytes()


def test_file_names_are_fine_on_every_system_and_differ() -> None:
    taken: list[str] = []
    for target in ("jawOpen", "JawOpen", "あ", "い", "mouth/Left", "x" * 200):
        taken.append(file_name(target, taken))
    assert taken[:5] == ["jawOpen.onnx", "JawOpen_2.onnx", "_.onnx", "__2.onnx", "mouth_Left.onnx"]
    assert len(taken[5]) < 70
