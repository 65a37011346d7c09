"""What belongs to a head besides its skin: eyes, teeth, tongue, lashes and what lies on it."""

from typing import Final

import numpy as np

from ..channels import ARKIT_CHANNELS
from ..mesh import Floats
from .anatomy import Anatomy
from .edges import Indices
from .eyes import EYE_PARTS, eye_turns
from .followers import find_followers
from .jaw import move_jaw_parts
from .lashes import lash_motion, lash_vertices
from .options import ShapeOptions
from .registration import Part
from .tongue import has_tongue, put_out_tongue

_LIDS: Final = ("upper", "lower")


def move_companions(anatomy: Anatomy, deltas: Floats, options: ShapeOptions) -> None:
    """Give everything that is no skin its displacements.

    deltas: (channels, n, 3) in face space, in the order of ARKIT_CHANNELS, those of the skin
    made; changed in place. Upper teeth are fixed to the skull and lie still.
    """
    registration = anatomy.registration
    _turn_eyes(anatomy, deltas, options)
    move_jaw_parts(registration, anatomy.template, deltas)
    if anatomy.mouth is not None and has_tongue(registration):
        strength = options.strength_of("tongueOut")
        put_out_tongue(registration, anatomy.mouth, deltas, strength)
    with_lids = _move_lashes(anatomy, deltas)
    lashes = np.isin(registration.parts, (Part.UPPER_LASHES, Part.LOWER_LASHES))
    lashes[with_lids] = False
    following = np.flatnonzero(lashes | (registration.parts == Part.FOLLOWER))
    followers = find_followers(anatomy.mesh, registration, anatomy.reach, following)
    if followers is not None:
        for delta in deltas:
            delta[followers.rows] = followers.motion(delta)


def _turn_eyes(anatomy: Anatomy, deltas: Floats, options: ShapeOptions) -> None:
    registration = anatomy.registration
    for turn in eye_turns(anatomy.balls):
        if options.strength_of(turn.channel):
            rows = np.flatnonzero(registration.parts == EYE_PARTS[turn.side])
            delta = deltas[ARKIT_CHANNELS.index(turn.channel)]
            delta[rows] = turn.displacement(registration.points[rows])


def _move_lashes(anatomy: Anatomy, deltas: Floats) -> Indices:
    """Move the lashes of the eyes that have lids, and return their vertices."""
    moved: list[Indices] = [np.zeros(0, np.intp)]
    for side, region in anatomy.eyes.items():
        for lid in _LIDS:
            rows = lash_vertices(anatomy.registration, side, lid)
            if not len(rows):
                continue
            points = anatomy.registration.points[rows]
            for delta in deltas:
                delta[rows] = lash_motion(region, lid, points, delta[region.rows])
            moved.append(rows)
    return np.concatenate(moved)
