"""The one place that turns failures into what an operator tells the user."""

import functools
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

import bpy
from bpy.types import Context, Event

from ..core.errors import FacialRetargetError

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

    # What an operator's execute, invoke and modal return.
    Returned: TypeAlias = set[OperatorReturnItems]

AnOperator = TypeVar("AnOperator", bound=bpy.types.Operator)

_LOG_FILE: Final = "facial_retarget_log.txt"


def reporting(
    execute: Callable[[AnOperator, Context], "Returned"],
) -> Callable[[AnOperator, Context], "Returned"]:
    """Let `execute` fail: the user reads a sentence, a developer finds the traceback.

    An expected failure changes nothing, so there is nothing to undo. After an unexpected one
    nobody knows: the operator counts as finished, which gives the user an undo step.
    """

    @functools.wraps(execute)
    def reported(operator: AnOperator, context: Context) -> "Returned":
        return _reported(operator, lambda: execute(operator, context))

    return reported


def reporting_events(
    handle: Callable[[AnOperator, Context, Event], "Returned"],
) -> Callable[[AnOperator, Context, Event], "Returned"]:
    """Do the same for `invoke` and `modal`: Blender counts the arguments of what it calls."""

    @functools.wraps(handle)
    def reported(operator: AnOperator, context: Context, event: Event) -> "Returned":
        return _reported(operator, lambda: handle(operator, context, event))

    return reported


def _reported(operator: bpy.types.Operator, call: Callable[[], "Returned"]) -> "Returned":
    try:
        return call()
    except FacialRetargetError as error:
        operator.report({"ERROR"}, str(error))
        return {"CANCELLED"}
    except Exception:
        log = keep_log(operator.bl_label, traceback.format_exc())
        operator.report(
            {"ERROR"},
            f"{operator.bl_label} failed unexpectedly. What happened is written in {log}.",
        )
        return {"FINISHED"}


def keep_log(title: str, details: str) -> str:
    """Write what a developer needs to the system console and to a file; say where it is."""
    import tempfile

    text = f"{title}, Blender {bpy.app.version_string}\n{details}\n"
    sys.stderr.write(text)
    path = Path(tempfile.gettempdir()) / _LOG_FILE
    try:
        path.write_text(text, encoding="utf-8")
    except OSError:
        return "the system console"
    return str(path)
