"""How still a mouth is where nobody speaks."""

import wave
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.speech.measures import energy
from benchmarks.speech.mouths import Mouth
from benchmarks.speech.spoken import SILENCE, Floats, Phones, Sentence, Times
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
# What is this much fainter than the loudest of the speech is silence; else a breath or a click.
_FAINT: Final = 0.06
_LOUD: Final = 95  # percent of the moments are fainter
_STEP: Final = 320  # samples: 20 ms


def silent_sounds(folder: Path) -> Iterator[Sentence]:
    """Write recordings of rooms in which nobody speaks."""
    for number, (name, level) in enumerate(_ROOMS.items()):
        random = np.random.default_rng(number)
        samples = random.normal(0, level, round(_SECONDS * SAMPLE_RATE)).astype(np.float32)
        path = folder / f"{number}.wav"
        write_wave(path, samples)
        yield Sentence(path, name, samples, Phones.of([(SILENCE, 0.0, _SECONDS)]))


@dataclass(frozen=True)
class Pause:
    """A stretch in which nobody speaks. silent: whether no breath and no click is in it either."""

    start: float
    end: float
    silent: bool


def jaw_motion(clip: Clip, pauses: Iterable[Pause]) -> float:
    """Return how far the jaw moves, from peak to peak, in the pause in which it does so most.

    NaN where there is no pause.
    """
    jaw, times = clip.channel(JAW), clip.times
    moved = (jaw[(times >= each.start) & (times < each.end)] for each in pauses)
    return max((float(np.ptp(values)) for values in moved if len(values)), default=float("nan"))


def worst_motion(mouth: Mouth, sentences: Iterable[Sentence], silent: bool = True) -> float:
    """Return the same over the silent pauses of some sentences, or over the others."""
    moved = (
        jaw_motion(mouth(each), (pause for pause in pauses_of(each) if pause.silent == silent))
        for each in sentences
    )
    return max((each for each in moved if np.isfinite(each)), default=float("nan"))


def pauses_of(sentence: Sentence) -> list[Pause]:
    """Return the pauses of a sentence that are long enough to rest in."""
    steps = np.arange(len(sentence.samples) // _STEP, dtype=np.float64)
    times: Times = steps * (_STEP / SAMPLE_RATE)
    level = energy(sentence.samples, times)
    loud = _FAINT * float(np.percentile(level, _LOUD))
    if sentence.phones.names == (SILENCE,):
        loud = np.inf
    return [
        Pause(start, end, bool((level[(times >= start) & (times < end)] < loud).all()))
        for start, end in _stretches(sentence.phones)
    ]


def _stretches(phones: Phones) -> Iterator[tuple[float, float]]:
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
