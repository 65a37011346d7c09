"""A mapping in a file of its own, to use on another character."""

from dataclasses import replace
from pathlib import Path

from ...core.errors import FormatError, MappingError, OutputError
from ...core.output import whole_file
from ...core.retarget import Mapping
from ..scene.character import Character, control_limits
from .setup import mapping_of, remember, setup_of, with_mapping


def save_preset(character: Character, path: Path) -> None:
    """Write a character's mapping to a file. Raises OutputError where that cannot be."""
    try:
        with whole_file(path) as part:
            part.write_text(mapping_of(character).to_json(), encoding="utf-8")
    except OutputError as error:
        raise OutputError(f"The mapping cannot be saved as {path}. {error}") from error


def load_preset(character: Character, path: Path) -> str:
    """Use a saved mapping for those controls that a character has; say what came of it.

    Raises FormatError or MappingError where the file is none, or has none of its controls.
    """
    loaded = read_preset(path)
    here = control_limits(character, (row.control for row in loaded.rows))
    usable = tuple(row for row in loaded.rows if row.control in here)
    if not usable:
        raise MappingError(
            f"None of the {len(loaded.rows)} controls in {path.name} is on "
            f"{character.face.name}. Choose a mapping that was made for such a character."
        )
    # What was measured on a face holds for one with the very same controls.
    fit = loaded.fit if loaded.fit and loaded.fit.limits.keys() <= here.keys() else None
    found = replace(loaded, rows=usable, fit=fit)
    remember(character, with_mapping(replace(setup_of(character), found=found), found))
    return f"{len(usable)} of {len(loaded.rows)} rows used: {mapping_of(character).summary()}"


def read_preset(path: Path) -> Mapping:
    """Read a saved mapping. Raises FormatError or MappingError where the file is none."""
    try:
        return Mapping.from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{path.name} cannot be read. Choose another file.") from error
