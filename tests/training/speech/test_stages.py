import json
from pathlib import Path

import numpy as np
import pytest
import torch

from facial_retarget.core.errors import FacialRetargetError
from training.speech.comparing import compared
from training.speech.installing import install
from training.speech.stages import STAGES, Studio
from training.speech.trainer import Place


def quiet(_line: str) -> None:
    pass


def test_every_stage_is_trained_compared_and_exported(studio: Studio, tmp_path: Path) -> None:
    for stage in STAGES:
        studio.train(stage, Place(), quiet)
    table = compared(studio, "validation")
    for way in (
        "visemes: mlp",
        "visemes: cnn",
        "features: cnn fed back",
        "features: cnn attention",
    ):
        assert way in table
    models = tmp_path / "models"
    models.mkdir()
    (models / "index.json").write_text("{}")
    names = [f"speech_{each}" for each in ("recogniser", "encoder")]
    names += [f"speech_{each}_mouth" for each in ("visemes", "features")]
    for name in names:
        (models / f"{name}.md").write_text(f"`{name}.onnx`, 0 bytes, sha256 {'0' * 64}")
    written = install(studio, models)
    index = json.loads((models / "index.json").read_text())
    assert sorted(index) == sorted(names)
    assert sorted(path.stem for path in written) == sorted(names)
    for name in names:
        assert index[name]["sha256"] in (models / f"{name}.md").read_text()


def test_the_exported_recogniser_says_what_the_network_says(studio: Studio, tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    from training.speech.export import export_recogniser

    studio.train("recogniser", Place(), quiet)
    network, path = studio.network("recogniser"), tmp_path / "a.onnx"
    export_recogniser(network, path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    mel = np.random.default_rng(0).normal(-1, 1, (1, 300, 64)).astype(np.float32)
    said = session.run(None, {"mel": mel})
    with torch.no_grad():
        true = network(torch.from_numpy(mel))
    for one, other in zip(said, (each.numpy() for each in true), strict=True):
        # Weights are bytes in the file: steps of a 127th of the largest that an output has.
        assert np.linalg.norm(one - other) < 0.01 * np.linalg.norm(other)
        np.testing.assert_allclose(one, other, atol=0.05)
    reach = session.get_modelmeta().custom_metadata_map
    assert (reach["left"], reach["right"], reach["stride"]) == ("116", "8", "1")


def test_a_stopped_training_goes_on_where_it_was(studio: Studio) -> None:
    studio.train("recogniser", Place(), quiet)
    folder = studio.folder / "networks" / "recogniser"
    (folder / "network.pt").unlink()
    lines: list[str] = []
    studio.train("recogniser", Place(), lines.append)  # its checkpoint is of the last step
    assert [line for line in lines if "loss" in line] == []
    assert (folder / "network.pt").is_file()


def test_what_is_missing_is_named(studio: Studio) -> None:
    with pytest.raises(FacialRetargetError, match="training speech train recogniser"):
        studio.network("recogniser")
    with pytest.raises(FacialRetargetError, match="training speech prepare"):
        studio.tracks("test")
