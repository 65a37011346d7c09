"""Media files opened, chosen from and decoded by PyAV, every failure a sentence."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .errors import MediaError

if TYPE_CHECKING:
    import av
    from av.container import InputContainer
    from av.stream import Stream
    from av.video.stream import VideoStream

# Files so named hold a sound alone.
SOUND_SUFFIXES: Final = (".wav", ".mp3", ".ogg", ".flac", ".m4a", ".aac", ".opus", ".aif", ".aiff")

_BROKEN_READS: Final = 100  # in a row, until the rest of a file is given up
_FULL_HD: Final = 1920 * 1088  # pixels
_MOST_THREADS: Final = 4  # each holds a picture, and one of 8K takes 50 MB
_TEXT_CODECS: Final = frozenset({"ansi", "bintext", "idf", "xbin"})  # text drawn as a picture


@contextlib.contextmanager
def opened(path: Path, wanted: str = "video") -> Iterator["InputContainer"]:
    """Open a media file. Raises MediaError where it is missing, unreadable or no media.

    wanted: what the user is told to choose instead.
    """
    import av

    beginning = _first_bytes(path)
    try:
        # Playlists and references inside a file must not reach the network.
        container = av.open(
            str(path.absolute()),
            metadata_errors="replace",
            options={"protocol_whitelist": "file"},
        )
    except av.FFmpegError as error:
        if beginning[4:8] == b"ftyp":  # an MP4 whose index, at its end, is not there
            raise MediaError(
                f"'{path.name}' is cut short and cannot be played. Copy it from its source again."
            ) from error
        raise MediaError(f"'{path.name}' is not a {wanted}. Choose a {wanted} file.") from error
    with container:
        yield container


def _first_bytes(path: Path) -> bytes:
    if path.is_dir():
        raise MediaError(f"'{path.name}' is a folder. Choose a video file in it.")
    try:
        with path.open("rb") as file:
            beginning = file.read(12)
    except FileNotFoundError as error:
        raise MediaError(
            f"There is no file '{path.name}' in {path.parent}. Choose it again."
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise MediaError(f"'{path.name}' cannot be opened: {reason.lower()}.") from error
    if not beginning:
        raise MediaError(f"'{path.name}' is empty. Copy it from its source again.")
    return beginning


def video_stream(container: "InputContainer") -> "VideoStream | None":
    """Return the first stream that is a video and neither a cover nor text."""
    from av.stream import Disposition

    for stream in container.streams.video:
        is_cover = stream.disposition & Disposition.attached_pic
        context = stream.codec_context
        if not is_cover and context is not None and context.name not in _TEXT_CODECS:
            _choose_threads(stream)
            return stream
    return None


def _choose_threads(stream: "VideoStream") -> None:
    # Several pictures at once pay off where one takes long; elsewhere they only cost: FFmpeg then
    # now and then forgets that a picture was damaged.
    if stream.width * stream.height > _FULL_HD:
        stream.thread_type = "AUTO"
        stream.thread_count = min(os.cpu_count() or 1, _MOST_THREADS)


def counts_frames(container: "InputContainer") -> bool:
    """Tell whether decoding times, not presentation times, say when a picture is shown.

    AVI stores no times: FFmpeg guesses the latter, wrongly where pictures are reordered; the
    former count the pictures, those that were dropped too.
    """
    return bool(container.format.name == "avi")


def seek(container: "InputContainer", seconds: float) -> bool:
    """Go to the last picture before `seconds` that stands on its own; False if that failed."""
    import av

    if counts_frames(container):
        return False
    try:
        container.seek(round(seconds * 1e6) + (container.start_time or 0))
    except av.FFmpegError:
        return False
    return True


def decoded(
    container: "InputContainer", stream: "Stream", damaged: Callable[[], None] = lambda: None
) -> Iterator["av.VideoFrame"]:
    """Yield what can be decoded, in the decoder's order; call `damaged` for all else."""
    import av

    packets = container.demux(stream)
    broken = 0
    while broken < _BROKEN_READS:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.FFmpegError:
            packets = container.demux(stream)  # the exception ended the generator, not the file
            broken += 1
            damaged()
            continue
        broken = 0
        try:
            frames = packet.decode()
        except av.FFmpegError:
            damaged()
            continue
        for frame in frames:
            if frame.is_corrupt:
                damaged()
            else:
                yield frame
