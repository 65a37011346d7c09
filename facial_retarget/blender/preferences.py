"""What a user chooses once, for all files."""

from typing import Any, Final

import bpy
from bpy.props import StringProperty
from bpy.types import AddonPreferences, Context

# The name that Blender knows the add-on by: of the package above this one's, which run as a
# module has none.
_ADDON: Final = __package__.rpartition(".")[0].rpartition(".")[0] or __package__.partition(".")[0]


class FacialPreferences(AddonPreferences):
    """The add-on's page in the preferences."""

    bl_idname = _ADDON

    wav2vec: StringProperty(  # type: ignore[valid-type]
        name="wav2vec 2.0 Model",
        description=(
            "An ONNX file of a wav2vec 2.0 model of your own, by which a voice is heard; "
            "empty for the model that comes with the add-on"
        ),
        subtype="FILE_PATH",
    )

    def draw(self, _context: Context) -> None:
        """Draw the choices."""
        self.layout.use_property_split = True
        self.layout.prop(self, "wav2vec")


def wav2vec_file() -> str:
    """Return the path of the user's own model; empty without one, or where none can be chosen."""
    addon: Any = bpy.context.preferences.addons.get(_ADDON)
    chosen: str = addon.preferences.wav2vec if addon and addon.preferences else ""
    return bpy.path.abspath(chosen) if chosen else ""


CLASSES: Final = (FacialPreferences,)
