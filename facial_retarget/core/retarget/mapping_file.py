"""The preset file of a mapping: JSON that a person can read and edit."""

import json
import math
from collections.abc import Collection
from dataclasses import asdict
from typing import Any, Final, NoReturn, TypeVar, cast

from ..errors import MappingError
from .drive import COMBINES, Combine
from .mapping import HOWS, How, Mapping, MappingRow
from .surface_fit import SurfaceFit

_FORMAT: Final = "facial-retarget mapping"
_VERSION: Final = 2  # 1 had no fit
_Value = TypeVar("_Value")


def write_mapping(mapping: Mapping) -> str:
    """Return the text of a preset file, pure ASCII."""
    rows = [asdict(row) | {"terms": dict(row.terms)} for row in mapping.rows]
    data: dict[str, Any] = {"format": _FORMAT, "version": _VERSION, "rows": rows}
    text = json.dumps(data, indent=1)
    if mapping.fit is None:
        return text
    # Nobody reads the matrices: they are kept out of the rows' indentation.
    return f'{text[:-2]},\n "fit": {json.dumps(mapping.fit.to_data(), separators=(",", ":"))}\n}}'


def read_mapping(text: str) -> Mapping:
    """Read the text of a preset file. Raises MappingError where it is damaged or not one."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        _refuse("it is not a JSON file or was cut off")
    if not isinstance(data, dict) or data.get("format") != _FORMAT:
        _refuse("it holds something else")
    _check_version(data.get("version"))
    rows = tuple(
        _read_row(row, number)
        for number, row in enumerate(_field(data, "rows", list, "the file"), 1)
    )
    if len({row.control for row in rows}) != len(rows):
        _refuse("it names a control twice")
    return Mapping(rows, _read_fit(data["fit"]) if data.get("fit") is not None else None)


def _refuse(why: str) -> NoReturn:
    raise MappingError(
        f"The mapping cannot be read: {why}. Choose a file that was saved with Save Mapping."
    )


def _check_version(version: object) -> None:
    if type(version) is not int or version < 1:
        _refuse("it has no version")
    if version > _VERSION:
        raise MappingError(
            f"The mapping is of version {version} and this Facial Retarget reads up to version "
            f"{_VERSION}. Update the extension, or save the mapping with this one."
        )


def _read_row(data: object, number: int) -> MappingRow:
    where = f"row {number}"
    if not isinstance(data, dict):
        _refuse(f"{where} is not a row")
    terms = _field(data, "terms", dict, where)
    return MappingRow(
        control=_field(data, "control", str, where),
        terms=tuple((channel, _number(gain, where, "gain")) for channel, gain in terms.items()),
        combine=cast(Combine, _one_of(data, "combine", COMBINES, where)),
        offset=_number(data.get("offset", 0.0), where, "offset"),
        how=cast(How, _one_of(data, "how", HOWS, where)),
        confidence=min(max(_number(data.get("confidence", 0.0), where, "confidence"), 0.0), 1.0),
        note=_field(data, "note", str, where) if "note" in data else "",
    )


def _read_fit(data: object) -> SurfaceFit:
    try:
        return SurfaceFit.from_data(cast(dict[str, Any], data))
    except (KeyError, TypeError, ValueError, OverflowError):
        _refuse("what it says of the surface is damaged")


def _field(data: dict[str, Any], key: str, kind: type[_Value], where: str) -> _Value:
    value = data.get(key)
    if not isinstance(value, kind):
        _refuse(f"{where} has no valid “{key}”")
    return value


def _one_of(data: dict[str, Any], key: str, allowed: Collection[str], where: str) -> str:
    value = _field(data, key, str, where)
    if value not in allowed:
        _refuse(f"{where} has no valid “{key}”")
    return value


def _number(value: object, where: str, what: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    _refuse(f"{where} has no valid {what}")
