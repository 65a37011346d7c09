"""What the generation of shape keys can be told."""

from typing import Final

from bpy.props import BoolProperty, EnumProperty, FloatProperty, StringProperty
from bpy.types import Context, PropertyGroup, Scene

from ...core.errors import CharacterError
from ..character.lookup import active_face


def _strength(name: str, description: str) -> object:
    return FloatProperty(
        name=name,
        description=description,
        subtype="FACTOR",
        default=1.0,
        min=0.0,
        soft_max=1.5,
        max=3.0,
    )


def _vertex_groups(_group: PropertyGroup, context: Context, typed: str) -> list[str]:
    try:
        face = active_face(context)
    except CharacterError:
        return []
    return [each.name for each in face.vertex_groups if typed.casefold() in each.name.casefold()]


class FacialGenerateProperties(PropertyGroup):
    """How shape keys are generated."""

    strength: _strength(  # type: ignore[valid-type]
        "Strength", "How far every shape goes. A blink closes the eye however strong it is"
    )
    brows_strength: _strength("Brows", "How far the shapes of the brows go, times Strength")  # type: ignore[valid-type]
    eyes_strength: _strength("Eyes", "How far the shapes of the lids go, times Strength")  # type: ignore[valid-type]
    cheeks_and_nose_strength: _strength(  # type: ignore[valid-type]
        "Cheeks and Nose", "How far the shapes of the cheeks and the nose go, times Strength"
    )
    mouth_strength: _strength("Mouth", "How far the shapes of the lips go, times Strength")  # type: ignore[valid-type]
    jaw_strength: _strength("Jaw", "How far the shapes of the jaw go, times Strength")  # type: ignore[valid-type]
    symmetric: BoolProperty(  # type: ignore[valid-type]
        name="Symmetric",
        description="Make the shapes of the left and the right each other's mirror image",
    )
    companions: BoolProperty(  # type: ignore[valid-type]
        name="Eyes, Teeth and More",
        description=(
            "Let eyes, teeth, tongue, lashes, brows and beard move with the face, as parts of its "
            "mesh or as objects of their own"
        ),
        default=True,
    )
    visemes: EnumProperty(  # type: ignore[valid-type]
        name="Visemes",
        description="Shape keys for the sounds of speech as well",
        items=(
            ("oculus", "Oculus", "The 15 visemes of Oculus and VRChat: viseme_aa and others"),
            ("vrm", "VRM", "The 5 vowels of VRM: aa, ih, ou, ee, oh"),
        ),
        options={"ENUM_FLAG"},
    )
    eyes: EnumProperty(  # type: ignore[valid-type]
        name="Eyes Turn by",
        description="What turns the eyeballs as the face looks about",
        items=(
            ("AUTO", "Automatic", "Eye bones or eye objects where they are found, else shape keys"),
            ("KEYS", "Shape Keys", "The eyeLook shape keys turn lids and eyeballs"),
            ("TURN", "Bones or Objects", "The eyeLook shape keys move the lids alone"),
        ),
    )
    protect: StringProperty(  # type: ignore[valid-type]
        name="Protect",
        description="A vertex group that no shape key moves, in the measure of its weights",
        search=_vertex_groups,
    )
    replace: BoolProperty(  # type: ignore[valid-type]
        name="Replace Existing Keys",
        description=(
            "Make shape keys of the same names anew, even those that you made or changed "
            "yourself. Locked ones stay"
        ),
    )


def generate_settings_of(scene: Scene) -> FacialGenerateProperties:
    """Return the settings of a scene."""
    settings: FacialGenerateProperties = scene.facial_retarget.generate  # type: ignore[attr-defined]
    return settings


CLASSES: Final = (FacialGenerateProperties,)
