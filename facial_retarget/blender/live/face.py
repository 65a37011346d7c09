"""A character's shape keys moved at once, without a keyframe, and put back afterwards."""

import contextlib
from collections.abc import Mapping
from typing import Any

from bpy.types import Key, Scene

from ...core.errors import CharacterError
from ..scene.actions import shape_key_path
from ..scene.character import Character, controls_of
from ..scene.overrides import is_animatable


class LiveFace:
    """The shape keys of one character while they are moved live.

    Layers and Actions do not hide it: `show_again` gives the values back that a change of the
    frame takes away. Keys that are gone meanwhile are left out.
    """

    def __init__(self, character: Character) -> None:
        """Take hold of a character. Raises CharacterError where it is another file's."""
        if not is_animatable(character):
            raise CharacterError(
                f"{character.face.name} is linked and cannot be moved in this file. "
                "Make a library override of it first, or bake something on it once."
            )
        self._shown: Mapping[str, float] = {}
        self._before = [
            {name: block.value for name, block in controls_of(key).items()}
            for key in character.keys
        ]
        self.hold(character)

    def hold(self, character: Character) -> None:
        """Take hold of the same character again: an undo puts others in the place of its keys."""
        self._keys: tuple[Key, ...] = character.keys

    @property
    def driven(self) -> tuple[str, ...]:
        """The face's shape keys that drivers decide, whatever is shown."""
        face, *_companions = self._keys
        drivers = face.animation_data.drivers if face.animation_data else ()
        paths = {curve.data_path for curve in drivers}
        return tuple(name for name in controls_of(face) if shape_key_path(name) in paths)

    @property
    def is_there(self) -> bool:
        """Whether the character can be moved: it may be gone, or have to be held again."""
        try:
            return all(key.name for key in self._keys)
        except ReferenceError:
            return False

    def show(self, values: Mapping[str, float]) -> None:
        """Set the values of shape keys by their names."""
        self._shown = values
        for key in self._keys:
            _set(key, values)

    def show_again(self) -> None:
        """Set what was shown last once more."""
        self.show(self._shown)

    def release(self, scene: Scene) -> None:
        """Put back what was moved, then let the scene's animation have its say."""
        for key, before in zip(self._keys, self._before, strict=False):
            with contextlib.suppress(ReferenceError):
                _set(key, {name: before[name] for name in self._shown if name in before})
        scene.frame_set(scene.frame_current, subframe=scene.frame_subframe)


def _set(key: Key, values: Mapping[str, float]) -> None:
    blocks = key.key_blocks
    for name, value in values.items():
        block: Any = blocks.get(name)
        if block is not None:
            block.value = value
