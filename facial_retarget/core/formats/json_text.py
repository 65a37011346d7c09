"""JSON of capture files, with every way in which it can be wrong in one sentence."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..errors import FormatError
from .text import whole_text

AGAIN: Final = "Export it again."
_GREATEST: Final = 1e12


def read_object(path: Path) -> dict[str, Any]:
    """Return the object that a file holds. Raises FormatError where it holds none."""
    data = parsed(whole_text(path), path)
    if not isinstance(data, dict):
        raise FormatError(f"'{path.name}' holds a list where an object should be. {AGAIN}")
    return data


def parsed(text: str, path: Path) -> Any:  # noqa: ANN401 - what JSON holds
    """Return what a text holds. Raises FormatError where it is no JSON, or nested endlessly."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"'{path.name}' is no JSON, or was cut off. {AGAIN}") from error


def numbers(data: object, path: Path, what: str) -> NDArray[np.float64]:
    """Return numbers as an array. Raises FormatError where they are no full table of numbers."""
    try:
        array = np.array(data, np.float64)
    except (ValueError, TypeError, OverflowError) as error:
        raise FormatError(f"{what} of '{path.name}' is no table of numbers. {AGAIN}") from error
    if not (np.abs(array) < _GREATEST).all():
        raise FormatError(f"{what} of '{path.name}' holds a value that is no number. {AGAIN}")
    return array


def field(
    data: Mapping[str, Any], name: str, kind: Callable[[Any], bool], path: Path, needed: str
) -> Any:  # noqa: ANN401 - what JSON holds
    """Return a field. Raises FormatError where it is missing or not of its kind."""
    value = data.get(name)
    if not kind(value):
        raise FormatError(f"'{path.name}' has no {name} with {needed}. {AGAIN}")
    return value
