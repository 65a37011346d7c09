"""Everything that reads a file somebody else made, with a sample of what it reads."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from facial_retarget.core.errors import FacialRetargetError
from facial_retarget.core.formats import FORMATS, Format, read_clip, write_clip
from facial_retarget.core.media import VideoFrames, probe, read_samples
from facial_retarget.core.retarget import Mapping
from facial_retarget.core.shapes.vertex_files import read_character, read_vertices

from . import heads
from .samples import (
    clip_sample,
    mapping_sample,
    sound_sample,
    text_samples,
    vertices_sample,
    video_sample,
)


@dataclass(frozen=True)
class Reader:
    """A way into the product. read: raises FacialRetargetError for a file that is damaged."""

    key: str
    suffix: str
    sample: Callable[[], bytes]
    read: Callable[[Path], None]
    in_blender: bool = False


def _read_clip(path: Path) -> None:
    clip = read_clip(path)
    assert not np.isinf(clip.values).any()
    assert len(clip) == len(clip.times) == len(clip.values)
    if len(clip) < 10_000:
        write_clip(clip, path.with_name("again.frclip"))


def _read_vertices(path: Path) -> None:
    assert np.isfinite(read_vertices(path)).all()


def _read_character(path: Path) -> None:
    assert np.isfinite(read_character(path).neutral).all()


def _read_mapping(path: Path) -> None:
    mapping = Mapping.from_json(path.read_text("utf-8", errors="replace"))
    assert Mapping.from_json(mapping.to_json()) == mapping


def _read_video(path: Path) -> None:
    info = probe(path)
    for frame in VideoFrames(path) if info.has_video else ():
        assert frame.image.ndim == 3


def _read_sound(path: Path) -> None:
    assert np.isfinite(read_samples(path, 16000)).all()


def _text(make: Callable[[], str]) -> Callable[[], bytes]:
    return lambda: make().encode()


def _capture_reader(known: Format) -> Reader:
    def sample_of_it() -> bytes:
        return clip_sample() if known.key == "clip" else text_samples()[known.key].encode()

    return Reader(known.key, known.suffixes[0], sample_of_it, _read_clip)


def _head_reader(suffix: str) -> Reader:
    return Reader(
        suffix.removeprefix("."), suffix, lambda: heads.sample(suffix), heads.read, in_blender=True
    )


_OTHERS: Final = [
    Reader("vertices", ".json", _text(lambda: vertices_sample(characters=False)), _read_vertices),
    Reader("character", ".json", _text(lambda: vertices_sample(characters=True)), _read_character),
    Reader("mapping", ".json", _text(mapping_sample), _read_mapping),
    Reader("video", ".mp4", video_sample, _read_video),
    Reader("sound", ".wav", sound_sample, _read_sound),
]
READERS: Final = {
    reader.key: reader
    for reader in (
        *map(_capture_reader, FORMATS),
        *_OTHERS,
        *map(_head_reader, heads.SUFFIXES),
    )
}


@cache
def sample(key: str) -> bytes:
    """Return a reader's sample, made once."""
    return READERS[key].sample()


def outcome(key: str, path: Path) -> str:
    """Read a file and say what came of it: "read", "refused", or what should not have happened."""
    try:
        READERS[key].read(path)
    except FacialRetargetError as error:
        sentence = str(error)
        return "refused" if sentence and "\n" not in sentence else f"no sentence: {sentence!r}"
    except Exception as error:  # whatever it is, it is what is looked for
        return f"{type(error).__name__}: {error}".replace("\n", " ")[:300]
    return "read"
