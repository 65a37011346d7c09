"""What belongs to a head besides its skin: eyes, teeth, tongue, lashes and what lies on it."""

from typing import Final

import numpy as np

from ..channels import ARKIT_CHANNELS, EYE_CHANNELS, side_of
from ..mesh import Floats
from .anatomy import Anatomy
from .covers import cover_motion, cover_vertices
from .edges import Indices
from .eyes import EYE_PARTS, eye_turns
from .followers import find_followers
from .jaw import move_jaw_parts
from .lashes import lash_motion, lash_vertices
from .options import ShapeOptions
from .registration import Part
from .tongue import has_tongue, put_out_tongue

_LIDS: Final = ("upper", "lower")
_FOLLOWING: Final = (Part.UPPER_LASHES, Part.LOWER_LASHES, Part.FOLLOWER)


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
        put_out_tongue(anatomy.mesh, registration, anatomy.mouth, deltas, strength)
    following = np.isin(registration.parts, _FOLLOWING)
    following[_move_lashes(anatomy, deltas)] = False
    following[_move_covers(anatomy, deltas)] = False
    rows = np.flatnonzero(following)
    followers = find_followers(anatomy.mesh, registration, anatomy.reach, rows)
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
            deltas[:, rows] = lash_motion(region, lid, points, deltas[:, region.rows])
            moved.append(rows)
    return np.concatenate(moved)


def _move_covers(anatomy: Anatomy, deltas: Floats) -> Indices:
    """Move the layers on the eyeballs, and return their vertices."""
    moved: list[Indices] = [np.zeros(0, np.intp)]
    for side, region in anatomy.eyes.items():
        if side not in anatomy.balls:
            continue
        rows = cover_vertices(anatomy.mesh, anatomy.registration, region.ball)
        points = anatomy.registration.points[rows]
        for channel in EYE_CHANNELS:
            if len(rows) and side_of(channel) == side:
                delta = deltas[ARKIT_CHANNELS.index(channel)]
                delta[rows] = cover_motion(region, points, delta[region.rows])
        moved.append(rows)
    return np.concatenate(moved)
