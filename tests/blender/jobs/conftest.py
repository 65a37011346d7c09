"""Workers for the tests of jobs: real processes, with a few jobs of their own."""

import textwrap
from pathlib import Path

import pytest

from facial_retarget.blender.jobs import process

MODULE = "worker_of_the_tests"


@pytest.fixture(autouse=True)
def _worker_of_the_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a worker in place of the real one whose jobs do as their names say."""
    (tmp_path / "ワーカー 🙂").mkdir()
    (tmp_path / "ワーカー 🙂" / f"{MODULE}.py").write_text(
        textwrap.dedent(
            """
            import os, sys, threading
            from facial_retarget import worker
            from facial_retarget.core.errors import MediaError
            from facial_retarget.core.progress import Progress
            from facial_retarget.worker import main

            def wait(request, folder, progress):
                progress(Progress("Waiting", 3, 10))
                threading.Event().wait()

            def write(request, folder, progress):
                progress(Progress("Writing", 1, 2))
                (folder / "result").write_text(request["text"], encoding="utf-8")

            def read(request, folder, progress):
                text = (folder / "supplied").read_text(encoding="utf-8")
                (folder / "result").write_text(text, encoding="utf-8")

            def fail(request, folder, progress):
                raise MediaError("The video is upside down. Turn it round.")

            def stumble(request, folder, progress):
                print("a last word")
                raise KeyError("surprise")

            def die(request, folder, progress):
                print("a last word", file=sys.stderr, flush=True)
                os._exit(3)

            jobs = dict(wait=wait, write=write, read=read, fail=fail, stumble=stumble, die=die)
            worker.JOBS.update(jobs)
            """
        ),
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path / "ワーカー 🙂")
    monkeypatch.setattr(process, "_WORKER", MODULE)
