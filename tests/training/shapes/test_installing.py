"""Trained models go among the add-on's whole, described, and only where they may."""

import hashlib
import json
from pathlib import Path

import pytest

pytest.importorskip("torch")

from facial_retarget.core.errors import FacialRetargetError, FormatError
from facial_retarget.core.runtime import model_bytes
from training.shapes import licences
from training.shapes.config import ShapesConfig
from training.shapes.installing import FILES, install, write_record
from training.shapes.licences import licence_of, licence_of_all

FAMILIES = ("makehuman", "ict")


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    folder = tmp_path / "trained"
    folder.mkdir()
    for name, file in FILES.items():
        (folder / file).write_bytes(f"a model: {name}".encode())
    write_record(folder, ShapesConfig(families=FAMILIES))
    return folder


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    notices = "\n".join(licence_of(family).notice for family in FAMILIES)
    for name, file in FILES.items():
        card = f"| file | `{file}`, 1,234 bytes |\n| sha256 | `{'0' * 64}` |\n{notices}\n"
        (folder / f"{name}.md").write_text(card)
    (folder / "index.json").write_text('{"face_landmarker": {"file": "a"}}')
    return folder


def test_installed_models_are_listed_and_their_cards_say_the_same(
    trained: Path, models: Path
) -> None:
    install(trained, models)
    index = json.loads((models / "index.json").read_text())
    assert set(index) == {"face_landmarker", *FILES}
    for name, file in FILES.items():
        data = model_bytes(name, models)  # refuses what the index was not made for
        card = (models / f"{name}.md").read_text()
        assert hashlib.sha256(data).hexdigest() in card
        assert "0" * 64 not in card
        assert f"`{file}`, {len(data)} bytes" in card
        assert index[name]["licence"] == "CC0-1.0 AND MIT"


def test_a_mask_s_licence_goes_with_the_shapes_alone(tmp_path: Path, models: Path) -> None:
    folder = tmp_path / "with_reom"
    folder.mkdir()
    for name, file in FILES.items():
        (folder / file).write_bytes(f"a model: {name}".encode())
    write_record(folder, ShapesConfig(families=(*FAMILIES, "reom"), masks=("reom",)))
    with pytest.raises(FormatError, match="Reom"):
        install(folder, models)
    card = models / "face_shapes.md"
    card.write_text(f"{card.read_text()}{licence_of('reom').notice}\n")
    install(folder, models)
    index = json.loads((models / "index.json").read_text())
    assert index["face_shapes"]["licence"] == "CC-BY AND CC0-1.0 AND MIT"
    assert index["face_identity"]["licence"] == "CC0-1.0 AND MIT"


def test_models_that_are_not_those_of_the_record_are_refused(trained: Path, models: Path) -> None:
    (trained / FILES["face_shapes"]).write_bytes(b"of a run that was stopped")
    with pytest.raises(FormatError, match="not the file that was trained"):
        install(trained, models)
    assert "face_shapes" not in json.loads((models / "index.json").read_text())


def test_a_card_that_does_not_name_its_data_stops_the_export(trained: Path, models: Path) -> None:
    (models / "face_shapes.md").write_text("A card that names MakeHuman alone.")
    with pytest.raises(FormatError, match="ICT-FaceKit"):
        install(trained, models)
    assert not (models / FILES["face_shapes"]).exists()


def test_data_whose_licence_forbids_it_does_not_ship(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"licence": "CC-BY-NC-4.0", "notice": "for research alone"}
    table = {"may_ship": ["MIT"], "families": {"scans": entry}}
    monkeypatch.setattr(licences, "_table", lambda: table)
    with pytest.raises(FacialRetargetError, match=r"scans \(CC-BY-NC-4.0\) may not ship"):
        licence_of_all(["scans"])
