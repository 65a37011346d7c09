"""The common tongue of faces: Apple's 52 ARKit channels, and the visemes of a voice, by name."""

from collections.abc import Iterable
from typing import Final

_EYE: Final = ("Blink", "LookDown", "LookIn", "LookOut", "LookUp", "Squint", "Wide")

EYE_CHANNELS: Final[tuple[str, ...]] = tuple(
    f"eye{motion}{side}" for side in ("Left", "Right") for motion in _EYE
)
JAW_CHANNELS: Final[tuple[str, ...]] = ("jawForward", "jawLeft", "jawRight", "jawOpen")
MOUTH_CHANNELS: Final[tuple[str, ...]] = (
    "mouthClose",
    "mouthFunnel",
    "mouthPucker",
    "mouthLeft",
    "mouthRight",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthDimpleLeft",
    "mouthDimpleRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthPressLeft",
    "mouthPressRight",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
)
BROW_CHANNELS: Final[tuple[str, ...]] = (
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
)
CHEEK_AND_NOSE_CHANNELS: Final[tuple[str, ...]] = (
    "cheekPuff",
    "cheekSquintLeft",
    "cheekSquintRight",
    "noseSneerLeft",
    "noseSneerRight",
)
TONGUE_CHANNELS: Final[tuple[str, ...]] = ("tongueOut",)

# Apple's own order. It fixes how lists read, never how values are found: that is by name.
ARKIT_CHANNELS: Final[tuple[str, ...]] = (
    *EYE_CHANNELS,
    *JAW_CHANNELS,
    *MOUTH_CHANNELS,
    *BROW_CHANNELS,
    *CHEEK_AND_NOSE_CHANNELS,
    *TONGUE_CHANNELS,
)

# The 15 mouth shapes of Oculus LipSync: what a voice knows beside ARKit's channels.
VISEME_CHANNELS: Final[tuple[str, ...]] = (
    "viseme_sil",
    "viseme_PP",
    "viseme_FF",
    "viseme_TH",
    "viseme_DD",
    "viseme_kk",
    "viseme_CH",
    "viseme_SS",
    "viseme_nn",
    "viseme_RR",
    "viseme_aa",
    "viseme_E",
    "viseme_I",
    "viseme_O",
    "viseme_U",
)

ALL_CHANNELS: Final[tuple[str, ...]] = (*ARKIT_CHANNELS, *VISEME_CHANNELS)

# The regions by which a bake can be limited and layers be combined.
REGIONS: Final[dict[str, tuple[str, ...]]] = {
    "mouth": (
        *JAW_CHANNELS,
        *MOUTH_CHANNELS,
        *CHEEK_AND_NOSE_CHANNELS[:1],
        *TONGUE_CHANNELS,
        *VISEME_CHANNELS,
    ),
    "eyes": (*EYE_CHANNELS, "cheekSquintLeft", "cheekSquintRight"),
    "brows": (*BROW_CHANNELS, "noseSneerLeft", "noseSneerRight"),
}

# These name a direction, not a side: jawLeft has no partner on the other half of the face.
_DIRECTIONS: Final = frozenset({"jawLeft", "jawRight", "mouthLeft", "mouthRight"})


def side_of(channel: str) -> str:
    """Return "left", "right" or "" for a channel of the whole face (jawLeft is one)."""
    if channel not in _DIRECTIONS:
        for side in ("Left", "Right"):
            if channel.endswith(side):
                return side.lower()
    return ""


def mirrored(channel: str) -> str:
    """Return the channel that a mirror would show: sides and directions swap, others stay."""
    for ending, other in (("Left", "Right"), ("Right", "Left")):
        if channel.endswith(ending):
            return channel.removesuffix(ending) + other
    return channel


def in_regions(regions: Iterable[str]) -> frozenset[str]:
    """Return the channels of some regions. Raises KeyError for a region that does not exist."""
    return frozenset(channel for region in regions for channel in REGIONS[region])
