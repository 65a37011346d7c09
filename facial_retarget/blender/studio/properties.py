"""Which studio's model is used."""

from typing import Final

from bpy.props import BoolProperty, StringProperty
from bpy.types import PropertyGroup, Scene

from ..compat import PATH_OPTIONS


class FacialStudioProperties(PropertyGroup):
    """A studio's own model, and how it is used."""

    folder: StringProperty(  # type: ignore[valid-type]
        name="Model",
        description="The folder of a model that a studio trained on heads of this topology",
        subtype="DIR_PATH",
        options=PATH_OPTIONS,
    )
    replace: BoolProperty(  # type: ignore[valid-type]
        name="Replace Existing Keys",
        description=(
            "Make shape keys of the same names anew, even those that you made or changed "
            "yourself. Locked ones stay"
        ),
    )


def studio_of(scene: Scene) -> FacialStudioProperties:
    """Return the settings of a scene."""
    settings: FacialStudioProperties = scene.facial_retarget.studio  # type: ignore[attr-defined]
    return settings


CLASSES: Final = (FacialStudioProperties,)
