"""Results appear whole or not at all."""

import errno
from pathlib import Path

import pytest

from facial_retarget.core.errors import OutputError
from facial_retarget.core.output import check_writable, whole_file


def test_a_result_takes_its_place_once_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "日本 clip.csv"
    target.write_text("old")
    with whole_file(target) as part:
        part.write_text("new")
        assert target.read_text() == "old"
        assert part.suffix == ".csv"
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def test_what_was_there_survives_a_failure(tmp_path: Path) -> None:
    target = tmp_path / "clip.csv"
    target.write_text("old")
    with pytest.raises(RuntimeError), whole_file(target) as part:
        part.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="disk is full"), whole_file(tmp_path / "clip.csv"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_to_is_named_before_the_job(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="does not exist"):
        check_writable(tmp_path / "missing" / "clip.csv")
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(OutputError, match="cannot be written"):
        check_writable(file / "clip.csv")
    with pytest.raises(OutputError, match="is a folder"):
        check_writable(tmp_path)
    check_writable(tmp_path / "clip.csv")
    assert list(tmp_path.iterdir()) == [file]


def test_a_result_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    with whole_file(tmp_path / "clip.csv") as part:
        part.touch()
    (tmp_path / "plain").touch()
    assert (tmp_path / "clip.csv").stat().st_mode == (tmp_path / "plain").stat().st_mode
