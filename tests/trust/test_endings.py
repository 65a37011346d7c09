"""Jobs and commands that are ended at random moments leave the scene and the files as they were.

MOMENTS=10 in the environment ends each ten times, which takes a quarter of an hour.
"""

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

MOMENTS = int(os.environ.get("MOMENTS", "3"))
SEED = 6
EARLIER = b"what an earlier run has written"
JOBS = ("generate", "bake_video", "bake_voice", "bake_file", "copy_face", "understand", "export")

COMMANDS = {
    "capture": "capture {media}/video.mp4 -o {out}/take.csv --end 0.5",
    "shapes": "shapes {media}/stage.blend -o {out}/result.blend --object Head",
    "video": "bake {media}/stage.blend {media}/video.mp4 -o {out}/result.blend --end 0.5"
    " --object Bob",
    "voice": "bake {media}/stage.blend {media}/voice.wav -o {out}/result.blend --end 1"
    " --object Bob",
    "file": "bake {media}/stage.blend {media}/take.csv -o {out}/result.blend --object Bob",
    "copy": "bake {media}/stage.blend {media}/stage.blend -o {out}/result.blend --object Bob"
    " --source-object Anna",
    "understand": "understand {media}/stage.blend -o {out}/mapping.json --object Head.001",
    "export": "export {media}/stage.blend -o {out}/face.csv --object Anna",
    "render": "render {media}/stage.blend -o {out}/result.mp4",
}


@pytest.mark.parametrize("how", ["kill", "stop"])
@pytest.mark.parametrize("job", JOBS)
def test_a_job_that_is_ended_leaves_the_scene_as_it_was(
    job: str, how: str, user: Any, stage: Path, tmp_path: Path
) -> None:
    found = user("end", stage, tmp_path, job, how, SEED, MOMENTS)
    assert found["whole"]["changed"] == (job != "export")
    assert found["whole"]["left"] == []
    assert len(found["trials"]) == MOMENTS
    ended = [trial for trial in found["trials"] if not trial["finished"]]
    assert ended
    for trial in ended:
        assert trial["difference"] == []
        assert trial["files"] == []
        assert trial["left"] == []


def digests(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.is_file()
    }


class Farm:
    """Runs one command again and again, with a temporary folder of its own."""

    def __init__(self, command: list[str], environment: dict[str, str], out: Path) -> None:
        self.command, self.environment, self.out = command, environment, out

    def start(self) -> "subprocess.Popen[bytes]":
        program = Path(sys.executable).with_name("facial-retarget")
        return subprocess.Popen(
            [program, *self.command],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def left(self) -> list[str]:
        """Name what lies in the temporary folder but the session folder of a killed Blender."""
        temporary = Path(self.environment["TMPDIR"])
        return [path.name for path in temporary.iterdir() if not path.name.startswith("blender_")]

    def age(self) -> None:
        """Let an hour go by."""
        long_ago = time.time() - 3600
        for folder in (Path(self.environment["TMPDIR"]), self.out):
            for path in folder.iterdir():
                os.utime(path, (long_ago, long_ago))


@pytest.fixture
def farm(
    stage: Path,
    media: Path,
    tmp_path: Path,
    environment: Callable[..., dict[str, str]],
    request: pytest.FixtureRequest,
) -> Farm:
    out, temporary = tmp_path / "out", tmp_path / "temporary"
    out.mkdir()
    temporary.mkdir()
    parts = COMMANDS[request.param].split()
    command = [part.format(media=media, out=out) for part in parts]
    return Farm(command, environment(temporary), out)


@pytest.mark.parametrize("farm", COMMANDS, indirect=True)
def test_a_command_that_is_killed_leaves_the_files_as_they_were(farm: Farm, media: Path) -> None:
    before, moments = digests(media), random.Random(SEED)
    began = time.monotonic()
    with farm.start() as process:
        process.communicate()
    took = time.monotonic() - began
    assert process.returncode == 0
    (result,) = farm.out.iterdir()
    whole = result.stat().st_size
    result.write_bytes(EARLIER)
    for _ in range(MOMENTS):
        with farm.start() as process:
            time.sleep(moments.uniform(0.1, 1) * took)
            os.killpg(process.pid, signal.SIGKILL)
        assert digests(media) == before
        # It may have come to its end first, but there is no half a result.
        if result.read_bytes() != EARLIER:
            assert result.stat().st_size == whole
            result.write_bytes(EARLIER)
    farm.age()
    with farm.start() as process:
        process.communicate()
    assert process.returncode == 0
    assert [path.name for path in farm.out.iterdir()] == [result.name]
    assert farm.left() == []


@pytest.mark.parametrize("farm", ["video", "render"], indirect=True)
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_is_asked_to_stop_clears_up(farm: Farm, ending: signal.Signals) -> None:
    with farm.start() as process:
        assert process.stderr is not None
        while b": " not in process.stderr.readline():  # the first line that counts frames
            pass
        process.send_signal(ending)
        told = process.stderr.read().decode()
    assert process.returncode == 1, told
    assert "Stopped; nothing was written." in told
    assert list(farm.out.iterdir()) == []
    assert farm.left() == []
