"""How the channels of a source drive a character's controls: data, editable and saved."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, Self, get_args

from ..channels import ARKIT_CHANNELS
from ..errors import MappingError
from .drive import Combine, Terms
from .surface_fit import SurfaceFit

How = Literal["exact", "name", "alias", "similar", "shape", "manual", "none"]
HOWS: Final[tuple[How, ...]] = get_args(How)

_SAID: Final[dict[How, str]] = {
    "exact": "exact",
    "name": "by name",
    "alias": "by alias",
    "similar": "similar",
    "shape": "by shape",
    "manual": "by hand",
}


@dataclass(frozen=True)
class MappingRow:
    """One control of a character and what drives it.

    The control's value is `combine` over gain x channel of all `terms`, plus `offset`. A row
    without terms leaves its control alone. `how` says who made the row, `confidence` (0 to 1)
    how sure that is, `note` why a control that was understood still has no source.
    """

    control: str
    terms: Terms = ()
    combine: Combine = "sum"
    offset: float = 0.0
    how: How = "none"
    confidence: float = 0.0
    note: str = ""

    def __post_init__(self) -> None:
        if len(dict(self.terms)) != len(self.terms):
            raise ValueError(f"a channel drives {self.control!r} twice")

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that drive this control."""
        return tuple(channel for channel, _gain in self.terms)


@dataclass(frozen=True)
class Mapping:
    """A row for every control of a character, in the character's order.

    fit: by which the rows of how "shape" are solved together, where the character was probed. It
    is measured, not decided, so two mappings of the same rows are equal.
    """

    rows: tuple[MappingRow, ...]
    fit: SurfaceFit | None = field(default=None, repr=False, compare=False)
    _by_control: dict[str, MappingRow] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_control = {row.control: row for row in self.rows}
        if len(by_control) != len(self.rows):
            raise ValueError("a control has two rows")
        object.__setattr__(self, "_by_control", by_control)

    def row(self, control: str) -> MappingRow:
        """Return a control's row. Raises KeyError for a control that the mapping lacks."""
        return self._by_control[control]

    @property
    def matched(self) -> tuple[MappingRow, ...]:
        """The rows that drive their control."""
        return tuple(row for row in self.rows if row.terms)

    @property
    def unmatched(self) -> tuple[str, ...]:
        """The controls that nothing drives."""
        return tuple(row.control for row in self.rows if not row.terms)

    def missing_channels(self, channels: Sequence[str] = ARKIT_CHANNELS) -> tuple[str, ...]:
        """Return those of the channels that drive no control."""
        driving = {channel for row in self.rows for channel in row.channels}
        return tuple(channel for channel in channels if channel not in driving)

    def summary(self, channels: Sequence[str] = ARKIT_CHANNELS) -> str:
        """Return the panel's line: "36 exact · 12 by alias · 1 missing"."""
        counts = Counter(row.how for row in self.matched)
        said = [f"{counts[how]} {words}" for how, words in _SAID.items() if counts[how]]
        if (missing := len(self.missing_channels(channels))) or not said:
            said.append(f"{missing} missing")
        return " · ".join(said)

    def replaced(self, row: MappingRow) -> Self:
        """Return the mapping with a row edited by hand. Raises KeyError for an unknown control."""
        self.row(row.control)
        return self._with_rows([replace(row, how="manual", confidence=1.0, note="")])

    def keeping_edits_of(self, earlier: "Mapping") -> Self:
        """Return the mapping with the rows that were edited by hand in an earlier one.

        Edits of controls that are no longer there are left behind.
        """
        edited = (row for row in earlier.rows if row.how == "manual")
        return self._with_rows(row for row in edited if row.control in self._by_control)

    def limited_to(self, controls: Sequence[str]) -> Self:
        """Return the mapping for these controls, in their order; new ones are driven by nothing.

        Raises MappingError where it has none of them: it is of another character.
        """
        if controls and self.rows and self._by_control.keys().isdisjoint(controls):
            raise MappingError(
                "The mapping is of another character: this one has none of its controls. Choose "
                "the mapping that was saved with this character, or have one found."
            )
        rows = (self._by_control.get(name, MappingRow(name)) for name in dict.fromkeys(controls))
        return replace(self, rows=tuple(rows), fit=self.fit and self.fit.limited_to(controls))

    def _with_rows(self, rows: Iterable[MappingRow]) -> Self:
        new = {row.control: row for row in rows}
        return replace(self, rows=tuple(new.get(row.control, row) for row in self.rows))

    def to_json(self) -> str:
        """Return the mapping as the text of a preset file."""
        from .mapping_file import write_mapping

        return write_mapping(self)

    @classmethod
    def from_json(cls, text: str) -> "Mapping":
        """Read a mapping from the text of a preset file.

        Raises MappingError where it is damaged, of another kind or of a later version.
        """
        from .mapping_file import read_mapping

        return read_mapping(text)
