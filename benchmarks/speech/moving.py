"""How a mouth moves to a voice: ours, those of real people, and yardsticks whose fault is known."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.row import Row
from benchmarks.speech import faces, grid, mouths, ours, prompts, readings, recordings
from benchmarks.speech.head_lips import shown_lips
from benchmarks.speech.measures import Closures, correlation, energy
from benchmarks.speech.mouths import Mouth
from benchmarks.speech.spoken import Lips, Sentence
from benchmarks.speech.stillness import pauses_of, silent_sounds, worst_motion
from facial_retarget.core.speech.options import METHODS

_TRUTH: Final = "true phones, co-articulated"
YARDSTICKS: Final[dict[str, Mouth]] = {
    _TRUTH: mouths.co_articulated,
    "pocketsphinx's phones, co-articulated": mouths.as_sphinx_hears,
    "jaw by loudness alone": mouths.loud_is_open,
    "always closed": mouths.always_closed,
    "chattering at random": mouths.chattering,
}
OURS: Final[dict[str, Mouth]] = {f"ours, {name}": ours.speaking(name) for name in METHODS}
_SCRIPTED: Final = f"ours, {METHODS[0]}"
_PEOPLE: Final = "real people"
_REAL_SPEECH: Final = "real speech"
_UNSEEN: Final = f"real speech that nothing was chosen by ({prompts.SOURCE})"


def people_rows() -> list[Row]:
    """Measure real faces as ours are measured, and lay the model of co-articulation beside them."""
    seen = [(each, each.lips) for each in grid.sentences() if each.lips]
    if not seen:
        return []
    name = f"{_PEOPLE} ({grid.SOURCE})"
    return [
        *_closure_rows(name, _closures(seen)),
        _energy_row(name, seen),
        *faces.rows(grid.sentences(), mouths.co_articulated),
    ]


def closure_rows() -> list[Row]:
    """Count closed lips on p b m and open ones on low vowels, on real speech and on test voices."""
    rows = []
    for kind, compared, sentences in _kinds():
        for name, mouth in compared.items():
            shown = ((each, shown_lips(mouth(each))) for each in sentences)
            held = name in OURS and kind in (_REAL_SPEECH, _UNSEEN)
            rows += _closure_rows(f"{kind}, {name}", _closures(shown), held)
    return rows


def aperture_rows() -> list[Row]:
    """Compare how far lips are apart with the real mouth's, and with the voice's energy.

    The co-articulation that ours learned from was set with an eye on these very faces (jaw of some
    vowels, timing of round lips: .49 became .54), so they are no people that nobody has seen.
    """
    sentences = [each for each in grid.sentences() if each.lips]
    rows = []
    for name, mouth in (OURS | YARDSTICKS).items() if sentences else ():
        shown = [(each, shown_lips(mouth(each))) for each in sentences]
        alike = [correlation(lips.at(each.lips.times), each.lips.gap) for each, lips in shown]
        against_real = Row(
            f"lips' aperture against the real mouth's ({grid.SOURCE}, seen before), {name}",
            float(np.mean(alike)),
            f"({', '.join(f'{value:.2f}' for value in alike)})",
            must=0.45,
            good=0.6,
            more_is_better=True,
        )
        held = name in OURS
        rows += [_held(held, against_real), _energy_row(name, shown, held)]
    return rows


def silence_rows() -> list[Row]:
    """Look for motion where nobody speaks."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        rooms = {each.source: [each] for each in silent_sounds(Path(folder))}
        read = readings.sentences()
        count = sum(pause.silent for each in read for pause in pauses_of(each))
        pauses = {f"the worst of {count} silent pauses of reading": read} if read else {}
        for name, mouth in OURS.items():
            rows += [
                Row(f"jaw in {what}, {name}", worst_motion(mouth, sounds), "", 0.02, 0.005)
                for what, sounds in (rooms | pauses).items()
            ]
            if read:
                count = sum(not pause.silent for each in read for pause in pauses_of(each))
                what = f"jaw in the worst of {count} pauses with a breath or a click, {name}"
                rows.append(Row(what, worst_motion(mouth, read, silent=False), ""))
    return rows


def _kinds() -> Iterator[tuple[str, dict[str, Mouth], Sequence[Sentence]]]:
    """Yield kinds of speech, each with the mouths that are to speak it."""
    real = (*grid.sentences(), *readings.sentences())
    for kind, sentences in ((_REAL_SPEECH, real), (_UNSEEN, prompts.sentences())):
        if sentences:
            yield kind, OURS | YARDSTICKS, sentences
            scripted = [each for each in sentences if each.script]
            yield f"{kind} with its script", {_SCRIPTED: ours.speaking_by_script}, scripted
    for engine, sentences in recordings.by_engine().items():
        yield engine, {**OURS, _TRUTH: YARDSTICKS[_TRUTH]}, sentences


def _closures(shown: Iterable[tuple[Sentence, Lips]]) -> Closures:
    return Closures.joined([Closures.of(lips, each.phones) for each, lips in shown])


def _closure_rows(name: str, found: Closures, held: bool = False) -> list[Row]:
    rows = [
        Row(
            f"lips closed on p b m within 40 ms, {name}",
            100 * found.closed_share,
            f"% of {found.bilabials}",
            must=98,
            good=100,
            more_is_better=True,
        ),
        Row(
            f"lips open on AA AE AY, {name}",
            100 * found.open_share,
            f"% of {found.low_vowels}",
            must=90,
            good=97,
            more_is_better=True,
        ),
    ]
    elsewhere = f"lips closed on other sounds (not F V), {name}"
    rows.append(Row(elsewhere, 100 * found.shut_share, f"% of {found.others}"))
    if found.onsets:
        before = -1000 * found.onset
        what = f"lips half closed before the sound, {name}"
        rows.append(Row(what, before, "ms", must=20, good=60, more_is_better=True))
        if held:
            rows.append(Row(f"{what}, and not too early", before, "ms", must=120, good=100))
    return [_held(held, row) for row in rows]


def _energy_row(name: str, shown: Sequence[tuple[Sentence, Lips]], held: bool = False) -> Row:
    alike = [correlation(lips.gap, energy(each.samples, lips.times)) for each, lips in shown]
    what = f"lips' aperture against the voice's energy ({grid.SOURCE}), {name}"
    return _held(held, Row(what, float(np.mean(alike)), "", must=0.8))


def _held(held: bool, row: Row) -> Row:
    """Return the row with its limits, or as a mere report."""
    return row if held else replace(row, must=None, good=None)
