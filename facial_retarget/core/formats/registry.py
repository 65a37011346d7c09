"""Every format of capture files there is, and how each is told from the others by its contents."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..clip import Clip
from ..errors import FormatError
from .audio2face import read_audio2face, write_audio2face
from .clip_file import SUFFIX as CLIP_SUFFIX
from .clip_file import load_clip, save_clip
from .face_cap import read_face_cap
from .ifacialmocap import read_ifacialmocap
from .live_link import write_live_link
from .live_link_reader import read_live_link
from .rhubarb import read_rhubarb_json, read_rhubarb_tsv, read_rhubarb_xml
from .text import HEAD_BYTES, text_file, whole_text
from .vtube_studio import read_vtube_studio


@dataclass(frozen=True)
class Format:
    """A kind of capture file.

    key: by which it is named to write it. suffixes: those that such files have, the first being
    the one to write. begins: what is found in the beginning of such a file, white space left out
    before it, and in no other's.
    write: None where the format is only read.
    """

    key: str
    label: str
    suffixes: tuple[str, ...]
    begins: re.Pattern[str]
    read: Callable[[Path], Clip]
    write: Callable[[Clip, Path], None] | None = None


def _begins(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


# The first that matches is taken: the plainer the mark, the further up.
FORMATS: Final = (
    Format("clip", "Facial Retarget clip", (CLIP_SUFFIX,), _begins(r"\APK"), load_clip, save_clip),
    Format(
        "audio2face",
        "Audio2Face",
        (".json",),
        _begins(r'\A\{(?s:.*)"(?:weightMat|facsNames|numPoses)"'),
        read_audio2face,
        write_audio2face,
    ),
    Format(
        "rhubarb_json",
        "Rhubarb",
        (".json",),
        _begins(r'\A\{(?s:.*)"mouthCues"'),
        read_rhubarb_json,
    ),
    Format(
        "vtube_studio",
        "VTube Studio",
        (".json", ".jsonl", ".txt"),
        _begins(r'\A[{\[](?s:.*)"BlendShapes"'),
        read_vtube_studio,
    ),
    Format("rhubarb_xml", "Rhubarb", (".xml",), _begins(r"\A<"), read_rhubarb_xml),
    Format(
        "ifacialmocap",
        "iFacialMocap",
        (".txt", ".csv"),
        _begins(r"[a-z_]{3,40}(?:&|-)-?\d{1,6}(?:\.\d{1,20})?\s*\|"),
        read_ifacialmocap,
    ),
    Format(
        "face_cap", "Face Cap", (".txt", ".csv"), _begins(r"(?:\A|\n)(?:k|bs)\s*,"), read_face_cap
    ),
    Format(
        "rhubarb_tsv",
        "Rhubarb",
        (".tsv", ".txt"),
        _begins(r"\A\d+(?:[.,]\d+)?[ \t]+[A-Z]\s*(?:\n|\Z)"),
        read_rhubarb_tsv,
    ),
    Format(
        "live_link",
        "Live Link Face",
        (".csv", ".tsv", ".txt"),
        _begins(r"\A[^\n]*(?:time|blendshape|eyeblink|jaw_?open|emotion_values)"),
        read_live_link,
        write_live_link,
    ),
)

BY_KEY: Final = {known.key: known for known in FORMATS}
SUFFIXES: Final = tuple(dict.fromkeys(suffix for known in FORMATS for suffix in known.suffixes))
# What a suffix alone means to a writer.
WRITTEN_BY_SUFFIX: Final = {known.suffixes[0]: known for known in FORMATS if known.write}


def format_of(path: Path) -> Format:
    """Tell a file's format by its contents.

    Raises FormatError where its suffix is none that capture files have, it cannot be opened, or
    nothing known begins as it does.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise FormatError(f"'{path.name}' is no capture file that is known: {listed(FORMATS)}.")
    if suffix == CLIP_SUFFIX:
        return BY_KEY["clip"]
    beginning = _beginning(path).lstrip()
    for known in FORMATS:
        if known.begins.search(beginning):
            return known
    if not beginning:
        raise FormatError(f"'{path.name}' is empty. Record or export it again.")
    raise FormatError(
        f"'{path.name}' does not begin as any capture file that is known "
        f"({', '.join(dict.fromkeys(known.label for known in FORMATS))}). Choose another file."
    )


def _beginning(path: Path) -> str:
    """Return the beginning of a file's text; of JSON all, for its names may stand anywhere."""
    with text_file(path) as file:
        beginning = file.read(HEAD_BYTES)
    is_json = beginning.lstrip()[:1] in ("{", "[")
    return whole_text(path) if is_json and len(beginning) == HEAD_BYTES else beginning


def listed(formats: Iterable[Format]) -> str:
    """Name formats with their suffixes, to be read by people."""
    suffixes: dict[str, list[str]] = {}
    for known in formats:
        suffixes.setdefault(known.label, []).extend(known.suffixes)
    return ", ".join(
        f"{label} ({', '.join(dict.fromkeys(those))})" for label, those in suffixes.items()
    )
