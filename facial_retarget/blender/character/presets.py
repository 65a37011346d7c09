"""A mapping in a file of its own, to use on another character."""

from pathlib import Path

from ...core.errors import FormatError, MappingError, OutputError
from ...core.retarget import Mapping
from ..scene.character import Character, control_names
from .setup import automatic_mapping, mapping_of, remember, setup_of, with_mapping


def save_preset(character: Character, path: Path) -> None:
    """Write a character's mapping to a file. Raises OutputError where that cannot be."""
    try:
        path.write_text(mapping_of(character).to_json(), encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"The mapping cannot be saved as {path}: {error.strerror}. Choose another folder."
        ) from error


def load_preset(character: Character, path: Path) -> str:
    """Use a saved mapping for those shape keys that a character has; say what came of it.

    Raises FormatError or MappingError where the file is none, or has none of its shape keys.
    """
    try:
        loaded = Mapping.from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{path.name} cannot be read. Choose another file.") from error
    mapping = automatic_mapping(control_names(character))
    controls = {row.control for row in mapping.rows}
    usable = [row for row in loaded.rows if row.control in controls]
    if not usable:
        raise MappingError(
            f"None of the {len(loaded.rows)} shape keys in {path.name} is on "
            f"{character.face.name}. Choose a mapping that was made for such a character."
        )
    for row in usable:
        automatic = mapping.row(row.control)
        if (row.terms, row.combine, row.offset) != (
            automatic.terms,
            automatic.combine,
            automatic.offset,
        ):
            mapping = mapping.replaced(row)
    remember(character, with_mapping(setup_of(character), mapping))
    return f"{len(usable)} of {len(loaded.rows)} rows used: {mapping.summary()}"
