"""Microphones, and files played as if they were one: pieces of sound as they are heard.

PyAV reads the input devices of every system. PortAudio, where a sounddevice is installed with it,
names more of them and goes first.
"""

import contextlib
import importlib
import itertools
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .errors import MicrophoneError
from .media import sound_pieces
from .speech.features import SAMPLE_RATE

if TYPE_CHECKING:
    import av

RATE: Final = SAMPLE_RATE

Samples = NDArray[np.float32]

_PIECE: Final = RATE // 200  # samples: few, for what has been heard waits for the rest of its piece
_NONE_FOUND: Final = (
    "No microphone was found. Plug one in, and allow Blender to use it in the system's settings."
)

_PLATFORM: Final = sys.platform

# How FFmpeg opens a microphone of each system; the name takes the place of the braces.
_FORMATS: Final = {
    "linux": (("pulse", "{}"), ("alsa", "{}")),
    "darwin": (("avfoundation", ":{}"),),
    "win32": (("dshow", "audio={}"),),
}
_USUAL: Final = {"linux": "default", "darwin": "default"}
# What each is asked for; one that cannot do so is then taken as it is.
_MONO: Final = {"sample_rate": str(RATE), "channels": "1"}
_OPTIONS: Final[dict[str, dict[str, str]]] = {
    "pulse": {**_MONO, "fragment_size": str(4 * _PIECE)},
    "alsa": _MONO,
    "avfoundation": {},
    "dshow": {"audio_buffer_size": "20"},
}
_ALSA_CARDS: Final = Path("/proc/asound/pcm")
# Where systems keep ALSA's configuration; a PyAV from PyPI looks elsewhere.
_ALSA_CONFIG: Final = Path("/usr/share/alsa/alsa.conf")


class Piece(NamedTuple):
    """Some sound. samples: (n,), RATE a second. heard: time.time() at the last of them."""

    samples: Samples
    heard: float


def microphones() -> tuple[str, ...]:
    """Name the microphones that can be listened to, the usual one first, as far as is known."""
    names = _portaudio_names() or [_USUAL.get(_PLATFORM, ""), *_av_names()]
    return tuple(dict.fromkeys(filter(None, names)))


@contextlib.contextmanager
def listening(name: str = "") -> Iterator[Iterator[Piece]]:
    """Open a microphone, the usual one without a name; give its pieces as they are heard.

    A name that is a file's is played in real time in its place. Raises MicrophoneError where there
    is no such microphone and, on the way, where it is gone.
    """
    if name and Path(name).is_file():
        yield played(Path(name))
        return
    for open_one in (_open_portaudio, _open_av):
        opened = open_one(name)
        if opened is not None:
            pieces, close = opened
            try:
                yield _until_gone(pieces, name)
            finally:
                close()
            return
    raise MicrophoneError(
        f"There is no microphone '{name}'. Plug it in, or choose another." if name else _NONE_FOUND
    )


def played(path: Path, clock: Callable[[], float] = time.time) -> Iterator[Piece]:
    """Yield the sound of a file piece by piece, as fast as it is spoken."""
    began, count = clock(), 0
    for samples in sound_pieces(path, RATE):
        for start in range(0, len(samples), _PIECE):
            piece = samples[start : start + _PIECE]
            count += len(piece)
            heard = began + count / RATE
            time.sleep(max(heard - clock(), 0.0))
            yield Piece(piece, heard)


def _until_gone(pieces: Iterable[Samples], name: str) -> Iterator[Piece]:
    """Yield a device's samples in pieces of _PIECE at least; it never ends by itself."""
    held: list[Samples] = []
    try:
        for samples in pieces:
            held.append(samples)
            if sum(map(len, held)) >= _PIECE:
                yield Piece(np.concatenate(held), time.time())
                held = []
    except (OSError, ValueError) as error:
        raise _gone(name) from error
    raise _gone(name)


def _gone(name: str) -> MicrophoneError:
    return MicrophoneError(
        f"The microphone{f' {name!r}' if name else ''} is gone: nothing is heard from it any more. "
        "Plug it in again, then start anew."
    )


_Opened = tuple[Iterable[Samples], Callable[[], None]]


def _portaudio() -> ModuleType | None:
    try:
        return importlib.import_module("sounddevice")
    except (ImportError, OSError):  # OSError: without the library that it stands on
        return None


def _portaudio_names() -> list[str]:
    library = _portaudio()
    if library is None:
        return []
    return [device["name"] for device in library.query_devices() if device["max_input_channels"]]


def _open_portaudio(name: str) -> _Opened | None:
    library = _portaudio()
    if library is None:
        return None
    try:
        stream = library.InputStream(
            RATE, blocksize=_PIECE, device=name or None, channels=1, dtype="float32", latency="low"
        )
        stream.start()
    except (library.PortAudioError, ValueError):
        return None

    def read() -> Iterator[Samples]:
        while True:
            try:
                samples, _overflowed = stream.read(_PIECE)
            except library.PortAudioError as error:
                raise OSError(str(error)) from error
            yield np.array(samples[:, 0], np.float32)

    return read(), stream.close


def _av_names() -> list[str]:
    import av.device

    names = []
    for kind, _pattern in _available():
        if kind == "alsa":
            names += _alsa_cards()
            continue
        with contextlib.suppress(av.FFmpegError, OSError, ValueError):
            devices = av.device.enumerate_input_devices(kind)
            names += [each.description for each in devices if "audio" in each.media_types]
    return names


def _alsa_cards() -> list[str]:
    """Name the cards that record, as the kernel lists them: "00-00: ... : capture 1"."""
    try:
        lines = _ALSA_CARDS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    recording = (line.split(":")[0].split("-") for line in lines if "capture" in line)
    return [f"plughw:{int(card)},{int(device)}" for card, device in recording]


def _available() -> list[tuple[str, str]]:
    import av

    return [
        (kind, pattern)
        for kind, pattern in _FORMATS.get(_PLATFORM, ())
        if kind in av.formats_available
    ]


def _open_av(name: str) -> _Opened | None:
    import av

    if _ALSA_CONFIG.is_file():
        os.environ.setdefault("ALSA_CONFIG_PATH", str(_ALSA_CONFIG))
    names = [name] if name else microphones()
    for tried, (kind, pattern) in itertools.product(names, _available()):
        for options in (_OPTIONS[kind], {}):
            with contextlib.suppress(av.FFmpegError, OSError, ValueError):
                container = av.open(pattern.format(tried), format=kind, options=options)
                return _mixed(container.decode(audio=0)), container.close
    return None


def _mixed(frames: Iterator["av.AudioFrame"]) -> Iterator[Samples]:
    """Yield the samples of frames of any kind, mixed to one channel, RATE a second."""
    import av
    from av.audio.resampler import AudioResampler

    resampler = AudioResampler(format="flt", layout="mono", rate=RATE)
    try:
        for frame in frames:
            for made in resampler.resample(frame):
                yield made.to_ndarray().reshape(-1)
    except av.FFmpegError as error:
        raise OSError(str(error)) from error
