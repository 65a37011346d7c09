"""Blenders of their own for the tests of trust: whole processes, watched from outside."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

USER = Path(__file__).with_name("user.py")
COMMAND = Path(sys.executable).with_name("facial-retarget")
SECONDS_ALLOWED = 280

Run = Callable[..., Any]


@pytest.fixture(scope="session")
def media(assets: Path, carphone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with video.mp4, voice.wav and take.csv, a second of each."""
    from facial_retarget.core.channels import ARKIT_CHANNELS

    folder = tmp_path_factory.mktemp("media")
    (folder / "video.mp4").symlink_to(carphone)
    (folder / "voice.wav").symlink_to(assets / "voice" / "two_cities.wav")
    lines = ["Timecode,BlendshapeCount," + ",".join(ARKIT_CHANNELS)]
    for frame in range(25):
        values = ",".join(f"{(frame + n) % 20 / 20:.2f}" for n in range(len(ARKIT_CHANNELS)))
        lines.append(f"10:00:00:{frame:02}.000,52,{values}")
    (folder / "take.csv").write_text("\n".join(lines), "utf-8")
    return folder


@pytest.fixture(scope="session")
def stage(face_model: Path, assets: Path, media: Path, user: Run) -> Path:
    """A file with a bare head and one with keys, and with Anna, who acts, and Bob."""
    file = media / "stage.blend"
    user("stage", file, media, assets)
    return file


@pytest.fixture(scope="session")
def environment(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Path | None], dict[str, str]]:
    """Return an environment whose temporary folder is that one, or a new one."""

    def make(temporary: Path | None = None) -> dict[str, str]:
        folder = temporary or tmp_path_factory.mktemp("temporary")
        return {**os.environ, "TMPDIR": str(folder), "PYTHONPATH": str(Path(__file__).parents[2])}

    return make


@pytest.fixture(scope="session")
def user(environment: Callable[..., dict[str, str]]) -> Run:
    """Let a user do something, under a program that watches if one is given; what was found."""

    def run(*arguments: object, watched_by: tuple[str, ...] = ()) -> Mapping[str, Any]:
        done = subprocess.run(
            [*watched_by, sys.executable, str(USER), *map(str, arguments)],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=SECONDS_ALLOWED,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        last = (done.stdout.splitlines() or [""])[-1]
        return json.loads(last) if last.startswith("{") else {}

    return run
