"""All that Facial Retarget keeps in a scene."""

from typing import Final

from bpy.props import PointerProperty
from bpy.types import PropertyGroup

from .capture_file.properties import FacialCaptureFileProperties
from .character.properties import FacialCharacterView
from .generate.properties import FacialGenerateProperties
from .live.properties import FacialLiveProperties
from .performance.properties import FacialPerformanceProperties
from .source_character.properties import FacialSourceCharacterProperties
from .speech.properties import FacialSpeechProperties
from .studio.properties import FacialStudioProperties
from .video.properties import FacialVideoProperties


class FacialSceneProperties(PropertyGroup):
    """What the Face tab of a scene is set to."""

    capture_file: PointerProperty(type=FacialCaptureFileProperties)  # type: ignore[valid-type]
    character: PointerProperty(type=FacialCharacterView)  # type: ignore[valid-type]
    generate: PointerProperty(type=FacialGenerateProperties)  # type: ignore[valid-type]
    live: PointerProperty(type=FacialLiveProperties)  # type: ignore[valid-type]
    performance: PointerProperty(type=FacialPerformanceProperties)  # type: ignore[valid-type]
    source_character: PointerProperty(  # type: ignore[valid-type]
        type=FacialSourceCharacterProperties
    )
    speech: PointerProperty(type=FacialSpeechProperties)  # type: ignore[valid-type]
    studio: PointerProperty(type=FacialStudioProperties)  # type: ignore[valid-type]
    video: PointerProperty(type=FacialVideoProperties)  # type: ignore[valid-type]


CLASSES: Final = (FacialSceneProperties,)
