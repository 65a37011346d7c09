"""The manifest, and the zip that Blender's own tool makes of it."""

import re
import shutil
import tomllib
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import parse_wheel_filename

from tools import build

PERMISSIONS = {"files", "network", "clipboard", "camera", "microphone"}
PLATFORM_TAGS = {"linux-x64": "manylinux", "windows-x64": "win_amd64", "macos-arm64": "macosx"}
SYSTEMS = {"linux-x64": "linux", "windows-x64": "win32", "macos-arm64": "darwin"}  # as sys.platform


@pytest.fixture(scope="module")
def manifest(root: Path) -> dict[str, Any]:
    return build.read_manifest(root)


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    return table


def wheel_names(manifest: dict[str, Any]) -> list[str]:
    return [Path(wheel).name for wheel in manifest["wheels"]]


@pytest.mark.parametrize("platform", PLATFORM_TAGS)
def test_the_wheels_are_what_the_project_depends_on_but_numpy(
    manifest: dict[str, Any], project: dict[str, Any], platform: str
) -> None:
    wheels = [parse_wheel_filename(name) for name in wheel_names(manifest)]
    carried = {
        f"{name}=={version}"
        for name, version, _build, tags in wheels
        if PLATFORM_TAGS[platform] in next(iter(tags)).platform
    }
    asked = [Requirement(requirement) for requirement in project["dependencies"]]
    system = {"sys_platform": SYSTEMS[platform]}
    pinned = {
        f"{requirement.name}{requirement.specifier}"
        for requirement in asked
        if requirement.marker is None or requirement.marker.evaluate(system)
    }
    assert carried == {requirement for requirement in pinned if not requirement.startswith("numpy")}


@pytest.mark.parametrize("platform", PLATFORM_TAGS)
@pytest.mark.parametrize("interpreter", ["cp311", "cp313"])
def test_every_platform_and_python_has_every_wheel_once(
    manifest: dict[str, Any], platform: str, interpreter: str
) -> None:
    fitting = []
    for name in wheel_names(manifest):
        project, _version, _build, tags = parse_wheel_filename(name)
        tag = next(iter(tags))
        serves = tag.interpreter in {interpreter, "py3"} or tag.abi == "abi3"
        if serves and PLATFORM_TAGS[platform] in tag.platform:
            fitting.append(str(project))
    assert sorted(fitting) == ["av", "mediapipe", "onnxruntime"]


def test_every_platform_has_a_limit_of_size(manifest: dict[str, Any]) -> None:
    assert set(manifest["platforms"]) == set(PLATFORM_TAGS) == set(build.SIZE_LIMITS)


def test_permissions_are_reasons_that_blender_can_show(manifest: dict[str, Any]) -> None:
    assert set(manifest["permissions"]) <= PERMISSIONS
    assert not PERMISSIONS & set(manifest)  # outside their table they would mean nothing
    for reason in manifest["permissions"].values():
        assert 0 < len(reason) <= 64
        assert not reason.endswith(".")


def test_the_name_and_tagline_follow_the_rules_of_the_extensions_site(
    manifest: dict[str, Any],
) -> None:
    assert "blender" not in f"{manifest['id']} {manifest['name']}".lower()
    assert len(manifest["tagline"]) <= 64
    assert manifest["tagline"][-1].isalnum()


def test_manifest_project_and_changelog_agree_on_the_version(
    root: Path, manifest: dict[str, Any], project: dict[str, Any]
) -> None:
    newest = re.search(r"^## \[?(\d+\.\d+\.\d+)", (root / "CHANGELOG.md").read_text(), re.M)
    assert newest is not None
    assert manifest["version"] == project["version"] == newest[1]


@pytest.mark.parametrize(
    ("wheel", "requirement", "options"),
    [
        (
            "onnxruntime-1.20.1-cp313-cp313-win_amd64.whl",
            "onnxruntime==1.20.1",
            "--python-version 313 --implementation cp --abi cp313 --platform win_amd64",
        ),
        (
            "av-18.1.0-cp311-abi3-macosx_14_0_arm64.whl",
            "av==18.1.0",
            "--python-version 311 --implementation cp --abi abi3 --platform macosx_14_0_arm64",
        ),
        (
            "mediapipe-0.10.31-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
            "mediapipe==0.10.31",
            "--python-version 311 --implementation py --abi none"
            " --platform manylinux2014_x86_64 --platform manylinux_2_17_x86_64",
        ),
    ],
)
def test_pip_is_asked_for_exactly_the_wheel_that_is_named(
    wheel: str, requirement: str, options: str
) -> None:
    assert build.pip_options(wheel) == (requirement, options.split())


def test_a_wheel_that_is_there_is_not_downloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "av-18.1.0-cp311-abi3-win_amd64.whl").touch()
    monkeypatch.delattr(build, "download_wheel")
    build.collect_wheels(["./wheels/av-18.1.0-cp311-abi3-win_amd64.whl"], tmp_path)
    assert len(list((tmp_path / "wheels").iterdir())) == 1


def test_a_zip_over_its_limit_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "large.zip"
    archive.write_bytes(bytes(1_500_000))
    build.check_size(archive, 2)
    with pytest.raises(SystemExit, match="larger than its limit of 1 MB"):
        build.check_size(archive, 1)


@pytest.mark.parametrize(
    "program", ["print('WARNING: a field is empty')", "print('all well'); raise SystemExit(1)"]
)
def test_a_warning_of_blenders_tool_counts_as_an_error(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "5.2" / "scripts" / "addons_core" / "bl_pkg" / "cli" / "blender_ext.py"
    tool.parent.mkdir(parents=True)
    spec = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: spec)
    tool.write_text("print('all well')")
    build.blender_tool("validate", "any.zip")
    tool.write_text(program)
    with pytest.raises(SystemExit, match="finds a fault in validate"):
        build.blender_tool("validate", "any.zip")


def test_the_zip_carries_what_runs_and_nothing_else(root: Path, tmp_path: Path) -> None:
    source, output = tmp_path / "source", tmp_path / "dist"
    output.mkdir()
    for folder in ("facial_retarget", "models", "tests"):
        shutil.copytree(root / folder, source / folder)
    for name in ("__init__.py", "LICENSE", "Makefile", "pyproject.toml"):
        shutil.copy(root / name, source)
    text = (root / "blender_manifest.toml").read_text()
    without_wheels = re.sub(r"^wheels = \[.*?^\]$", "", text, flags=re.M | re.S)
    (source / "blender_manifest.toml").write_text(without_wheels)
    build.blender_tool("build", "--source-dir", str(source), "--output-dir", str(output))
    (archive,) = output.iterdir()
    names = {name for name in zipfile.ZipFile(archive).namelist() if not name.endswith("/")}
    wanted = {"LICENSE", "__init__.py", "blender_manifest.toml"} | {
        path.relative_to(root).as_posix()
        for folder in ("facial_retarget", "models")
        for path in (root / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert names == wanted
