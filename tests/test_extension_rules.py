"""The rules of extensions.blender.org, as far as sources can show them: docs/extension_rules.md."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "facial_retarget"

# What in the sources shows that a permission is used, each by what Blender, Python or FFmpeg
# call it. An import counts by its first word.
SIGNS = {
    "files": {".open", ".read_bytes", ".write_text"},
    "clipboard": {".clipboard"},
    "microphone": {"pulse", "alsa", "avfoundation", "dshow"},
    "camera": {"v4l2", "video4linux2", "gdigrab", "vfwcap", ".VideoCapture", "import cv2"},
    "network": {
        *(".online_access", ".url_open", "rtsp", "udp"),
        *(f"import {name}" for name in ("socket", "socketserver", "ssl", "http", "urllib")),
        *(f"import {name}" for name in ("requests", "asyncio", "ftplib", "webbrowser")),
    },
}
UPDATERS = {"pip", "ensurepip", "site", "addon_updater", "addon_updater_ops"}
THREADS = {"threading", "_thread", "concurrent", "multiprocessing"}


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return tomllib.loads((ROOT / "blender_manifest.toml").read_text("utf-8"))


def trees(folder: Path = PACKAGE) -> Iterator[tuple[str, ast.AST]]:
    for path in sorted(folder.rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def words(tree: ast.AST) -> Iterator[str]:
    """The attributes, the texts and the imported modules of a source."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield f".{node.attr}"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Import):
            yield from (f"import {alias.name.partition('.')[0]}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield f"import {str(node.module).partition('.')[0]}"


def users(sought: set[str], folder: Path = PACKAGE) -> set[str]:
    """The files in which one of these words stands."""
    return {name for name, tree in trees(folder) if sought & set(words(tree))}


def imports(modules: set[str], folder: Path = PACKAGE) -> set[str]:
    return users({f"import {name}" for name in modules}, folder)


def test_the_permissions_are_exactly_what_is_used(manifest: dict[str, Any]) -> None:
    used = {permission for permission, signs in SIGNS.items() if users(signs)}
    assert used == manifest["permissions"].keys()


def test_clipboard_and_microphone_are_used_where_the_reason_says(manifest: dict[str, Any]) -> None:
    assert users(SIGNS["clipboard"]) == {"facial_retarget/blender/speech/operators.py"}
    assert "Paste Script" in manifest["permissions"]["clipboard"]
    assert users(SIGNS["microphone"]) == {"facial_retarget/core/microphone.py"}
    assert "Start Live Voice" in manifest["permissions"]["microphone"]
    labels = {text for _, tree in trees(PACKAGE / "blender") for text in words(tree)}
    assert {"Paste Script", "Start Live Voice"} <= labels


def test_reasons_and_tagline_are_short_and_end_without_punctuation(
    manifest: dict[str, Any],
) -> None:
    for text in (*manifest["permissions"].values(), manifest["tagline"]):
        assert 0 < len(text) <= 64
        assert text[-1].isalnum()
        assert text[0].isupper()


def test_the_manifest_has_no_empty_value(manifest: dict[str, Any]) -> None:
    assert all(value or value == 0 for value in manifest.values())
    assert manifest["schema_version"] == "1.0.0"
    assert manifest["license"] == ["SPDX:GPL-3.0-or-later"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", manifest["version"])
    assert all("\\" not in wheel for wheel in manifest["wheels"])


def test_nothing_updates_or_installs_itself() -> None:
    assert imports(UPDATERS) == set()


def test_no_thread_runs_beside_blenders_own() -> None:
    # None of these knows anything of Blender.
    assert imports(THREADS, PACKAGE / "blender") == set()
    assert imports(THREADS) == {
        "facial_retarget/core/capture/prefetch.py",
        "facial_retarget/core/shapes/generate.py",
        "facial_retarget/core/shapes/views.py",
        "facial_retarget/core/side_by_side.py",
        "facial_retarget/worker.py",
    }


def test_one_place_starts_processes_and_they_are_our_own() -> None:
    (name,) = imports({"subprocess"})
    assert name == "facial_retarget/blender/jobs/process.py"
    assert "[sys.executable," in (ROOT / name).read_text("utf-8")


def test_the_path_of_imports_is_read_and_never_changed() -> None:
    for name, tree in trees():
        for node in ast.walk(tree):
            changed = isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(
                node.ctx, ast.Load
            )
            assert not (changed and ast.unparse(node).startswith("sys.path")), name
            called = isinstance(node, ast.Call) and ast.unparse(node.func).startswith("sys.path.")
            assert not called, name


def test_every_shipped_model_has_a_licence_that_goes_with_the_gpl() -> None:
    index = json.loads((ROOT / "models" / "index.json").read_text("utf-8"))
    licences = {licence for entry in index.values() for licence in entry["licence"].split(" AND ")}
    assert licences <= {"CC0-1.0", "MIT", "Apache-2.0"}
    table = (ROOT / "docs" / "extension_rules.md").read_text("utf-8")
    for name, entry in index.items():
        assert entry["licence"] == "CC0-1.0" or f"`{name}`" in table, name
