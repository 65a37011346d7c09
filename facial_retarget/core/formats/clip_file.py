"""Clips in a file of their own, without loss: a zip of numpy arrays and a JSON header."""

import json
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import astuple
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from ..clip import Clip, Gaze, HeadMotion, Marker, Source
from ..errors import FormatError
from ..landmarks import FRAME_BYTES, LandmarkTrack
from ..output import whole_file

SUFFIX: Final = ".frclip"
VERSION: Final = 1

_FORMAT: Final = "facial_retarget clip"
_HEADER: Final = "header.json"
_LANDMARKS: Final = "landmarks.f32"
_LOCAL_HEADER: Final = struct.Struct("<4s22xHH")  # signature, lengths of name and extra field

# The arrays of a clip's parts and the shape of each frame in them.
_HEAD: Final = {"rotations": (4,), "translations": (3,), "confidence": ()}
_GAZE: Final = {"angles": (2, 2), "confidence": (2,)}


def save_clip(clip: Clip, path: Path) -> None:
    """Write all of a clip; a file that is there already is replaced once the new one is whole.

    Raises OutputError where the file cannot be written.
    """
    parts = {"head": clip.head, "gaze": clip.gaze, "landmarks": clip.landmarks}
    header = {
        "format": _FORMAT,
        "version": VERSION,
        "frames": len(clip),
        "channels": clip.channels,
        "parts": [name for name, part in parts.items() if part is not None],
        "markers": [astuple(marker) for marker in clip.markers],
        "source": vars(clip.source),
    }
    with whole_file(path) as part, ZipFile(part, "w", ZIP_STORED) as archive:
        archive.writestr(ZipInfo(_HEADER), json.dumps(header, indent=1))
        _write(archive, "times", clip.times, "<f8")
        _write(archive, "values", clip.values)
        _write(archive, "confidence", clip.confidence)
        for name in ("head", "gaze"):
            for field, values in vars(parts[name]).items() if parts[name] else ():
                _write(archive, f"{name}/{field}", values)
        if clip.landmarks is not None:
            with archive.open(ZipInfo(_LANDMARKS), "w", force_zip64=True) as out:
                clip.landmarks.copy_to(out)


def load_clip(path: Path) -> Clip:
    """Read a clip that save_clip wrote; its landmarks stay in the file and are read on demand.

    Raises FormatError where the file is missing, damaged or of a later version. Damage to the
    landmarks themselves is not looked for.
    """
    try:
        with path.open("rb") as file, ZipFile(file) as archive:
            return _read_clip(archive, path)
    except FormatError:
        raise
    except OSError as error:
        raise FormatError(f"'{path.name}' cannot be opened: {error.strerror or error}.") from error
    except Exception as error:  # zipfile, json and numpy raise many types on damaged files
        raise FormatError(
            f"'{path.name}' is damaged or no clip of this add-on. Capture its source again."
        ) from error


def _write(archive: ZipFile, name: str, values: ArrayLike, dtype: DTypeLike = "<f4") -> None:
    with archive.open(ZipInfo(f"{name}.npy"), "w") as out:
        np.save(out, np.asarray(values, dtype), allow_pickle=False)


def _read_clip(archive: ZipFile, path: Path) -> Clip:
    header = json.loads(_member(archive, _HEADER))
    if header["format"] != _FORMAT:
        raise BadZipFile("another format")
    if header["version"] > VERSION:
        raise FormatError(
            f"'{path.name}' was written by a later version of Facial Retarget. Update the add-on."
        )
    frames, parts = header["frames"], header["parts"]
    channels = tuple(str(name) for name in header["channels"])
    table = (frames, len(channels))
    return Clip(
        channels=channels,
        times=_read(archive, "times", (frames,), "<f8"),
        values=_read(archive, "values", table),
        confidence=_read(archive, "confidence", table),
        head=HeadMotion(**_read_part(archive, "head", frames, _HEAD)) if "head" in parts else None,
        gaze=Gaze(**_read_part(archive, "gaze", frames, _GAZE)) if "gaze" in parts else None,
        landmarks=_landmarks(archive, path, frames) if "landmarks" in parts else None,
        markers=tuple(
            Marker(float(time), str(name), float(duration))
            for time, name, duration in header["markers"]
        ),
        source=Source(**header["source"]),
    )


def _read_part(
    archive: ZipFile, part: str, frames: int, fields: Mapping[str, tuple[int, ...]]
) -> dict[str, NDArray[Any]]:
    return {
        field: _read(archive, f"{part}/{field}", (frames, *shape))
        for field, shape in fields.items()
    }


def _read(
    archive: ZipFile, name: str, shape: tuple[int, ...], dtype: DTypeLike = "<f4"
) -> NDArray[Any]:
    data = BytesIO(_member(archive, f"{name}.npy"))
    values: NDArray[Any] = np.load(data, allow_pickle=False)
    if values.shape != shape or values.dtype != dtype:
        raise BadZipFile(f"{name} has shape {values.shape} and type {values.dtype}")
    return values


def _member(archive: ZipFile, name: str) -> bytes:
    """Return a member whole, its checksum verified; nothing that unpacks to more than it is."""
    return archive.read(_stored(archive, name))


def _stored(archive: ZipFile, name: str) -> ZipInfo:
    info = archive.getinfo(name)
    if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
        raise BadZipFile(f"{name} is compressed")
    return info


def _landmarks(archive: ZipFile, path: Path, frames: int) -> LandmarkTrack:
    info = _stored(archive, _LANDMARKS)
    with path.open("rb") as file:
        file.seek(info.header_offset)
        signature, name, extra = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    offset = info.header_offset + _LOCAL_HEADER.size + name + extra
    ends = offset + info.file_size
    if (
        signature != b"PK\x03\x04"
        or info.file_size != frames * FRAME_BYTES
        or ends > path.stat().st_size
    ):
        raise BadZipFile("landmarks are not where they should be")
    return LandmarkTrack.stored(path, offset, frames)
