"""Parts of sentences for the user."""

from collections.abc import Sequence
from typing import Final

_NAMED: Final = 3


def listed(names: Sequence[str]) -> str:
    """Name the first few of many: "jawOpen, mouthClose, mouthFunnel and 4 more"."""
    shown = ", ".join(names[:_NAMED])
    more = len(names) - _NAMED
    return f"{shown} and {more} more" if more > 0 else shown
