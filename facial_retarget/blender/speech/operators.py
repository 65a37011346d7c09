"""Bake Voice and what belongs to it."""

from typing import TYPE_CHECKING, Final

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty
from bpy.types import Context, FileHandler, Operator, Scene

from ...core.containers import SOUND_SUFFIXES
from ...core.errors import SpeechError
from ..compat import PATH_OPTIONS
from ..failures import reporting
from ..lazy import LazyModule
from ..performance.operators import ChooseOperator, DropHandler, FileBakeOperator
from ..video.operators import VIDEO_EXTENSIONS
from .presets import apply_preset, speech_presets
from .properties import FacialSpeechProperties, speech_of

if TYPE_CHECKING:
    from ..failures import Returned
    from ..performance.settings import BakeSettings
    from . import settings
else:
    settings = LazyModule(".settings", __package__)


class FACIAL_OT_bake_voice(FileBakeOperator, Operator):
    """Let the active character speak with a voice."""

    bl_idname = "facial_retarget.bake_voice"
    bl_label = "Bake Voice"
    bl_description = "Let the active character speak with the voice of a sound or a video"
    bl_options = {"REGISTER", "UNDO"}

    noun = "sound"
    choose = "choose_voice"

    filepath: StringProperty(  # type: ignore[valid-type]
        name="Voice",
        description="The sound of a voice; the one of the Face tab by default",
        subtype="FILE_PATH",
        options={"SKIP_SAVE", "HIDDEN", *PATH_OPTIONS},
    )

    @classmethod
    def source(cls, scene: Scene) -> FacialSpeechProperties:
        """Return what the Face tab is set to."""
        return speech_of(scene)

    def chosen_settings(self, context: Context) -> "BakeSettings":
        """Return the same for a bake."""
        return settings.settings_of(context.scene)


class FACIAL_OT_choose_voice(ChooseOperator, Operator):
    """Choose the sound of a voice."""

    bl_idname = "facial_retarget.choose_voice"
    bl_label = "Face from Voice"
    bl_description = "Choose the sound of a voice"
    bl_options = {"REGISTER", "UNDO"}

    kind = "VOICE"
    baker = FACIAL_OT_bake_voice

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})  # type: ignore[valid-type]
    filter_glob: StringProperty(  # type: ignore[valid-type]
        default=";".join(f"*{extension}" for extension in (*SOUND_SUFFIXES, *VIDEO_EXTENSIONS)),
        options={"HIDDEN"},
    )
    bake: BoolProperty(options={"HIDDEN", "SKIP_SAVE"})  # type: ignore[valid-type]


class FACIAL_FH_voice(DropHandler, FileHandler):
    """A sound dropped on the 3D view."""

    bl_idname = "FACIAL_FH_voice"
    bl_label = "Face from Voice"
    bl_import_operator = FACIAL_OT_choose_voice.bl_idname
    bl_file_extensions = ";".join(SOUND_SUFFIXES)


class FACIAL_OT_paste_script(Operator):
    """Make a text of what is copied, and let it be the script of the voice."""

    bl_idname = "facial_retarget.paste_script"
    bl_label = "Paste Script"
    bl_description = "Make a text of what is copied, and let it be the script of the voice"
    bl_options = {"REGISTER", "UNDO"}

    @reporting
    def execute(self, context: Context) -> "Returned":
        """Paste. Raises SpeechError where nothing is copied."""
        script = context.window_manager.clipboard
        if not script.strip():
            raise SpeechError("Nothing is copied. Copy what is said, then paste it here.")
        text = bpy.data.texts.new("Script")
        text.write(script)
        speech_of(context.scene).script = text
        return {"FINISHED"}


class FACIAL_OT_speech_preset(Operator):
    """Set all options of how a voice moves the face."""

    bl_idname = "facial_retarget.speech_preset"
    bl_label = "Voice Preset"
    bl_description = "Set all options of how a voice moves the face"
    bl_options = {"REGISTER", "UNDO"}

    preset: EnumProperty(  # type: ignore[valid-type]
        name="Preset",
        items=[(name, name, f"Speak in this way: {name}") for name in speech_presets()],
    )

    def execute(self, context: Context) -> "Returned":
        """Set them."""
        apply_preset(self.preset, speech_of(context.scene))
        return {"FINISHED"}


CLASSES: Final = (
    FACIAL_OT_bake_voice,
    FACIAL_OT_choose_voice,
    FACIAL_FH_voice,
    FACIAL_OT_paste_script,
    FACIAL_OT_speech_preset,
)
