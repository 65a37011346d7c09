"""How still a mouth is where nobody speaks."""

import wave
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.speech.mouths import Mouth
from benchmarks.speech.spoken import SILENCE, Floats, Phones, Sentence
from facial_retarget.core.clip import Clip
from facial_retarget.core.speech.features import SAMPLE_RATE

JAW: Final = "jawOpen"
_SECONDS: Final = 6.0
# Of full scale. Digital silence is refused as a recording.
_ROOMS: Final = {"a quiet room (noise at -60 dB)": 0.001, "a loud room (noise at -45 dB)": 0.0056}
# Of a pause, what belongs to the speech beside it: lips relax, and part before they speak.
_AFTER_SPEECH: Final = 0.35
_BEFORE_SPEECH: Final = 0.3
_SHORTEST: Final = 0.1


def silent_sounds(folder: Path) -> Iterator[Sentence]:
    """Write recordings of rooms in which nobody speaks."""
    for number, (name, level) in enumerate(_ROOMS.items()):
        random = np.random.default_rng(number)
        samples = random.normal(0, level, round(_SECONDS * SAMPLE_RATE)).astype(np.float32)
        path = folder / f"{number}.wav"
        write_wave(path, samples)
        yield Sentence(path, name, samples, Phones.of([(SILENCE, 0.0, _SECONDS)]))


def jaw_motion(clip: Clip, phones: Phones) -> float:
    """Return how far the jaw moves, from peak to peak, in the pause in which it does so most."""
    jaw, times = clip.channel(JAW), clip.times
    pauses = (jaw[(times >= start) & (times < end)] for start, end in _pauses(phones))
    return max((float(np.ptp(values)) for values in pauses if len(values)), default=float("nan"))


def worst_motion(mouth: Mouth, sentences: Iterable[Sentence]) -> float:
    """Return the same over some sentences."""
    moved = (jaw_motion(mouth(each), each.phones) for each in sentences)
    return max((each for each in moved if np.isfinite(each)), default=float("nan"))


def _pauses(phones: Phones) -> Iterator[tuple[float, float]]:
    """Yield silences without what belongs to the speech on either side."""
    stretches = phones.chosen({SILENCE})
    for start, end in _joined(stretches):
        begin = start + (_AFTER_SPEECH if start > phones.start[0] else 0)
        finish = end - (_BEFORE_SPEECH if end < phones.end[-1] else 0)
        if finish - begin >= _SHORTEST:
            yield begin, finish


def _joined(stretches: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Join stretches that touch: an aligner may find one silence as two."""
    joined: list[tuple[float, float]] = []
    for start, end in stretches:
        if joined and start - joined[-1][1] < 1e-6:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def write_wave(path: Path, samples: Floats) -> None:
    """Write (n,) samples at SAMPLE_RATE as 16 bits."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", "not compressed"))
        file.writeframes(np.clip(samples * 32767, -32768, 32767).astype("<i2").tobytes())
