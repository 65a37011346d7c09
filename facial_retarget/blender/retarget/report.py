"""What is told of a rig that was understood."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from ...core.channels import ARKIT_CHANNELS
from ...core.retarget import How, Mapping, MappingRow

# How a report counts what told the channels of a face.
_SAID: Final[dict[How, str]] = {
    "exact": "by name",
    "name": "by name",
    "alias": "by name",
    "similar": "by name",
    "shape": "by shape",
    "manual": "by hand",
}


def report(mapping: Mapping) -> str:
    """Return "48 of 52 channels found: 40 by name, 8 by shape; 3 controls not understood"."""
    driving = {channel: _strongest(channel, mapping.matched) for channel in ARKIT_CHANNELS}
    counts = Counter(_SAID[row.how] for row in driving.values() if row and row.how in _SAID)
    found = f"{counts.total()} of {len(ARKIT_CHANNELS)} channels found"
    if counts:
        said = [f"{counts[how]} {how}" for how in dict.fromkeys(_SAID.values()) if counts[how]]
        found += f": {', '.join(said)}"
    if left := len(mapping.unmatched):
        found += f"; {left} {'control' if left == 1 else 'controls'} not understood"
    return found


def _strongest(channel: str, rows: Iterable[MappingRow]) -> MappingRow | None:
    """Return the row that a channel drives most, for how that is known."""
    driven = [row for row in rows if channel in row.channels]
    return max(driven, key=lambda row: abs(dict(row.terms)[channel]), default=None)
