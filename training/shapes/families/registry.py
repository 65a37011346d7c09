"""Families by name, and where each one's data lies unless another place is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from facial_retarget.core.errors import FacialRetargetError

from . import charmorph, ict, makehuman, valid
from .family import Family

DATA_FOLDER: Final = Path(__file__).parents[4] / "shared" / "data"


@dataclass(frozen=True)
class _Source:
    packed: str
    opened: Callable[[Path], Family]


_SOURCES: Final[Mapping[str, _Source]] = {
    ict.NAME: _Source(ict.PACKED, ict.open_ict),
    makehuman.NAME: _Source(makehuman.PACKED, makehuman.open_makehuman),
    valid.NAME: _Source(valid.PACKED, valid.open_valid),
    charmorph.VITRUVIAN: _Source(charmorph.VITRUVIAN_PACKED, charmorph.open_vitruvian),
    charmorph.REOM: _Source(charmorph.REOM_PACKED, charmorph.open_reom),
}
FAMILY_NAMES: Final = tuple(_SOURCES)


def open_family(name: str, path: Path | None = None) -> Family:
    """Open a family from its original folder or its packed file; without a path, the packed one.

    Raises FacialRetargetError for an unknown name and for data that cannot be read.
    """
    if name not in _SOURCES:
        raise FacialRetargetError(
            f"There is no family called '{name}'. Choose among {', '.join(FAMILY_NAMES)}."
        )
    source = _SOURCES[name]
    return source.opened(path or DATA_FOLDER / source.packed)
