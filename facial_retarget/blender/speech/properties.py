"""What a bake from a voice can be told. Every default is what a professional would leave."""

from typing import Final

import bpy
from bpy.props import EnumProperty, FloatProperty, PointerProperty, StringProperty
from bpy.types import PropertyGroup, Scene

from ..compat import PATH_OPTIONS
from ..performance.properties import PlacementProperties


class FacialSpeechProperties(PlacementProperties, PropertyGroup):
    """A voice, and how the character speaks with it."""

    filepath: StringProperty(  # type: ignore[valid-type]
        name="Voice",
        description="A sound file with a voice, or a video whose sound holds one",
        subtype="FILE_PATH",
        options=PATH_OPTIONS,
    )
    script: PointerProperty(  # type: ignore[valid-type]
        name="Script",
        description="What is said, as a text of this file; with it the mouth is more exact",
        type=bpy.types.Text,
    )
    method: EnumProperty(  # type: ignore[valid-type]
        name="Method",
        description="How the sound becomes a mouth",
        items=(
            ("visemes", "Visemes", "Mouth shapes are recognised, then moved from one to another"),
            ("features", "Speech Features", "The mouth follows learned features of speech"),
        ),
    )
    jaw: FloatProperty(  # type: ignore[valid-type]
        name="Jaw",
        description="How far the jaw opens",
        subtype="FACTOR",
        default=1.0,
        min=0.0,
        max=2.0,
    )
    lips: FloatProperty(  # type: ignore[valid-type]
        name="Lips",
        description="How far the lips move",
        subtype="FACTOR",
        default=1.0,
        min=0.0,
        max=2.0,
    )
    strength: FloatProperty(  # type: ignore[valid-type]
        name="Strength",
        description="How far the whole mouth moves; lips still meet where they should",
        subtype="FACTOR",
        default=1.0,
        min=0.0,
        max=2.0,
    )
    smoothing: FloatProperty(  # type: ignore[valid-type]
        name="Smoothing",
        description="How softly one shape goes over into the next",
        subtype="FACTOR",
        default=0.3,
        min=0.0,
        max=1.0,
    )
    upper_face: FloatProperty(  # type: ignore[valid-type]
        name="Upper Face",
        description=(
            "How far brows and head move with the voice, on a layer of its own below all "
            "captures; 0 for not at all"
        ),
        subtype="FACTOR",
        default=0.5,
        min=0.0,
        max=1.0,
    )
    blinks: FloatProperty(  # type: ignore[valid-type]
        name="Blinks a Minute",
        description="How often the eyes blink, on the same layer; 0 for never",
        default=15.0,
        min=0.0,
        soft_max=40.0,
        max=60.0,
        step=100,
        precision=0,
    )
    style: EnumProperty(  # type: ignore[valid-type]
        name="Visemes",
        description="How a character with keys for mouth shapes, and none of ARKit's, shows them",
        items=(
            ("SMOOTH", "Smooth", "One shape goes over into the next"),
            ("STEPPED", "Stepped", "One shape at a time, as drawn mouths want it"),
        ),
    )
    markers: EnumProperty(  # type: ignore[valid-type]
        name="Markers",
        description="Where each mouth shape, and with a script each word, is marked",
        items=(
            ("NONE", "None", "No markers"),
            ("ACTION", "Action", "In the Action of the layer, shown by the Action editor"),
            ("TIMELINE", "Timeline", "In the timeline of the scene"),
        ),
    )


def speech_of(scene: Scene) -> FacialSpeechProperties:
    """Return the settings of a scene."""
    settings: FacialSpeechProperties = scene.facial_retarget.speech  # type: ignore[attr-defined]
    return settings


CLASSES: Final = (FacialSpeechProperties,)
