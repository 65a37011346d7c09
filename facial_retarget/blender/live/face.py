"""A character's controls moved at once, without a keyframe, and put back afterwards."""

import contextlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from bpy.types import Key, Scene

from ...core.errors import CharacterError
from ...core.performance import Curve
from ..scene.actions import shape_key_path
from ..scene.character import Character, control_names, controls_of
from ..scene.control_curves import channel_curves
from ..scene.overrides import is_animatable
from ..scene.rest import Channel, property_value, set_property


class LiveFace:
    """The shape keys, bones and properties of one character while they are moved live.

    Layers and Actions do not hide it: `show_again` gives the values back that a change of the
    frame takes away. What is gone meanwhile is left out.
    """

    def __init__(self, character: Character) -> None:
        """Take hold of a character. Raises CharacterError where it is another file's."""
        if not is_animatable(character):
            raise CharacterError(
                f"{character.face.name} is linked and cannot be moved in this file. "
                "Make a library override of it first, or bake something on it once."
            )
        self._shown: Mapping[str, float] = {}
        self._rig_before: dict[Channel, float] = {}
        self._before = [
            {name: block.value for name, block in controls_of(key).items()}
            for key in character.keys
        ]
        self.hold(character)

    def hold(self, character: Character) -> None:
        """Take hold of the same character again: an undo puts others in the place of its keys."""
        self._keys: tuple[Key, ...] = character.keys
        self._character = character
        self._names = frozenset(control_names(character))

    @property
    def driven(self) -> tuple[str, ...]:
        """The face's shape keys that drivers decide, whatever is shown."""
        if not self._keys:
            return ()
        face, *_companions = self._keys
        drivers = face.animation_data.drivers if face.animation_data else ()
        paths = {curve.data_path for curve in drivers}
        return tuple(name for name in controls_of(face) if shape_key_path(name) in paths)

    @property
    def is_there(self) -> bool:
        """Whether the character can be moved: it may be gone, or have to be held again."""
        try:
            return all(each.name for each in (self._character.face, *self._keys))
        except ReferenceError:
            return False

    def show(self, values: Mapping[str, float]) -> None:
        """Set the values of controls by their names."""
        self._shown = values
        for key in self._keys:
            _set(key, values)
        self._show_on_rig({name: values[name] for name in values if name not in self._names})

    def show_again(self) -> None:
        """Set what was shown last once more."""
        self.show(self._shown)

    def _show_on_rig(self, values: Mapping[str, float]) -> None:
        """Set bones and properties; turns of one bone are one rotation."""
        rig = self._character.armature
        if rig is None or not values:
            return
        at = np.zeros(1, np.float32)
        curves = [Curve(name, at, np.array([value], np.float32)) for name, value in values.items()]
        for curve in channel_curves(self._character, curves).get(rig, ()):
            channel = (curve.path, curve.index)
            self._rig_before.setdefault(channel, property_value(rig, channel))
            set_property(rig, channel, float(curve.values[0]))

    def release(self, scene: Scene) -> None:
        """Put back what was moved, then let the scene's animation have its say."""
        for key, before in zip(self._keys, self._before, strict=False):
            with contextlib.suppress(ReferenceError):
                _set(key, {name: before[name] for name in self._shown if name in before})
        with contextlib.suppress(ReferenceError):
            for channel, value in self._rig_before.items():
                set_property(self._character.armature, channel, value)
        scene.frame_set(scene.frame_current, subframe=scene.frame_subframe)


def _set(key: Key, values: Mapping[str, float]) -> None:
    blocks = key.key_blocks
    for name, value in values.items():
        block: Any = blocks.get(name)
        if block is not None:
            block.value = value
