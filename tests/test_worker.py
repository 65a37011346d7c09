"""The worker, really started, spoken to as Blender speaks to it."""

import errno
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from facial_retarget import worker
from facial_retarget.core.performance import PerformanceOptions
from facial_retarget.core.progress import unheard
from facial_retarget.core.retarget import match_controls

MAIN = "from facial_retarget import worker; worker.main()"

# A worker with one more job: it says that it has begun, prints something and never ends.
WAITING = textwrap.dedent(
    """
    import threading
    from facial_retarget import worker
    from facial_retarget.core.progress import Progress

    def wait(request, folder, progress):
        print("a library prints this", flush=True)
        (folder / "half_a_result").write_text("half")
        progress(Progress("Waiting", 3, 10))
        threading.Event().wait()

    worker.JOBS["wait"] = wait
    worker.main()
    """
)

# A parent that starts the worker above, says so, and then waits for a line itself.
PARENT = textwrap.dedent(
    """
    import subprocess, sys
    child = subprocess.Popen([sys.executable, "-c", sys.argv[1]],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    child.stdin.write(sys.argv[2].encode() + b"\\n")
    child.stdin.flush()
    child.stdout.readline()
    print("the worker has begun", flush=True)
    sys.stdin.readline()
    """
)

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a worker with a request; it is gone when the test ends."""
    started: list[subprocess.Popen[bytes]] = []

    def start_one(request: object, code: str = MAIN) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        line = request if isinstance(request, bytes) else json.dumps(request).encode()
        pipe(process.stdin).write(line + b"\n")
        pipe(process.stdin).flush()
        return process

    yield start_one
    for process in started:
        with process:
            process.kill()


def pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


def messages(process: "subprocess.Popen[bytes]") -> list[dict[str, Any]]:
    """Return every message up to the worker's own end."""
    told = [json.loads(line) for line in pipe(process.stdout)]
    assert process.wait(timeout=20) == 0
    return told


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / f"{worker.FOLDER_PREFIX}テスト 🙂"
    path.mkdir()
    return path


def bake_request(video: Path, folder: Path) -> dict[str, Any]:
    """A request for a bake on a character with one key, as Blender sends it."""
    return {
        "job": "bake_video",
        "folder": str(folder),
        "video": str(video),
        "capture": {},
        "mapping": match_controls(["jawOpen"]).to_json(),
        "options": PerformanceOptions(frame_rate=30.0).to_json(),
        "limits": {},
    }


@pytest.mark.parametrize(
    "line",
    [
        b"no JSON at all \xff\xfe",
        b"[]",
        b'{"job": "bake_video"}',
        b'{"job": "dance", "folder": "."}',
    ],
)
def test_a_request_that_makes_no_sense_is_an_unexpected_end(start: Start, line: bytes) -> None:
    (message,) = messages(start(line))
    assert message["outcome"]["kind"] == "unexpected"
    assert "Traceback" in message["outcome"]["text"]


def test_a_missing_video_is_told_in_the_users_words(start: Start, folder: Path) -> None:
    video = folder / "no such.mp4"
    told = messages(start(bake_request(video, folder)))
    assert told[-1]["outcome"]["kind"] == "failed"
    assert "no such.mp4" in told[-1]["outcome"]["text"]
    assert not list(folder.iterdir())


def test_a_job_ends_with_its_parent_and_takes_its_folder_along(folder: Path) -> None:
    request = json.dumps({"job": "wait", "folder": str(folder)})
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, WAITING, request],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as parent:
        assert pipe(parent.stdout).readline() == b"the worker has begun\n"
        assert (folder / "half_a_result").exists()
        parent.kill()
        # The worker writes to this pipe too: it ends when both are gone.
        pipe(parent.stderr).read()
    assert not folder.exists()


def test_a_folder_that_is_no_jobs_is_left_alone(start: Start, tmp_path: Path) -> None:
    process = start({"job": "wait", "folder": str(tmp_path)}, WAITING)
    pipe(process.stdout).readline()
    pipe(process.stdin).close()
    assert process.wait(timeout=20) == 1
    assert (tmp_path / "half_a_result").exists()


def test_what_a_library_prints_never_gets_between_the_messages(start: Start, folder: Path) -> None:
    process = start({"job": "wait", "folder": str(folder)}, WAITING)
    message = json.loads(pipe(process.stdout).readline())
    assert message["status"]["step"] == "Waiting"
    assert (message["status"]["done"], message["status"]["total"]) == (3, 10)
    pipe(process.stdin).close()
    assert b"a library prints this" in pipe(process.stderr).read()


@pytest.mark.parametrize(
    ("error", "kind"),
    [(errno.ENOSPC, "failed"), (errno.EIO, "unexpected")],
)
def test_a_full_disk_is_a_sentence(
    error: int, kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_the_disk(*_: object) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setitem(worker.JOBS, "fill", fill_the_disk)
    request = json.dumps({"job": "fill", "folder": str(folder)}).encode()
    outcome = worker.run(request, unheard)
    assert outcome.kind == kind
    assert ("Free some space" in outcome.text) == (kind == "failed")
