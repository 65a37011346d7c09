"""A job as Blender sees it: whatever becomes of its process, Blender is told and goes on."""

import os
import sys
import tempfile
from pathlib import Path

import bpy
import pytest

from facial_retarget.blender.jobs.process import Job
from facial_retarget.core.errors import Cancelled, JobError
from facial_retarget.core.progress import Progress
from facial_retarget.worker import FOLDER_PREFIX


def start(job: str, **request: str) -> Job:
    return Job("Bake Video", {"job": job, **request})


def run(job: str, **request: str) -> Job:
    with start(job, **request) as started:
        started.wait()
    return started


def stop_when_it_works(progress: Progress) -> None:
    if progress.step == "Waiting":
        raise Cancelled


def test_the_result_lies_in_the_jobs_folder_until_it_is_closed() -> None:
    with start("write", text="日本語 🙂") as job:
        job.wait()
        assert (job.folder / "result").read_text(encoding="utf-8") == "日本語 🙂"
        assert (job.status.step, job.status.done, job.status.total) == ("Writing", 1, 2)
    assert not job.folder.exists()


def test_what_is_too_large_for_a_request_lies_in_the_folder_from_the_start() -> None:
    def supply(folder: Path) -> None:
        (folder / "supplied").write_text("a head", encoding="utf-8")

    with Job("Bake Video", {"job": "read"}, supply) as job:
        job.wait()
        assert (job.folder / "result").read_text(encoding="utf-8") == "a head"


def test_a_full_disk_while_it_is_supplied_is_a_sentence() -> None:
    def supply(folder: Path) -> None:
        raise OSError(28, "No space left on device")

    jobs_before = list(Path(bpy.app.tempdir).glob(f"{FOLDER_PREFIX}*"))
    with pytest.raises(JobError, match=r"could not start .* No space left on device"):
        Job("Bake Video", {"job": "read"}, supply)
    assert list(Path(bpy.app.tempdir).glob(f"{FOLDER_PREFIX}*")) == jobs_before


def test_the_users_sentence_comes_through() -> None:
    with pytest.raises(JobError, match=r"^The video is upside down\. Turn it round\.$"):
        run("fail")


@pytest.mark.parametrize(
    ("job", "kept"), [("stumble", "KeyError: 'surprise'"), ("die", "exit code 3")]
)
def test_a_worker_that_stops_leaves_a_log(job: str, kept: str) -> None:
    with pytest.raises(JobError, match="Bake Video stopped unexpectedly") as failure:
        run(job)
    log = Path(tempfile.gettempdir()) / "facial_retarget_log.txt"
    assert str(log) in str(failure.value)
    assert kept in log.read_text(encoding="utf-8")
    assert "a last word" in log.read_text(encoding="utf-8")


def test_a_worker_that_is_killed_is_told_from_one_that_is_done() -> None:
    with start("wait") as job:
        with pytest.raises(Cancelled):
            job.wait(stop_when_it_works)
        job._process.kill()
        with pytest.raises(JobError, match="stopped unexpectedly"):
            job.wait()


def test_leaving_a_job_that_runs_ends_its_process_and_removes_its_folder() -> None:
    with pytest.raises(Cancelled), start("wait") as job:
        job.wait(stop_when_it_works)
    assert job._process.returncode
    assert not job.folder.exists()
    job.close()


def test_the_users_own_python_settings_do_not_reach_the_worker(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONSTARTUP", os.devnull)
    with start("write", text="as ever") as job:
        job.wait()
        assert (job.folder / "result").read_text(encoding="utf-8") == "as ever"


def test_an_interpreter_that_cannot_be_started_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no python"))
    jobs_before = list(Path(bpy.app.tempdir).glob(f"{FOLDER_PREFIX}*"))
    with pytest.raises(JobError, match="could not start a process of its own"):
        start("write")
    assert list(Path(bpy.app.tempdir).glob(f"{FOLDER_PREFIX}*")) == jobs_before


def test_a_temporary_folder_that_cannot_be_written_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryDirectory", refuse)
    with pytest.raises(JobError, match="No space left on device"):
        start("write")
