"""Nothing leaves the machine: every system call of whole processes, as strace sees them."""

import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

STRACE = shutil.which("strace")
BARE = "import bpy, os; os._exit(0)"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(STRACE is None, reason="strace is not installed on this machine"),
]

# The families of addresses that lead to others on the same machine. Any other is a way out.
_LOCAL = {"AF_UNIX"}
_FAMILY = re.compile(r"\b(?:socket|socketpair)\((\w+)|sa_family=(\w+)")
_OWN_NUMBERS = re.compile(r"^\d+ +|(?<=bind\()\d+| = \d+$")  # of processes and sockets
_WORKER = re.compile(r'execve\("[^"]*python[^"]*", \["[^"]*", "-I"')


class Watched:
    """What strace wrote of a process and all that it began."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.by = (
            *(str(STRACE), "-f", "-qq", "-s", "80"),
            *("-e", "trace=%network,execve", "-e", "signal=none", "-o", str(log)),
        )

    @property
    def ways_out(self) -> Counter[str]:
        """The calls that name another family of addresses, without numbers of their own."""
        return Counter(
            _OWN_NUMBERS.sub("", line)
            for line in self.log.read_text(errors="replace").splitlines()
            if {family for pair in _FAMILY.findall(line) for family in pair if family} - _LOCAL
        )

    @property
    def workers(self) -> int:
        """How many workers were begun."""
        return len(_WORKER.findall(self.log.read_text(errors="replace")))


@pytest.fixture(scope="module")
def of_blender(tmp_path_factory: pytest.TempPathFactory) -> Counter[str]:
    """What Blender does by itself: 5.2 tries, as it starts, whether there is an IPv6 at all."""
    watched = Watched(tmp_path_factory.mktemp("blender") / "strace.txt")
    subprocess.run([*watched.by, sys.executable, "-c", BARE], capture_output=True, check=True)
    assert not [call for call in watched.ways_out if call.startswith("connect")]
    return watched.ways_out


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path / "strace.txt")


@pytest.fixture
def command(environment: Callable[..., dict[str, str]], watched: Watched) -> Callable[..., None]:
    """Run a headless command to its end."""

    def run(*arguments: object) -> None:
        program = Path(sys.executable).with_name("facial-retarget")
        subprocess.run(
            [*watched.by, str(program), *map(str, arguments)],
            env=environment(),
            capture_output=True,
            timeout=280,
            check=True,
        )

    return run


def test_a_way_out_would_be_seen(watched: Watched) -> None:
    ask = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)"
    begin = f"import subprocess, sys; subprocess.run([sys.executable, '-I', '-c', {ask!r}])"
    subprocess.run([*watched.by, sys.executable, "-c", begin], check=True)
    assert [call for call in watched.ways_out if call.startswith("socket(AF_INET")]
    assert watched.workers == 1


def test_no_button_reaches_for_the_network(
    user: Any, stage: Path, tmp_path: Path, watched: Watched, of_blender: Counter[str]
) -> None:
    jobs = (
        *("generate", "bake_video", "bake_voice", "bake_file", "copy_face", "understand"),
        "export",
    )
    found = user("press", stage, tmp_path, *jobs, watched_by=watched.by)
    assert found["told"].keys() == {*jobs}
    assert watched.workers == len(jobs)
    assert not watched.ways_out - of_blender


@pytest.mark.parametrize(
    "arguments",
    [
        "capture {media}/video.mp4 -o {out}/take.csv --end 0.5",
        "capture {media}/voice.wav -o {out}/take.csv --end 1",
        "shapes {media}/stage.blend -o {out}/result.blend --object Head",
        "bake {media}/stage.blend {media}/video.mp4 -o {out}/result.blend --end 0.5 --object Bob",
        "bake {media}/stage.blend {media}/voice.wav -o {out}/result.blend --end 1 --object Bob",
        "bake {media}/stage.blend {media}/take.csv -o {out}/result.blend --object Bob",
        "bake {media}/stage.blend {media}/stage.blend -o {out}/result.blend --object Bob"
        " --source-object Anna",
        "understand {media}/stage.blend -o {out}/mapping.json --object Head.001",
        "export {media}/stage.blend -o {out}/face.csv --object Anna",
        "render {media}/stage.blend -o {out}/result.mp4 --beside {media}/video.mp4",
    ],
)
@pytest.mark.usefixtures("stage")
def test_no_command_reaches_for_the_network(
    arguments: str,
    command: Any,
    media: Path,
    tmp_path: Path,
    watched: Watched,
    of_blender: Counter[str],
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    command(*(part.format(media=media, out=out) for part in arguments.split()))
    assert len(list(out.iterdir())) == 1
    assert watched.log.stat().st_size > 0
    assert not watched.ways_out - of_blender
