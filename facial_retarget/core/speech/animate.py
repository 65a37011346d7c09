"""From a file with a voice to a Clip."""

import functools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..channels import VISEME_CHANNELS
from ..clip import Clip, HeadMotion, Marker, Source
from ..errors import MediaError, SpeechError
from ..media import MediaInfo, probe, sound_pieces
from ..progress import Progress, ProgressListener, unheard
from .features import SAMPLE_RATE
from .methods import Method, shipped_feature_models, shipped_recogniser
from .options import SpeechOptions
from .own_features import own_method
from .scripted import align_script, recognise, scripted_method, word_markers
from .stepped import viseme_markers
from .stream import SpeechFrames, SpeechStream
from .visemes import SILENCE

Floats = NDArray[np.float32]

# The name of the marker over a sound in which nobody speaks.
NO_VOICE: Final = "no voice heard"

_SHORTEST: Final = 0.1  # seconds
_SILENT: Final = 1e-3  # of full scale: what no microphone in a room stays below
_SPOKEN: Final = 0.5


def animate_speech(
    path: Path, options: SpeechOptions | None = None, progress: ProgressListener = unheard
) -> Clip:
    """Let a face speak what is heard in a sound or video file.

    Returns 50 frames a second of the mouth's ARKit channels, the visemes, and as far as the options
    want them brows, blinks and a head. Times are those of the file. Markers name the visemes, and
    with a script the words; NO_VOICE lies over a sound in which nobody speaks. Raises MediaError
    where the file cannot be read or has no sound, SpeechError where the sound is silent or too
    short, or the script does not fit it, and ModelError where a model is missing.
    """
    options = options or SpeechOptions()
    sound = Sound(path, options)
    method, words = _prepared(sound, options, progress)
    stream = SpeechStream(options, method)
    frames = [stream.feed(samples) for samples in sound.pieces("Listening to the voice", progress)]
    clip = _clip([*frames, stream.finish()], sound)
    return replace(clip, markers=(*_markers(clip), *words))


def _prepared(
    sound: "Sound", options: SpeechOptions, progress: ProgressListener
) -> tuple[Method | None, tuple[Marker, ...]]:
    """Return the method where it needs the whole sound first, and the markers of words."""
    if options.script.strip():
        heard = recognise(sound.pieces("Listening for the script", progress), shipped_recogniser())
        alignment = align_script(options.script, heard)
        return scripted_method(alignment, heard), word_markers(alignment, sound.start)
    if options.wav2vec:
        progress(Progress("Trying out the wav2vec 2.0 model"))
        pieces = functools.partial(sound.pieces, "Listening with wav2vec 2.0", progress)
        return own_method(Path(options.wav2vec), pieces, *shipped_feature_models()), ()
    return None, ()


class Sound:
    """The part of a file that the options name, read as often as needed, never whole."""

    def __init__(self, path: Path, options: SpeechOptions) -> None:
        """Look into the file. Raises MediaError where it cannot be read."""
        info = _probed(path)
        self.path, self.start, self.end = path, max(options.start or 0.0, 0.0), options.end
        if self.end is not None and self.end <= self.start:
            raise SpeechError(
                f"The sound is to end at {self.end:g} s, before its start at {self.start:g} s. "
                "Choose a later end."
            )
        self._length = min(info.duration, np.inf if self.end is None else self.end) - self.start

    def pieces(self, step: str, progress: ProgressListener) -> Iterator[Floats]:
        """Yield samples, 16,000 a second, a few seconds at a time.

        Raises MediaError on the way, and SpeechError where they are too few, or all silent.
        """
        expected = max(round(self._length * SAMPLE_RATE), 0)
        count, peak = 0, 0.0
        for samples in sound_pieces(self.path, SAMPLE_RATE, self.start, self.end):
            sound = np.clip(np.nan_to_num(samples), -1, 1)
            count, peak = count + len(sound), max(peak, float(np.abs(sound).max(initial=0)))
            yield sound
            progress(Progress(step, count, max(expected, count)))
        if count < _SHORTEST * SAMPLE_RATE:
            raise self._too_short(count / SAMPLE_RATE)
        if peak < _SILENT:
            raise SpeechError(
                f"'{self.path.name}' is silent from beginning to end. "
                "Choose a recording in which somebody speaks."
            )

    def _too_short(self, seconds: float) -> SpeechError:
        name = self.path.name
        if self.start and not seconds:
            return SpeechError(
                f"The sound of '{name}' ends before the start at {self.start:g} s. "
                "Choose an earlier start."
            )
        return SpeechError(
            f"'{name}' holds {seconds:.2f} s of sound, too little for a word. "
            "Choose a longer recording."
        )


def _probed(path: Path) -> MediaInfo:
    info = probe(path, "sound or video")
    if not info.has_sound:
        raise MediaError(f"'{path.name}' holds no sound. Choose a file in which somebody speaks.")
    return info


def _clip(frames: list[SpeechFrames], sound: Sound) -> Clip:
    values = np.concatenate([part.values for part in frames])
    heads = [part.head for part in frames if part.head is not None]
    return Clip(
        channels=frames[0].channels,
        times=sound.start + np.concatenate([part.times for part in frames]),
        values=values,
        confidence=np.ones_like(values),
        head=_joined(heads) if heads else None,
        source=Source(sound.path.name, str(sound.path), has_sound=True),
    )


def _joined(heads: list[HeadMotion]) -> HeadMotion:
    parts = zip(*(vars(head).values() for head in heads), strict=True)
    return HeadMotion(*(np.concatenate(part) for part in parts))


def _markers(clip: Clip) -> tuple[Marker, ...]:
    silence = clip.channel(VISEME_CHANNELS[SILENCE])
    if silence.min(initial=1.0) > _SPOKEN:
        return (Marker(float(clip.times[0]), NO_VOICE, clip.duration),)
    return viseme_markers(clip)
