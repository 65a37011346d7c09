"""Expressions as Actions that are marked as assets, to find them in the Asset Browser."""

from collections.abc import Iterable
from typing import Final

import bpy
from bpy.types import Action

from ...core.errors import CharacterError
from .. import compat
from ..scene.actions import write_curve
from ..scene.character import Character
from .faces import EXPRESSIONS, Channels, expression, pose

_EXPRESSION: Final = "facial_retarget_expression"
_TAG: Final = "face"


def save_expression(character: Character, name: str, channels: Channels) -> list[Action]:
    """Make an asset of a pose, in place of the character's one of the same name.

    It is one Action or, before Blender 4.4, one for each data-block. Raises CharacterError where
    nothing is posed.
    """
    if not channels:
        raise CharacterError(
            f"Nothing of {character.face.name} is driven. Look at the mapping, or understand the "
            "rig first."
        )
    owner = f"{character.face.name} {name}"
    catalog = _removed(owner)
    parts = compat.new_action_parts(owner, channels)
    for data, curves in channels.items():
        for curve in curves:
            write_curve(parts[data], curve)
    actions = list(dict.fromkeys(part.action for part in parts.values()))
    for action in actions:
        action[_EXPRESSION] = owner
        action.asset_mark()
        action.asset_data.description = f"{name} of {character.face.name}"
        action.asset_data.tags.new(_TAG, skip_if_exists=True)
        if catalog:
            action.asset_data.catalog_id = catalog
    return actions


def save_all_expressions(
    character: Character, names: Iterable[str] = EXPRESSIONS
) -> tuple[str, ...]:
    """Make an asset of each channel of a face and each viseme that a character can show.

    Return the names of those that were made. Raises CharacterError where there is none.
    """
    rest, made = _moved(pose(character, {})), []
    for name in names:
        channels = pose(character, expression(character, name))
        if _moved(channels) != rest:
            save_expression(character, name, channels)
            made.append(name)
    if not made:
        save_expression(character, "", {})
    return tuple(made)


def _moved(channels: Channels) -> list[tuple[str, int, float]]:
    return [
        (curve.path, curve.index, round(float(curve.values[0]), 4))
        for curves in channels.values()
        for curve in curves
    ]


def _removed(owner: str) -> str:
    """Remove the Actions of an earlier asset, and return the catalog that it was in."""
    catalog = ""
    for action in [each for each in bpy.data.actions if each.get(_EXPRESSION) == owner]:
        if action.library is None:
            catalog = action.asset_data.catalog_id if action.asset_data else catalog
            bpy.data.actions.remove(action)
    return catalog
