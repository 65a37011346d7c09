"""Poses of a face: from values of channels to those of a character's properties."""

from collections.abc import Mapping as Table
from typing import Final, TypeAlias

import numpy as np

from ...core.channels import ARKIT_CHANNELS, VISEME_CHANNELS
from ...core.clip import Clip
from ...core.performance import Curve
from ...core.retarget import drives_visemes, mapping_for, retarget, speech_mapping
from ...core.shapes.visemes import viseme_weights
from ..character.setup import limits_of, mapping_of
from ..scene.actions import Animated, ChannelCurve
from ..scene.character import Character
from ..scene.control_curves import channel_curves

Channels: TypeAlias = dict[Animated, list[ChannelCurve]]

EXPRESSIONS: Final = (*ARKIT_CHANNELS, *VISEME_CHANNELS)


def pose(character: Character, values: Table[str, float], frame: float = 1.0) -> Channels:
    """Return a key, on a frame, of everything that a character's mapping drives.

    values: of channels; those left out are 0.
    """
    mapping = mapping_of(character)
    wanted = {**dict.fromkeys(ARKIT_CHANNELS, 0.0), **values}
    row = np.array([list(wanted.values())], np.float32)
    clip = Clip(tuple(wanted), np.zeros(1), row, np.ones_like(row))
    driven = retarget(clip, mapping_for(mapping, clip.channels), limits_of(character))
    at = np.array([frame], np.float32)
    known = zip(driven.channels, driven.values[0], strict=True)
    return channel_curves(
        character,
        [Curve(control, at, value[None]) for control, value in known if np.isfinite(value)],
    )


def expression(character: Character, channel: str) -> dict[str, float]:
    """Return the values by which a character shows a channel of a face or of a voice.

    A viseme is shown by ARKit's channels where the character has no key of its own for it, and
    mouthClose on the open jaw that it closes the lips over.
    """
    if channel == "mouthClose":
        return {channel: 1.0, "jawOpen": 1.0}
    if channel in ARKIT_CHANNELS or drives_visemes(speech_mapping(mapping_of(character))):
        return {channel: 1.0}
    return dict(viseme_weights("oculus")[channel])
