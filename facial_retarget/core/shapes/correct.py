"""From a raw prediction of the skin to shapes that an animator keeps."""

from typing import Final

import numpy as np

from ..channels import ARKIT_CHANNELS, EYE_CHANNELS, side_of
from ..mesh import FaceMesh, Floats
from . import lids, lips
from .anatomy import Anatomy, find_anatomy
from .companions import move_companions
from .edges import Indices
from .eyes import eye_turns
from .options import ShapeOptions
from .registration import Part, Registration
from .symmetry import make_symmetric
from .tongue import has_tongue

_INDEX: Final = {channel: number for number, channel in enumerate(ARKIT_CHANNELS)}
_LID_CHANNELS: Final = (*EYE_CHANNELS, "cheekSquintLeft", "cheekSquintRight")
# Shapes that press the lips together, and how much of what would cross the upper lip gives way; in
# others lips may slide over each other. A lower lip that shrugs pushes the upper one up.
_PRESSING: Final = {
    "mouthPressLeft": lips.UPPER_SHARE,
    "mouthPressRight": lips.UPPER_SHARE,
    "mouthRollLower": lips.UPPER_SHARE,
    "mouthRollUpper": lips.UPPER_SHARE,
    "mouthShrugLower": 0.5,
    "mouthPucker": lips.UPPER_SHARE,
}


def complete(
    mesh: FaceMesh,
    registration: Registration,
    deltas: Floats,
    options: ShapeOptions | None = None,
    protect: Floats | None = None,
) -> Floats:
    """Correct predicted displacements and add those of eyes, teeth, tongue, lashes and the rest.

    deltas: (52, n, 3) in face space, in the order of ARKIT_CHANNELS, as predicted for the skin;
    what stands on other parts is ignored. Changed in place and returned, all 52 whatever channels
    the options name; tongueOut is nothing without a tongue. protect: (n,) 0 to 1, how much of
    its motion each vertex is denied.
    """
    options = options or ShapeOptions()
    anatomy = find_anatomy(mesh, registration)
    for number, channel in enumerate(ARKIT_CHANNELS):
        deltas[number] *= (options.strength_of(channel) * anatomy.reach)[:, None]
    if options.symmetric:
        make_symmetric(anatomy, deltas)
    correct_lids(anatomy, deltas, options)
    correct_lips(anatomy, deltas, options)
    if not has_tongue(registration):
        deltas[_INDEX["tongueOut"]] = 0
    skin = registration.parts == Part.SKIN
    _hold(deltas, np.flatnonzero(skin), protect)
    if options.companions:
        move_companions(anatomy, deltas, options)
        _hold(deltas, np.flatnonzero(~skin), protect)
    return deltas


def correct_lids(anatomy: Anatomy, deltas: Floats, options: ShapeOptions) -> None:
    """Make blinks close and keep lids out of the eyeballs; deltas as `complete` takes them."""
    turns = {turn.channel: turn for turn in eye_turns(anatomy.balls)}
    for eye in anatomy.eyes.values():
        around = deltas[:, eye.rows]
        lids.even_out(eye, around)
        deltas[:, eye.rows] = around
    for channel in _LID_CHANNELS:
        region = anatomy.eyes.get(side_of(channel))
        if region is None or not options.strength_of(channel):
            continue
        delta = deltas[_INDEX[channel]][region.rows]
        if channel.startswith("eyeBlink"):
            lids.meet(region, delta)
        lids.clear(region, delta, turns.get(channel))
        deltas[_INDEX[channel]][region.rows] = delta


def correct_lips(anatomy: Anatomy, deltas: Floats, options: ShapeOptions) -> None:
    """Make mouthClose seal the lips over jawOpen, and keep pressed lips from crossing."""
    mouth = anatomy.mouth
    if mouth is None:
        return
    if options.strength_of("mouthClose"):
        jaw_open, mouth_close = (
            deltas[_INDEX[channel]][mouth.rows] for channel in ("jawOpen", "mouthClose")
        )
        lips.seal(mouth, jaw_open, mouth_close)
        deltas[_INDEX["mouthClose"]][mouth.rows] = mouth_close
    for channel, upper_share in _PRESSING.items():
        delta = deltas[_INDEX[channel]][mouth.rows]
        lips.keep_apart(mouth, delta, upper_share)
        deltas[_INDEX[channel]][mouth.rows] = delta


def _hold(deltas: Floats, rows: Indices, protect: Floats | None) -> None:
    if protect is None or not protect[rows].any():
        return
    free = np.clip(1 - protect[rows], 0, 1).astype(np.float32)[:, None]
    for delta in deltas:
        delta[rows] *= free
