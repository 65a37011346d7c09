"""The face that the button of the Face tab is about."""

from typing import TYPE_CHECKING

from bpy.types import Context, Object

from ...core.errors import CharacterError
from ..character.lookup import active_character
from ..lazy import LazyModule

if TYPE_CHECKING:
    from ..scene import neutral
else:
    neutral = LazyModule("..scene.neutral", __package__)


def active_face(context: Context) -> Object:
    """Return the mesh to generate shape keys for. Raises CharacterError where there is none."""
    try:
        known = active_character(context).face
    except CharacterError:
        known = None
    return neutral.choose_face(context.object, known)
