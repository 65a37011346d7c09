"""What a bake from a capture file can be told."""

from typing import Final

from bpy.props import StringProperty
from bpy.types import PropertyGroup, Scene

from ..compat import PATH_OPTIONS
from ..performance.polishing import CapturedProperties

# Those of core.formats, which takes numpy to import.
SUFFIXES: Final = (".frclip", ".json", ".jsonl", ".txt", ".csv", ".xml", ".tsv")


class FacialCaptureFileProperties(CapturedProperties, PropertyGroup):
    """A capture file, and how it is laid on the character."""

    filepath: StringProperty(  # type: ignore[valid-type]
        name="File",
        description="A capture file: Live Link Face, Audio2Face, Face Cap and others",
        subtype="FILE_PATH",
        options=PATH_OPTIONS,
    )


def capture_file_of(scene: Scene) -> FacialCaptureFileProperties:
    """Return the settings of a scene."""
    settings: FacialCaptureFileProperties = scene.facial_retarget.capture_file  # type: ignore[attr-defined]
    return settings


CLASSES: Final = (FacialCaptureFileProperties,)
