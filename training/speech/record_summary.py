"""What the recordings hold, in figures that show at a glance whether their times can be right."""

import json
from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np

from .plausibility import onset
from .recordings import INDEX_FILE, Utterance, load_recordings
from .symbols import SILENCE

_COMMONEST: Final = 12
_HEARD: Final = 40  # utterances of each engine whose onsets are compared


def summary(folder: Path) -> str:
    """Return a table of engines and splits, and lines on each engine's phones.

    Raises FacialRetargetError where there are no recordings.
    """
    utterances = sorted(load_recordings(folder), key=lambda each: each.engine)
    dropped = _dropped(folder)
    lines = ["engine        split       voices  utterances  minutes  dropped"]
    details: list[str] = []
    for engine, group in groupby(utterances, key=lambda each: each.engine):
        own = list(group)
        for split in sorted({each.split for each in own}):
            part = [each for each in own if each.split == split]
            voices, minutes = len({u.voice for u in part}), sum(u.seconds for u in part) / 60
            number = sum(count for key, count in dropped.items() if key[:2] == (engine, split))
            line = f"{engine:14}{split:12}{voices:6}{len(part):12}{minutes:9.1f}{number:9}"
            lines.append(line)
        details += _phones(engine, own)
        reasons = Counter[str]()
        for (name, _, reason), count in dropped.items():
            reasons[reason] += count if name == engine else 0
        if reasons.total():
            told = ", ".join(f"{reason} {count}" for reason, count in (+reasons).items())
            details.append(f"  dropped: {told}")
    return "\n".join([*lines, "", *details])


def _dropped(folder: Path) -> Counter[tuple[str, str, str]]:
    counts = Counter[tuple[str, str, str]]()
    for path in folder.glob(f"*/*/{INDEX_FILE}"):
        voice = json.loads(path.read_text(encoding="utf-8"))
        for reason in voice["dropped"].values():
            counts[voice["engine"], voice["split"], reason] += 1
    return counts


def _phones(engine: str, utterances: list[Utterance]) -> Iterable[str]:
    names = np.concatenate([each.names for each in utterances])
    lengths = np.concatenate([each.end - each.start for each in utterances])
    sounding = names != SILENCE
    shares = Counter(names[sounding].tolist())
    common = ", ".join(
        f"{name} {count / shares.total():.1%}" for name, count in shares.most_common(_COMMONEST)
    )
    late = [1000 * (u.start[_first_phone(u)] - onset(u.samples())) for u in utterances[:_HEARD]]
    return (
        f"{engine}: {len(shares)} phones; mean length {1000 * lengths[sounding].mean():.0f} ms "
        f"(median {1000 * np.median(lengths[sounding]):.0f}); "
        f"silence {lengths[~sounding].sum() / lengths.sum():.0%} of the time",
        f"  commonest: {common}",
        f"  first phone against the sound's onset: median {np.median(late):+.0f} ms, "
        f"from {np.percentile(late, 10):+.0f} (10 %) to {np.percentile(late, 90):+.0f} (90 %)",
    )


def _first_phone(utterance: Utterance) -> int:
    return next(i for i, name in enumerate(utterance.names) if name != SILENCE)
