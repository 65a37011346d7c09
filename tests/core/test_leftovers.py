"""What killed processes leave goes with the next one; what living ones work on stays."""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import pytest

from facial_retarget.core.leftovers import held, remove_leftovers, work_folder
from facial_retarget.core.output import check_writable, whole_file

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing is held there")

# A process that works in a folder and on a file, says so, and would go on for ever.
WORKING = textwrap.dedent(
    """
    import sys, threading
    from pathlib import Path
    from facial_retarget.core.leftovers import work_folder
    from facial_retarget.core.output import whole_file

    with work_folder() as folder, whole_file(Path(sys.argv[1])) as part:
        (folder / "half").write_text("half")
        part.write_text("half")
        print(folder, flush=True)
        threading.Event().wait()
    """
)


def aged(path: Path) -> Path:
    long_ago = time.time() - 3600
    os.utime(path, (long_ago, long_ago))
    return path


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of its own, for this process and those it starts."""
    folder = tmp_path / "一時 folder"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def start_working(output: Path) -> "tuple[subprocess.Popen[str], Path]":
    process = subprocess.Popen(
        [sys.executable, "-c", WORKING, str(output)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_what_a_killed_process_leaves_goes_when_the_next_one_works(
    tmp_path: Path, temporary: Path, ending: signal.Signals
) -> None:
    output = tmp_path / "clip [1] 顔.csv"
    output.write_text("old")
    process, folder = start_working(output)
    with process:
        process.send_signal(ending)
    left = {path for path in tmp_path.iterdir() if path.is_file()}
    assert folder.is_dir()
    assert len(left) == 2
    for path in (folder, *left - {output}):
        aged(path)
    with work_folder() as work, whole_file(output):
        assert list(temporary.iterdir()) == [work]
    assert set(tmp_path.iterdir()) == {output, temporary}
    assert output.read_text() == ""
    assert list(temporary.iterdir()) == []


def test_what_a_living_process_works_on_stays_however_long_it_takes(
    tmp_path: Path, temporary: Path
) -> None:
    output = tmp_path / "clip.csv"
    process, folder = start_working(output)
    with process:
        (part,) = (path for path in tmp_path.iterdir() if path.is_file())
        aged(part)
        aged(folder)
        check_writable(output)
        with work_folder():
            assert folder.is_dir()
        assert part.read_text() == "half"
        process.kill()


def test_what_was_made_just_now_stays(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    remove_leftovers([tmp_path / "new"])
    assert (tmp_path / "new").is_dir()


def test_no_other_file_is_taken_for_a_part(tmp_path: Path, temporary: Path) -> None:
    output = tmp_path / "clip.csv"
    others = [
        tmp_path / name
        for name in (".clip.csv", ".clip.part_1234567.csv", ".clip.part_12345678.frclip", ".clip2")
    ]
    for path in others:
        path.touch()
        aged(path)
    Path(aged(others[0])).with_name(".clip.part_12345678.csv@").touch()
    aged(tmp_path / ".clip.part_12345678.csv@")
    check_writable(output)
    assert set(tmp_path.iterdir()) == {*others, temporary}


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.mkdir()
    link.symlink_to(target)
    aged(target)
    remove_leftovers([link])
    assert target.is_dir()
    assert link.is_symlink()


def test_what_is_gone_already_is_no_failure(tmp_path: Path) -> None:
    gone, before = tmp_path / "gone", list(tmp_path.iterdir())
    remove_leftovers([gone])
    assert list(tmp_path.iterdir()) == before


def test_two_readers_may_hold_the_same(tmp_path: Path) -> None:
    with held(tmp_path), held(tmp_path):
        aged(tmp_path)
        remove_leftovers([tmp_path])
        assert tmp_path.is_dir()
