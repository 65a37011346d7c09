"""A worker process seen from Blender: started, polled without waiting, always cleared away."""

import contextlib
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import bpy

from ... import worker
from ...core.errors import JobError
from ...core.progress import Progress, ProgressListener, unheard
from ...worker import Outcome, Status
from ..failures import keep_log

if TYPE_CHECKING:
    import subprocess
    import tempfile

_PACKAGE_FOLDER: Final = Path(worker.__file__).parent
_WORKER: Final = f"{_PACKAGE_FOLDER.name}.worker"

# What the new interpreter runs: it learns where the add-on and its wheels are before it imports
# anything, from stdin, which takes any path where a command line or an environment may not.
_BOOTSTRAP: Final = (
    "import importlib, json, sys\n"
    "start = json.loads(sys.stdin.buffer.readline())\n"
    "sys.path[:] = start['sys_path']\n"
    "importlib.import_module(start['worker']).main()\n"
)
# Puts files into a job's folder; what is large has no place in a request.
Supply = Callable[[Path], None]

_MESSAGES: Final = "messages"
_PRINTED: Final = "printed"


class Job:
    """A job in a process of its own. A context manager: leaving it ends the process.

    `folder` holds the results until the job is closed; `status` is where the job is.
    """

    def __init__(
        self, title: str, request: Mapping[str, object], supply: Supply | None = None
    ) -> None:
        """Start `request["job"]`, once `supply` has put into its folder what it works on.

        Raises JobError where no process can be started.
        """
        self.title = title
        self.status = Status("Starting")
        self._outcome: Outcome | None = None
        self._unread = b""
        with contextlib.ExitStack() as resources:
            try:
                self.folder = Path(resources.enter_context(_temporary_folder()))
                if supply is not None:
                    supply(self.folder)
                self._process = _start(self.folder, request)
            except OSError as error:
                raise JobError(
                    f"{title} could not start a process of its own: {error.strerror}. "
                    "Check the temporary folder in the preferences, and the free memory and space."
                ) from error
            resources.callback(_end, self._process)
            self._messages = resources.enter_context((self.folder / _MESSAGES).open("rb"))
            self._resources = resources.pop_all()

    def poll(self) -> bool:
        """Read what the worker told since the last call; return whether the job has ended."""
        ended = self._process.poll() is not None
        self._unread += self._messages.read()
        *lines, self._unread = self._unread.split(b"\n")
        for line in lines:
            self._hear(json.loads(line))
        return ended

    def check(self) -> None:
        """Pass over a job that ended well. Raises JobError, with the user's sentence, otherwise."""
        match self._outcome:
            case Outcome("done"):
                return
            case Outcome("failed", sentence):
                raise JobError(sentence)
        log = keep_log(self.title, self._told())
        raise JobError(
            f"{self.title} stopped unexpectedly. The scene is as it was; "
            f"what happened is written in {log}."
        )

    def wait(self, progress: ProgressListener = unheard) -> None:
        """Block until the job has ended. Raises JobError as `check`, and what `progress` raises."""
        while not self.poll():
            progress(Progress(self.status.step, self.status.done, self.status.total))
            time.sleep(0.02)
        self.check()

    def close(self) -> None:
        """End the process, if it still runs, and remove its folder."""
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _hear(self, message: dict[str, dict[str, Any]]) -> None:
        if "status" in message:
            self.status = Status(**message["status"])
        else:
            self._outcome = Outcome(**message["outcome"])

    def _told(self) -> str:
        """Return all that is known of a job that did not end as it should."""
        printed = (self.folder / _PRINTED).read_text(encoding="utf-8", errors="replace")
        raised = self._outcome.text if self._outcome else ""
        return f"exit code {self._process.returncode}\n{printed}\n{raised}"


def _temporary_folder() -> "tempfile.TemporaryDirectory[str]":
    """Make a folder inside Blender's own temporary one, which follows the user's preferences."""
    import tempfile

    return tempfile.TemporaryDirectory(
        prefix=worker.FOLDER_PREFIX, dir=bpy.app.tempdir, ignore_cleanup_errors=True
    )


def _start(folder: Path, request: Mapping[str, object]) -> "subprocess.Popen[bytes]":
    import subprocess

    start = {"sys_path": [str(_PACKAGE_FOLDER.parent), *filter(None, sys.path)], "worker": _WORKER}
    lines = "".join(f"{json.dumps(line)}\n" for line in (start, {**request, "folder": str(folder)}))
    # The worker writes to files: a pipe that nobody empties in time would hold it up.
    with (folder / _MESSAGES).open("wb") as messages, (folder / _PRINTED).open("wb") as printed:
        process = subprocess.Popen(
            # Isolated, since a PYTHONHOME or PYTHONPATH of the user's is not for this interpreter.
            [sys.executable, "-I", "-X", "utf8", "-c", _BOOTSTRAP],
            stdin=subprocess.PIPE,
            stdout=messages,
            stderr=printed,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    # A worker that is gone already is found out by the first poll.
    with contextlib.suppress(OSError):
        process.stdin.write(lines.encode())
        process.stdin.flush()
    return process


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()
    with contextlib.suppress(OSError):
        process.stdin.close()
