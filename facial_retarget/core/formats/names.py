"""Which ARKit channel a capture file means by a name."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from ..channels import ARKIT_CHANNELS
from ..retarget.channel_names import channel_names
from ..retarget.drive import Directness
from ..retarget.names import read_name

_BY_NAME: Final = {channel.lower(): channel for channel in ARKIT_CHANNELS}


@lru_cache(maxsize=1024)
def channel_meant_by(name: str) -> str | None:
    """Return the channel that a name says: `EyeBlinkLeft`, `eyeBlink_L`, `blendShapes.JawOpen`.

    None where it says no channel, only a half of one, or several at once.
    """
    name = name.rpartition(".")[2].strip()
    if exact := _BY_NAME.get(name.lower()):
        return exact
    meant = channel_names(ARKIT_CHANNELS).meant_by(read_name(name))
    if meant is None or meant.part or meant.drive.directness is not Directness.DIRECT:
        return None
    return meant.drive.terms[0][0]


def places_of_channels(names: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Return for each channel that is named where its name stands, in ARKit's order.

    Where one name is spelled as ARKit spells it, looser spellings beside it are left alone.
    """
    found: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        if channel := channel_meant_by(name):
            found.setdefault(channel, []).append(place)
    for channel, places in found.items():
        exact = [
            n for n in places if names[n].rpartition(".")[2].strip().lower() == channel.lower()
        ]
        found[channel] = exact or places
    return {name: tuple(found[name]) for name in ARKIT_CHANNELS if name in found}
