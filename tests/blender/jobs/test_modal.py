"""An operator that watches a job: Blender goes on, and whatever happens, it lets go of both."""

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from facial_retarget.blender.headless import ensure_registered
from facial_retarget.blender.jobs import current
from facial_retarget.blender.jobs.modal import JobOperator
from facial_retarget.core.errors import CharacterError
from facial_retarget.core.progress import Progress

MOUSE = SimpleNamespace(type="MOUSEMOVE", value="NOTHING")
TIMER = SimpleNamespace(type="TIMER", value="NOTHING")
ESC = SimpleNamespace(type="ESC", value="PRESS")


class Manager:
    """Stands for Blender's window manager, which has no windows in background."""

    def __init__(self) -> None:
        self.timers: list[object] = []
        self.watching: list[object] = []

    def event_timer_add(self, _seconds: float, window: object) -> object:
        self.timers.append(object())
        return self.timers[-1]

    def event_timer_remove(self, timer: object) -> None:
        self.timers.remove(timer)

    def modal_handler_add(self, operator: object) -> None:
        self.watching.append(operator)


class Steps:
    """What a job is prepared by: steps after which something is put back, however they end."""

    def __init__(self, count: float) -> None:
        self.count = count
        self.done = 0
        self.is_put_back = False

    def __call__(self) -> Iterator[Progress]:
        try:
            while self.done < self.count:
                self.done += 1
                time.sleep(0.02)
                yield Progress("Looking", self.done, 9)
        finally:
            self.is_put_back = True


class Watcher(JobOperator):
    """An operator outside of Blender that runs one of the tests' jobs."""

    bl_label = "Test"

    def __init__(self, job: str, steps: Steps | None = None) -> None:
        self.job = job
        self.steps = steps
        self.reports: list[tuple[str, str]] = []
        self.written: list[str] = []
        self.problem: Exception | None = None

    def report(self, kind: set[str], message: str) -> None:  # type: ignore[override]
        self.reports.append((*kind, message))

    def plan(self, context: bpy.types.Context) -> Any:
        if self.job == "impossible":
            raise CharacterError("No object is active.")
        return {"job": self.job, "text": "the result"}

    def planning(self, context: bpy.types.Context) -> Any:
        if self.steps is not None:
            yield from self.steps()
        return self.plan(context)

    def finish(self, context: bpy.types.Context, folder: Path) -> None:
        if self.problem:
            raise self.problem
        self.written.append((folder / "result").read_text(encoding="utf-8"))

    def tell(self, context: bpy.types.Context) -> str:
        return "1 frame"


@pytest.fixture
def context() -> Any:
    return SimpleNamespace(window_manager=Manager(), window=None)


@pytest.fixture
def begin(context: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Watcher]]:
    """Begin to watch a job, as a click on a button would."""
    monkeypatch.setattr("facial_retarget.blender.jobs.modal.in_background", lambda: False)

    def start(job: str, steps: Steps | None = None) -> Watcher:
        operator = Watcher(job, steps)
        operator.invoke(context, MOUSE)
        return operator

    yield start
    current.stop()


def until_it_ends(operator: Watcher, context: Any) -> set[str]:
    returned: set[str] = set()
    while not returned & {"FINISHED", "CANCELLED"}:
        returned = operator.modal(context, TIMER)
    return returned


def until_it_is_written(operator: Watcher, context: Any) -> None:
    while not operator.written:
        operator.modal(context, TIMER)


def nothing_is_left(context: Any) -> bool:
    return not context.window_manager.timers and current.running() is None


def test_a_job_is_watched_and_its_result_written_at_its_end(begin: Any, context: Any) -> None:
    operator = begin("write")
    assert context.window_manager.watching == [operator]
    assert operator.modal(context, MOUSE) == {"PASS_THROUGH"}
    assert until_it_ends(operator, context) == {"FINISHED"}
    assert operator.written == ["the result"]
    assert operator.reports == [("INFO", "1 frame")]
    assert current.last_message() == "1 frame"
    assert current.longest_tick() > 0
    assert nothing_is_left(context)


@pytest.mark.parametrize("event", [MOUSE, ESC])
def test_nothing_comes_between_a_result_and_its_undo_step(
    event: Any, begin: Any, context: Any
) -> None:
    operator = begin("write")
    until_it_is_written(operator, context)
    assert operator.modal(context, event) in ({"RUNNING_MODAL"}, {"FINISHED"})
    if event is MOUSE:
        assert operator.modal(context, TIMER) == {"FINISHED"}
    assert operator.reports == [("INFO", "1 frame")]
    assert nothing_is_left(context)


@pytest.mark.parametrize("way", ["ESC", "cross", "another file"])
def test_a_job_can_be_stopped(way: str, begin: Any, context: Any) -> None:
    ensure_registered()
    operator = begin("wait")
    if way == "ESC":
        returned = operator.modal(context, ESC)
    else:
        if way == "cross":
            assert bpy.ops.facial_retarget.cancel_job() == {"FINISHED"}
        else:
            bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        returned = operator.modal(context, TIMER)
    assert returned == {"CANCELLED"}
    assert operator.reports[0][1].startswith("Test was stopped")
    assert nothing_is_left(context)


def test_blender_takes_the_job_along_when_it_cancels_the_operator(begin: Any, context: Any) -> None:
    operator = begin("wait")
    operator.cancel(context)
    assert nothing_is_left(context)


@pytest.mark.parametrize(
    ("job", "sentence"),
    [("fail", "The video is upside down. Turn it round."), ("die", "Test stopped unexpectedly.")],
)
def test_a_job_that_fails_is_told_and_changes_nothing(
    job: str, sentence: str, begin: Any, context: Any
) -> None:
    operator = begin(job)
    assert until_it_ends(operator, context) == {"CANCELLED"}
    assert operator.written == []
    assert operator.reports[0][0] == "ERROR"
    assert operator.reports[0][1].startswith(sentence)
    assert nothing_is_left(context)


def test_a_job_killed_by_the_system_is_told(begin: Any, context: Any) -> None:
    operator = begin("wait")
    operator._job._process.kill()
    assert until_it_ends(operator, context) == {"CANCELLED"}
    assert "stopped unexpectedly. The scene is as it was" in operator.reports[0][1]
    assert nothing_is_left(context)


@pytest.mark.parametrize(
    ("problem", "returned", "sentence"),
    [
        (CharacterError("The character was deleted."), "CANCELLED", "The character was deleted."),
        (KeyError("surprise"), "FINISHED", "Test failed unexpectedly."),
    ],
)
def test_a_result_that_cannot_be_written_is_told(
    problem: Exception, returned: str, sentence: str, begin: Any, context: Any
) -> None:
    operator = begin("write")
    operator.problem = problem
    # Nobody knows what an unexpected failure has changed: finished, it can be undone.
    assert until_it_ends(operator, context) == {returned}
    assert operator.reports[0][0] == "ERROR"
    assert operator.reports[0][1].startswith(sentence)
    assert nothing_is_left(context)


def test_what_cannot_be_planned_starts_nothing(begin: Any, context: Any) -> None:
    operator = begin("impossible")
    assert operator.reports == [("ERROR", "No object is active.")]
    assert context.window_manager.watching == []
    assert nothing_is_left(context)


def test_a_second_job_is_refused_while_one_runs(begin: Any, context: Any) -> None:
    first, second = begin("wait"), begin("write")
    assert second.reports == [
        ("ERROR", "Test is running. Wait until it is done, or stop it in the Face tab.")
    ]
    assert context.window_manager.watching == [first]
    assert first.modal(context, TIMER) == {"PASS_THROUGH"}


def test_a_job_is_prepared_in_slices_while_nothing_else_happens(begin: Any, context: Any) -> None:
    steps = Steps(9)
    operator = begin("write", steps)
    assert 0 < steps.done < 9
    assert operator.modal(context, MOUSE) == {"RUNNING_MODAL"}
    assert operator.modal(context, TIMER) == {"RUNNING_MODAL"}
    running = current.running()
    assert running is not None
    assert (running.title, running.status.step, running.status.total) == ("Test", "Looking", 9)
    assert not steps.is_put_back
    while not steps.is_put_back:
        operator.modal(context, TIMER)
    assert operator.modal(context, MOUSE) == {"PASS_THROUGH"}
    assert until_it_ends(operator, context) == {"FINISHED"}
    assert operator.written == ["the result"]
    assert current.longest_tick() >= 0.05
    assert nothing_is_left(context)


@pytest.mark.parametrize("way", ["ESC", "another file", "saved", "undone", "quit"])
def test_what_prepares_a_job_is_put_back_when_it_is_stopped(
    way: str, begin: Any, context: Any, tmp_path: Path
) -> None:
    ensure_registered()
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.ed.undo_push(message="after")
    steps = Steps(math.inf)
    operator = begin("write", steps)
    stop: dict[str, Callable[[], object]] = {
        "ESC": lambda: operator.modal(context, ESC),
        "another file": lambda: bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True),
        "saved": lambda: bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend")),
        "undone": bpy.ops.ed.undo,
        "quit": lambda: operator.cancel(context),
    }
    stop[way]()
    assert steps.is_put_back
    if way not in ("ESC", "quit"):
        assert operator.modal(context, TIMER) == {"CANCELLED"}
        assert operator.reports[0][1].startswith("Test was stopped, because")
    assert operator.written == []
    assert nothing_is_left(context)


def test_a_failure_while_a_job_is_prepared_is_told(begin: Any, context: Any) -> None:
    operator = begin("impossible", Steps(9))
    assert until_it_ends(operator, context) == {"CANCELLED"}
    assert operator.reports == [("ERROR", "No object is active.")]
    assert nothing_is_left(context)


def test_the_add_on_takes_its_job_along(begin: Any, context: Any) -> None:
    ensure_registered()
    operator = begin("wait")
    folder = operator._job.folder
    current.unregister()
    assert not folder.exists()
    current.register()


def test_without_a_window_the_job_is_waited_for(begin: Any, context: Any) -> None:
    operator = Watcher("write")
    assert operator.execute(context) == {"FINISHED"}
    assert operator.written == ["the result"]
