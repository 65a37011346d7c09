"""Wherever it is installed, whatever the user's name is, and with a second Blender beside it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

USER = Path(__file__).with_name("user.py")
BUTTONS = ("generate", "bake_video", "bake_voice", "bake_file", "copy_face", "export")

# Shows a folder read-only to what it runs: even root cannot write there.
READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'


@pytest.fixture(scope="module")
def told(user: Any, stage: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What each job tells in an ordinary place."""
    result: Mapping[str, str] = user("press", stage, tmp_path_factory.mktemp("out"), *BUTTONS)[
        "told"
    ]
    return result


@pytest.fixture
def press(environment: Callable[..., dict[str, str]]) -> Callable[..., "subprocess.Popen[str]"]:
    """Let a user begin to press all buttons."""

    def begin(
        stage: Path, out: Path, temporary: Path, *before: str, **more: str
    ) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*before, sys.executable, str(USER), "press", str(stage), str(out), *BUTTONS],
            env={**environment(temporary), **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return begin


def found(process: "subprocess.Popen[str]") -> Mapping[str, Any]:
    printed, errors = process.communicate(timeout=280)
    assert process.returncode == 0, errors[-3000:]
    result: Mapping[str, Any] = json.loads(printed.splitlines()[-1])
    return result


def test_two_blenders_at_once_do_what_one_does_alone(
    press: Any, stage: Path, tmp_path: Path, told: Mapping[str, str]
) -> None:
    temporary = tmp_path / "temporary"
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in (temporary, *folders):
        folder.mkdir()
    processes = [press(stage, folder, temporary) for folder in folders]
    for result in map(found, processes):
        assert result["told"] == told
        assert result["left"] == []
    first, second = ((folder / "export.csv").read_bytes() for folder in folders)
    assert first == second


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "家 of 山田 太郎 🙂"
    folder.mkdir()
    return folder


def test_a_user_may_be_called_anything(
    press: Any, home: Path, media: Path, assets: Path, user: Any, told: Mapping[str, str]
) -> None:
    own = home / "動画 & 声"
    shutil.copytree(media, own, ignore=shutil.ignore_patterns("*.blend*"))
    stage = own / "舞台 stage.blend"
    user("stage", stage, own, assets)
    temporary = home / "一時 files"
    temporary.mkdir()
    result = found(press(stage, home, temporary, HOME=str(home), USER="山田 太郎"))
    assert result["told"] == told
    assert result["left"] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("shapes", "stage.blend", "-o", "結果 out.blend", "--object", "Head"),
        ("bake", "stage.blend", "video.mp4", "-o", "結果.blend", "--object", "Bob", "--end", "0.3"),
        ("render", "stage.blend", "-o", "結果 out.mp4", "--title", "山田 太郎"),
    ],
)
def test_commands_work_in_such_a_home(
    arguments: tuple[str, ...],
    home: Path,
    media: Path,
    stage: Path,
    environment: Callable[..., dict[str, str]],
) -> None:
    shutil.copytree(media, home, dirs_exist_ok=True)
    done = subprocess.run(
        [Path(sys.executable).with_name("facial-retarget"), *arguments],
        cwd=home,
        env={**environment(home), "HOME": str(home)},
        capture_output=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert any(path.name.startswith("結果") for path in home.iterdir())
    assert not [path for path in home.iterdir() if path.name.startswith("facial_retarget_work")]


def can_mount() -> bool:
    try:
        return not subprocess.run(["unshare", "-rm", "true"], check=False).returncode
    except OSError:
        return False


@pytest.mark.skipif(os.name == "nt" or not can_mount(), reason="nothing can be mounted here")
def test_nothing_is_written_where_it_is_installed(
    press: Any, root: Path, stage: Path, tmp_path: Path, told: Mapping[str, str]
) -> None:
    out, temporary = tmp_path / "out", tmp_path / "temporary"
    out.mkdir()
    temporary.mkdir()
    shown = ("unshare", "-rm", "sh", "-c", READ_ONLY, "sh", str(root))
    probe = subprocess.run([*shown, "touch", str(root / "written")], check=False)
    assert probe.returncode != 0
    assert found(press(stage, out, temporary, *shown))["told"] == told
