"""A voice that comes piece by piece, turned into the motion of a face with a short delay."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..channels import VISEME_CHANNELS
from ..clip import HeadMotion
from ..errors import SpeechError
from .blocks import Meeting, PassStream, Queue
from .features import (
    FRAME_RATE,
    MEL_BANDS,
    ROW_MOMENT,
    SAMPLE_RATE,
    WINDOW,
    MelStream,
    loudness,
)
from .methods import AHEAD, ROWS_PER_MOUTH, SHIPPED_METHODS, Method
from .options import SpeechOptions
from .parameters import MOUTH_PARAMETERS, SPOKEN_CHANNELS, to_channels
from .passes import ACTIVE, FIRST_VISEME, gates_pass, mouth_pass
from .pitch import PitchStream
from .shown import HORIZON, ShownVisemes
from .upper_face import UpperFace
from .visemes import SILENCE, VISEMES

Floats = NDArray[np.float32]

FRAMES_A_SECOND: Final = FRAME_RATE // ROWS_PER_MOUTH


@dataclass(frozen=True, eq=False)
class SpeechFrames:
    """What a face does in some moments, FRAMES_A_SECOND of them.

    times: (n,) seconds since the first sample. values: (n, channels). head: None where it is not
    wanted.
    """

    times: NDArray[np.float64]
    values: Floats
    channels: tuple[str, ...]
    head: HeadMotion | None


class SpeechStream:
    """Takes samples, gives frames. A file is a stream that was fed the whole file."""

    def __init__(self, options: SpeechOptions | None = None, method: Method | None = None) -> None:
        """Start with nothing heard. method: by default the one that the options name.

        Raises ModelError where a model is missing, SpeechError where the options name a wav2vec 2.0
        model or a script and no method is given: both need the whole sound.
        """
        self._options = options or SpeechOptions()
        if method is None:
            _refuse_what_needs_all(self._options)
        self._method = method or SHIPPED_METHODS[self._options.method]()
        self._mel, self._pitch = MelStream(), PitchStream()
        self._upper_face = UpperFace(self._options, FRAMES_A_SECOND)
        finishing = mouth_pass(self._options)
        self._gates, self._finishing = PassStream(gates_pass()), PassStream(finishing)
        self._ahead_of_mouth = finishing.right
        mouth, visemes = len(MOUTH_PARAMETERS), len(VISEMES)
        gates = FIRST_VISEME + HORIZON * visemes
        self._shown = ShownVisemes()
        self._to_gate = Meeting(visemes=2 * visemes, loudness=1, later=1)
        self._later = Queue(1, AHEAD // ROWS_PER_MOUTH)
        self._last_loud: Floats = np.zeros((0, 1), np.float32)
        self._to_finish = Meeting(mouth=mouth, gates=gates)
        self._to_show = Meeting(mouth=mouth, gates=gates, loudness=1, pitch=1)
        self._mel_rows = 0
        self._frames = 0
        self.channels = (*SPOKEN_CHANNELS, *self._upper_face.channels, *VISEME_CHANNELS)

    @property
    def look_ahead(self) -> float:
        """Seconds between a moment and the last sample that its frame waits for."""
        rows = max(self._method.ahead, AHEAD) + ROWS_PER_MOUTH * self._ahead_of_mouth
        return rows / FRAME_RATE + (WINDOW / SAMPLE_RATE - ROW_MOMENT)

    def feed(self, samples: Floats) -> SpeechFrames:
        """Return the frames that (n,) further samples, 16,000 a second, make known."""
        mel = self._mel.feed(samples)
        return self._frames_of(self._listen(mel, self._pitch.feed(samples)))

    def finish(self) -> SpeechFrames:
        """Return the frames that are left; nothing can be fed any more."""
        no_mel = np.zeros((0, MEL_BANDS), np.float32)
        return self._frames_of(self._listen(no_mel, self._pitch.finish(), is_last=True))

    def _listen(self, mel: Floats, pitch: Floats, *, is_last: bool = False) -> dict[str, Floats]:
        """Return rows of mouth, gates, loudness and pitch, equally many of each."""
        heard = self._method.finish() if is_last else self._method.feed(mel)
        loud = loudness(mel)[self._mel_rows % ROWS_PER_MOUTH :: ROWS_PER_MOUTH, None]
        self._mel_rows += len(mel)
        later = self._heard_later(loud, is_last=is_last)
        known = self._to_gate.bring(visemes=heard.visemes, loudness=loud, later=later)
        gates = _passed(self._gates, *known.values(), is_last=is_last)["gates"]
        known = self._to_finish.bring(mouth=heard.mouth, gates=gates)
        gates = known["gates"]
        mouth = _passed(self._finishing, known["mouth"], gates[:, :FIRST_VISEME], is_last=is_last)[
            "mouth"
        ]
        return self._to_show.bring(mouth=mouth, gates=gates, loudness=loud, pitch=pitch[:, None])

    def _heard_later(self, loud: Floats, *, is_last: bool) -> Floats:
        """Return the loudness of AHEAD rows later, the last one held at the end."""
        self._last_loud = loud[-1:] if len(loud) else self._last_loud
        rest = np.repeat(self._last_loud, AHEAD // ROWS_PER_MOUTH, axis=0)
        self._later.put(np.concatenate([loud, rest]) if is_last else loud)
        return self._later.take(len(self._later))

    def _frames_of(self, shown: dict[str, Floats]) -> SpeechFrames:
        active = shown["gates"][:, ACTIVE]
        upper = self._upper_face.feed(active, shown["loudness"][:, 0], shown["pitch"][:, 0])
        count = len(active)
        likely = shown["gates"][:, FIRST_VISEME:].reshape(count, HORIZON, len(VISEMES))
        visemes = _strengthened(self._shown.feed(likely), self._options.strength)
        times = ROW_MOMENT + (self._frames + np.arange(count)) / FRAMES_A_SECOND
        self._frames += count
        head = upper.rotations is not None and HeadMotion(
            upper.rotations, np.zeros((count, 3), np.float32), np.ones(count, np.float32)
        )
        values = np.concatenate([to_channels(shown["mouth"]), upper.values, visemes], axis=1)
        return SpeechFrames(times, values, self.channels, head or None)


def _refuse_what_needs_all(options: SpeechOptions) -> None:
    if options.wav2vec:
        raise SpeechError(
            "A wav2vec 2.0 model of your own hears whole recordings, not a live voice. Leave its "
            "field empty to speak live."
        )
    if options.script.strip():
        raise SpeechError(
            "A script is laid over a whole recording, not over a live voice. Leave it empty to "
            "speak live."
        )


def _passed(stream: PassStream, *rows: Floats, is_last: bool) -> dict[str, Floats]:
    made = stream.feed(np.concatenate(rows, axis=1))
    if not is_last:
        return made
    rest = stream.finish()
    return {name: np.concatenate([made[name], rest[name]]) for name in made}


def _strengthened(visemes: Floats, strength: float) -> Floats:
    """Scale (n, VISEMES) weights and leave the rest to silence."""
    scaled = np.clip(visemes * np.float32(strength), 0, 1)
    scaled[:, SILENCE] = 0
    scaled[:, SILENCE] = np.maximum(1 - scaled.sum(axis=1), 0)
    return scaled
