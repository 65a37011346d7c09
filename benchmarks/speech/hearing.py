"""How well visemes are heard: ours and peers on the same recordings, frame by frame."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from benchmarks.row import Row
from benchmarks.speech import grid, head_audio, ours, prompts, readings, recordings, sphinx
from benchmarks.speech.measures import FrameAccuracy, changes_a_second
from benchmarks.speech.spoken import ALIGNED, Sentence
from benchmarks.speech.visemes import Heard, accuracy, best_accuracy, of_phones, times_of
from facial_retarget.core.clip import Clip
from facial_retarget.core.speech.features import SAMPLE_RATE
from facial_retarget.core.speech.options import METHODS

Listener = Callable[[Sequence[Sentence]], list[Heard]]

# Of frames in speech: what must, and what should, be right, for each kind of speech.
_LIMITS: Final[Mapping[str, tuple[float, float]]] = {
    "flite": (0.74, 0.82),
    "kokoro": (0.60, 0.72),
    grid.SOURCE: (0.60, 0.70),
}
_SPHINX: Final = "pocketsphinx allphone"
_CHANGES: Final = 9.0  # a second, of real mouths


def accuracy_rows() -> list[Row]:
    """Let everyone listen to everything that is there."""
    return [row for kind, spoken in spoken_kinds() for row in _rows_of(kind, spoken)]


def spoken_kinds() -> Iterator[tuple[str, Sequence[Sentence]]]:
    """Yield a name for each kind of speech and its sentences; tell of those that are not there."""
    made = recordings.by_engine()
    if not made:
        print(
            "Test voices are left out. `python -m training speech record` makes them.",
            file=sys.stderr,
        )
    yield from made.items()
    for kind, sentences, missing in (
        (grid.SOURCE, grid.sentences(), "there is no ../shared/media"),
        (readings.SOURCE, readings.sentences(), "there is no ../shared/media"),
        (prompts.SOURCE, prompts.sentences(), "benchmarks/speech/prompts.py tells how to get it"),
    ):
        if sentences:
            yield kind, sentences
        else:
            print(f"{kind} is left out: {missing}.", file=sys.stderr)


def _rows_of(kind: str, sentences: Sequence[Sentence]) -> Iterator[Row]:
    must, good = _LIMITS.get(kind, (None, None))
    where = f"visemes, {kind}, frames in speech:"
    found = accuracy(sentences, [ours.heard_by_recogniser(each) for each in sentences])
    yield _row(f"{where} our recogniser", found, must, good)
    for method in METHODS:
        clips = [ours.clip_of(each.path, method) for each in sentences]
        found = accuracy(sentences, [ours.heard_in(clip) for clip in clips])
        yield _row(f"{where} shown in our clip, {method}", found)
        yield _changes_row(f"viseme changes a second, {kind}, {method}", sentences, clips)
    for peer, listen in _PEERS.items():
        yield from _peer_rows(f"{where} {peer}", sentences, listen)


def _peer_rows(name: str, sentences: Sequence[Sentence], listen: Listener) -> Iterator[Row]:
    began = time.perf_counter()
    try:
        heard = listen(sentences)
    except head_audio.MissingPeerError as error:
        print(f"A peer is left out: {error}", file=sys.stderr)
        return
    wall = time.perf_counter() - began
    sound = sum(len(each.samples) for each in sentences) / SAMPLE_RATE
    print(f"{name}: {wall / sound:.3f} of the sound's length", file=sys.stderr)
    found, shift = best_accuracy(sentences, heard)
    flattered = ", flattered: it made the truth" if _made_the_truth(listen, sentences) else ""
    yield _row(f"{name}, best shift {1000 * shift:+.0f} ms{flattered}", found)


def _made_the_truth(listen: Listener, sentences: Sequence[Sentence]) -> bool:
    """Tell whether a peer's own model told when the phones were said."""
    return listen is _sphinx and any(each.timing == ALIGNED for each in sentences)


def _row(
    name: str, found: FrameAccuracy, must: float | None = None, good: float | None = None
) -> Row:
    unit = f"({found.of_all:.3f} of all {found.frames} frames)"
    return Row(name, found.in_speech, unit, must, good, more_is_better=True)


def _changes_row(name: str, sentences: Sequence[Sentence], clips: Sequence[Clip]) -> Row:
    found = [
        changes_a_second(ours.heard_in(clip)(times_of(each)), times_of(each), each.phones.speech())
        for each, clip in zip(sentences, clips, strict=True)
    ]
    return Row(name, float(np.mean(found)), "", must=_CHANGES)


def _sphinx(sentences: Sequence[Sentence]) -> list[Heard]:
    return [of_phones(sphinx.recognised(each.samples).spoken) for each in sentences]


_PEERS: Final[Mapping[str, Listener]] = {
    _SPHINX: _sphinx,
    head_audio.NAME: head_audio.recognised,
}
