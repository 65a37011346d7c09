"""The Face tab's Performance from a voice."""

from typing import Final

from bpy.types import Context, Menu, Panel, UILayout

from ..jobs.panel import draw_job_button
from ..performance.parts import PerformancePart
from .operators import FACIAL_OT_bake_voice
from .presets import speech_presets
from .properties import speech_of

_TITLES: Final = frozenset({FACIAL_OT_bake_voice.bl_label})


def draw_voice(layout: UILayout, context: Context) -> None:
    """Draw the sound, what is said in it, and the button that bakes it, or how far that is."""
    speech = speech_of(context.scene)
    layout.prop(speech, "filepath")
    row = layout.row(align=True)
    row.prop(speech, "script")
    row.operator("facial_retarget.paste_script", text="", icon="PASTEDOWN")
    draw_job_button(layout, context, FACIAL_OT_bake_voice.bl_idname, _TITLES, "PLAY_SOUND")


class FACIAL_MT_speech_presets(Menu):
    """The ways of speaking that come with the add-on."""

    bl_label = "Presets"

    def draw(self, _context: Context) -> None:
        """Draw a line for each."""
        for name in speech_presets():
            self.layout.operator("facial_retarget.speech_preset", text=name).preset = name


class FACIAL_PT_speech(PerformancePart, Panel):
    """How a voice moves the mouth."""

    bl_label = "Mouth"
    sources = ("VOICE", "LIVE")

    def draw_options(self, context: Context) -> None:
        """Draw the presets, the method and the amounts."""
        speech = speech_of(context.scene)
        self.layout.menu("FACIAL_MT_speech_presets", icon="PRESET")
        self.layout.prop(speech, "method")
        column = self.layout.column(align=True)
        column.prop(speech, "jaw", slider=True)
        column.prop(speech, "lips", slider=True)
        column.prop(speech, "strength", slider=True)
        self.layout.prop(speech, "smoothing", slider=True)
        self.layout.prop(speech, "style")


class FACIAL_PT_upper_face(PerformancePart, Panel):
    """What is guessed from a voice."""

    bl_label = "Upper Face"
    sources = ("VOICE", "LIVE")

    def draw_options(self, context: Context) -> None:
        """Draw the amounts."""
        speech = speech_of(context.scene)
        self.layout.prop(speech, "upper_face", slider=True)
        self.layout.prop(speech, "blinks")


class FACIAL_PT_speech_keys(PerformancePart, Panel):
    """What is written."""

    bl_label = "Keys"
    sources = ("VOICE",)

    def draw_options(self, context: Context) -> None:
        """Draw the keys and the markers."""
        speech = speech_of(context.scene)
        self.layout.prop(speech, "markers")
        column = self.layout.column()
        column.prop(speech, "key_error")
        column.prop(speech, "interpolation")


CLASSES: Final = (
    FACIAL_MT_speech_presets,
    FACIAL_PT_speech,
    FACIAL_PT_upper_face,
    FACIAL_PT_speech_keys,
)
