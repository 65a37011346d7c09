"""The ways of speaking that come with the add-on."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from .properties import FacialSpeechProperties

_FILE: Final = Path(__file__).parents[2] / "data" / "presets" / "speech.json"


@functools.cache
def speech_presets() -> Mapping[str, Mapping[str, Any]]:
    """Return the options of each preset by its name, in the order of the menu."""
    presets: dict[str, dict[str, Any]] = json.loads(_FILE.read_text(encoding="utf-8"))["presets"]
    return presets


def apply_preset(name: str, speech: FacialSpeechProperties) -> None:
    """Set the options of a preset. Raises KeyError where there is none of this name."""
    for option, value in speech_presets()[name].items():
        setattr(speech, option, value)
