"""Landmarks on every head that there is, from every side.

    python -m benchmarks.shapes.landmark_census MakeHuman [--afresh]

A head turned to another of the 24 orientations is the same head looked at in another order. So
each is looked at once from all sides, and whatever is found anywhere has to be its one face.
All of it takes half an hour: each head is kept in a file as it is done, which `make bench` reads,
and a second run goes on with those that are missing.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.row import Row, table
from benchmarks.shapes.heads import ASSETS, MakerHead, makehuman_head, makehuman_heads
from benchmarks.shapes.landmark_sweep import is_at, truth_of
from facial_retarget.core.progress import unheard
from facial_retarget.core.shapes.landmarks import faces_seen
from facial_retarget.demo.makehuman import Identity

# Maker -> {"date": of the last head, "found": its heads, "missed": those not found}
CENSUS: Final = Path(__file__).parent / "landmark_census.json"

Entry = dict[str, Any]

_RACES: Final = ("african", "asian", "caucasian")
_SEXES: Final = ("female", "male")
_AGES: Final = ("baby", "child", "young", "old")
_MAKERS: Final = ("MakeHuman", "ICT", "VALID", "Vitruvian")
_ICT_PEOPLE: Final = 20
_VALID_PEOPLE: Final = 30


def rows(path: Path = CENSUS) -> list[Row]:
    """Return what was found when it was last measured, maker by maker."""
    return [_row(maker, entry) for maker, entry in _kept(path).items()]


def _row(maker: str, entry: Entry) -> Row:
    found, missed = len(entry["found"]), entry["missed"]
    but = f", but not {'; '.join(missed)}" if missed else ""
    count = found + len(missed)
    name = f"landmarks: {count} heads of {maker} found from 24 sides ({entry['date']}){but}"
    return Row(name, 100 * found / count, "%", must=100, more_is_better=True)


def _kept(path: Path = CENSUS) -> dict[str, Entry]:
    kept: dict[str, Entry] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return kept


def found_everywhere(head: MakerHead) -> bool:
    """Tell whether a head's face is found, and nothing but it, whichever side is looked at."""
    truth, as_it_is = truth_of(head), np.eye(3, dtype=np.float32)
    seen = [face for faces in faces_seen(head.mesh, unheard) for face in faces]
    return bool(seen) and all(is_at(truth, face.points, as_it_is) for face in seen)


def makehuman_people() -> Iterator[MakerHead]:
    """Yield every age, sex and race that MakeHuman has a target for, and the bench's own."""
    yield from makehuman_heads()
    for age, sex, race in product(_AGES, _SEXES, _RACES):
        name = f"{race}-{sex}-{age}"
        yield makehuman_head(ASSETS, Identity(name, {name: 1.0}))


def _heads_of(maker: str) -> Iterator[MakerHead]:
    # These need more than the bench's table of what is kept does.
    from benchmarks.shapes.shared_heads import ict_heads, valid_heads, vitruvian_heads

    heads: dict[str, Callable[[], Iterator[MakerHead]]] = {
        "MakeHuman": makehuman_people,
        "ICT": lambda: ict_heads(_ICT_PEOPLE),
        "VALID": lambda: valid_heads(_VALID_PEOPLE),
        "Vitruvian": vitruvian_heads,
    }
    return heads[maker]()


def count(maker: str, afresh: bool) -> None:
    """Look at the heads of a maker and keep what comes of each."""
    if afresh:
        CENSUS.write_text(json.dumps({**_kept(), maker: _nobody()}), encoding="utf-8")
    for head in _heads_of(maker):
        if any(head.name in names for names in _kept().get(maker, _nobody()).values()):
            continue
        outcome = "found" if found_everywhere(head) else "missed"
        print(f"{head.name}: {outcome}", file=sys.stderr)
        kept = _kept()  # another run may have added to it
        entry = kept.setdefault(maker, _nobody())
        entry[outcome].append(head.name)
        entry["date"] = f"{datetime.now(UTC):%Y-%m-%d}"
        CENSUS.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def _nobody() -> Entry:
    return {"date": "", "found": [], "missed": []}


def main() -> None:
    """Look at the heads of one maker and print what has come of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("maker", choices=_MAKERS)
    parser.add_argument("--afresh", action="store_true", help="forget what is kept")
    arguments = parser.parse_args()
    count(arguments.maker, arguments.afresh)
    print(table([_row(arguments.maker, _kept()[arguments.maker])]))


if __name__ == "__main__":
    main()
