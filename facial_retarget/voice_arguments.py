"""The options of a voice on the command line: named there, checked, and read for the job."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from .core.containers import SOUND_SUFFIXES
from .core.errors import FacialRetargetError

_OPTIONS: Final = (
    *("method", "script", "jaw", "lips", "strength", "smoothing", "upper_face", "blinks"),
    "wav2vec",
)


def add_options(add: Callable[..., argparse.Action]) -> None:
    """Add the options to a command that takes voices beside other sources."""
    add("--voice", action="store_true", help="listen to a video's sound, rather than look at it")
    add("--method", choices=("visemes", "features"), help="voice: how it becomes a mouth")
    add("--script", type=Path, metavar="FILE.txt", help="voice: what is said, for a surer mouth")
    add("--jaw", type=amount(2), metavar="X", help="voice: how far the jaw opens")
    add("--lips", type=amount(2), metavar="X", help="voice: how far the lips move")
    add("--strength", type=amount(2), metavar="X", help="voice: how far all of the mouth moves")
    add("--smoothing", type=amount(1), metavar="X", help="voice: how softly shapes change")
    add("--upper-face", type=amount(1), metavar="X", help="voice: how far brows and head move")
    add("--blinks", type=amount(60), metavar="N", help="voice: how often a minute the eyes blink")
    add("--no-upper-face", action="store_true", help="voice: the mouth alone")
    add("--wav2vec", type=Path, metavar="FILE.onnx", help="voice: hear with your wav2vec 2.0 model")


def is_voice(arguments: argparse.Namespace) -> bool:
    """Tell whether the source is listened to. Raises FacialRetargetError for options of another."""
    listens: bool = arguments.voice or arguments.source.suffix.lower() in SOUND_SUFFIXES
    for name in ("face", "solver"):
        if listens and getattr(arguments, name) is not None:
            raise FacialRetargetError(f"--{name} belongs to a video. Leave it out with a voice.")
    if not listens and (_given(arguments) or arguments.no_upper_face):
        raise FacialRetargetError(
            f"{arguments.source.name} is looked at, not listened to: options of a voice need "
            "--voice as well."
        )
    return listens


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the options of a voice that were named."""
    values = {name: getattr(arguments, name) for name in _OPTIONS}
    return {name: value for name, value in values.items() if value is not None}


def speech_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the options that were named as SpeechOptions takes them.

    Raises FacialRetargetError where the script cannot be read.
    """
    given = _given(arguments)
    if arguments.no_upper_face:
        given |= {"upper_face": 0.0, "blinks": 0.0}
    if "script" in given:
        given["script"] = _script(given["script"])
    if "wav2vec" in given:
        given["wav2vec"] = str(given["wav2vec"].absolute())
    return given


def _script(path: Path) -> str:
    try:
        script = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FacialRetargetError(
            f"'{path}' cannot be read as a text. Give a text file with what is said."
        ) from error
    if not script.strip():
        raise FacialRetargetError(f"'{path.name}' is empty. Write in it what is said.")
    return script


def amount(most: float) -> Callable[[str], float]:
    """Return the reader of a number from 0 to `most`."""

    def read(text: str) -> float:
        value = float(text)
        if not 0 <= value <= most:
            raise argparse.ArgumentTypeError(f"should be from 0 to {most:g}")
        return value

    return read
