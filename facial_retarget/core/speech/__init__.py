"""From a voice to a Clip, and from a microphone to frames."""

from .animate import NO_VOICE, animate_speech
from .options import SpeechOptions
from .stepped import stepped
from .stream import SpeechFrames, SpeechStream

__all__ = [
    "NO_VOICE",
    "SpeechFrames",
    "SpeechOptions",
    "SpeechStream",
    "animate_speech",
    "stepped",
]
