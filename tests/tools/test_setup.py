"""Environments: made once, left alone, healed; with a stand-in for Python that only keeps a log."""

import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import setup

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"

# Copies itself to where an environment's interpreter belongs; fails at pip while FAIL is there.
STAND_IN = """#!/bin/sh
echo "$@" >> {log}
case "$*" in
    *"-m venv"*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    *"-m pip"*) test ! -e {fail} ;;
    *) case "$*" in *"'{version}'"*) exit 0 ;; *) exit 1 ;; esac ;;
esac
"""


class Bench:
    """A stand-in interpreter, its log, and the environment it makes."""

    def __init__(self, folder: Path) -> None:
        self.log, self.fail = folder / "log", folder / "FAIL"
        self.environment = folder / "environment"
        self.leftover = self.environment / "leftover"
        self.python = executable(
            folder / "python", STAND_IN.format(log=self.log, fail=self.fail, version="3.11")
        )

    def make(self, *requirements: str, version: str = "3.11") -> list[str]:
        """Make the environment and return the modules that were run for it."""
        self.log.write_text("")
        setup.make_environment(self.environment, version, str(self.python), list(requirements))
        return [line.split()[1] for line in self.log.read_text().splitlines() if "-m" in line]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def executable(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_an_environment_is_made_once(bench: Bench) -> None:
    assert bench.make("pytest") == ["venv", "pip"]
    assert bench.make("pytest") == []


def test_changed_requirements_are_installed_in_place(bench: Bench) -> None:
    bench.make("pytest")
    bench.leftover.touch()
    assert bench.make("pytest", "hypothesis") == ["pip"]
    assert bench.leftover.exists()


def test_an_interrupted_environment_is_made_afresh(bench: Bench) -> None:
    bench.fail.touch()
    with pytest.raises(subprocess.CalledProcessError):
        bench.make("pytest")
    bench.leftover.touch()
    bench.fail.unlink()
    assert bench.make("pytest") == ["venv", "pip"]
    assert not bench.leftover.exists()
    assert bench.make("pytest") == []


def test_a_failed_change_leaves_the_environment_and_is_tried_again(bench: Bench) -> None:
    bench.make("pytest")
    bench.leftover.touch()
    bench.fail.touch()
    with pytest.raises(subprocess.CalledProcessError):
        bench.make("hypothesis")
    bench.fail.unlink()
    assert bench.make("hypothesis") == ["pip"]
    assert bench.leftover.exists()


def test_an_environment_of_another_python_is_made_afresh(bench: Bench) -> None:
    bench.make("pytest")
    bench.leftover.touch()
    bench.make("bpy", version="3.13")
    assert not bench.leftover.exists()


def test_an_environment_whose_python_is_gone_is_made_afresh(bench: Bench) -> None:
    bench.make("pytest")
    setup.environment_python(bench.environment).unlink()
    assert bench.make("pytest") == ["venv", "pip"]


@pytest.fixture
def only_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Limit where interpreters are looked for to these folders of `tmp_path`."""

    def limit(*folders: str) -> None:
        monkeypatch.setenv("PATH", ":".join(str(tmp_path / folder) for folder in folders))
        monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
        monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))

    return limit


def real_python(path: Path) -> str:
    """Put a Python that runs at this place, and return the place."""
    return str(executable(path, f'#!/bin/sh\nexec {sys.executable} "$@"\n'))


def test_a_shim_that_does_not_run_is_passed_over(
    tmp_path: Path, only_path: Callable[..., None]
) -> None:
    executable(tmp_path / "shims" / f"python{VERSION}", "#!/bin/sh\nexit 127\n")
    works = real_python(tmp_path / "bin" / f"python{VERSION}")
    only_path("shims", "bin")
    assert setup.find_python(VERSION) == works


def test_a_python_of_pyenv_is_found_where_path_has_none(
    tmp_path: Path, only_path: Callable[..., None]
) -> None:
    works = real_python(
        tmp_path / "pyenv" / "versions" / f"{VERSION}.9" / "bin" / f"python{VERSION}"
    )
    only_path("empty")
    assert setup.find_python(VERSION) == works


def test_a_python_of_another_version_is_passed_over(
    tmp_path: Path, only_path: Callable[..., None]
) -> None:
    real_python(tmp_path / "bin" / "python3.99")
    only_path("bin")
    assert setup.find_python("3.99") is None


def test_a_machine_without_a_supported_python_is_told_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(setup, "find_python", lambda version: None)
    with pytest.raises(SystemExit, match=r"Python 3\.11 or 3\.13 is needed"):
        setup.supported_pythons()


def test_missing_system_packages_are_named_where_they_cannot_be_installed(
    only_path: Callable[..., None],
) -> None:
    only_path("empty")
    with pytest.raises(SystemExit, match=r"sudo apt-get install .* libgl1 libsm6"):
        setup.install_system_packages(["libgl1", "libsm6"])
