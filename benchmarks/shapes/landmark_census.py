"""Landmarks on every head that there is, from every side: `python -m` this for one maker at a time.

    python -m benchmarks.shapes.landmark_census MakeHuman

A head turned to another of the 24 orientations is the same head looked at in another order. So
each is looked at once from all sides, and whatever is found anywhere has to be its one face.
What comes of it is kept in a file, which `make bench` reads, since all of it takes half an hour.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.row import Row, table
from benchmarks.shapes.heads import ASSETS, MakerHead, makehuman_head, makehuman_heads
from benchmarks.shapes.landmark_sweep import is_at, truth_of
from benchmarks.shapes.shared_heads import ict_heads, valid_heads, vitruvian_heads
from facial_retarget.core.progress import unheard
from facial_retarget.core.shapes.landmarks import faces_seen
from facial_retarget.demo.makehuman import Identity

# Maker -> {"date": ..., "heads": ..., "missed": [...]}
CENSUS: Final = Path(__file__).parent / "landmark_census.json"

_RACES: Final = ("african", "asian", "caucasian")
_SEXES: Final = ("female", "male")
_AGES: Final = ("baby", "child", "young", "old")
_ICT_PEOPLE: Final = 20
_VALID_PEOPLE: Final = 30


def rows(path: Path = CENSUS) -> list[Row]:
    """Return what was found when it was last measured, maker by maker."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return [_row(maker, entry) for maker, entry in kept.items()]


def _row(maker: str, entry: Mapping[str, object]) -> Row:
    missed = entry["missed"]
    assert isinstance(missed, list)
    count = int(str(entry["heads"]))
    but = f", but not {'; '.join(missed)}" if missed else ""
    name = f"landmarks: {count} heads of {maker} found from 24 sides ({entry['date']}){but}"
    return Row(name, 100 * (1 - len(missed) / count), "%", must=100, more_is_better=True)


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


MAKERS: Final[dict[str, Callable[[], Iterator[MakerHead]]]] = {
    "MakeHuman": makehuman_people,
    "ICT": lambda: ict_heads(_ICT_PEOPLE),
    "VALID": lambda: valid_heads(_VALID_PEOPLE),
    "Vitruvian": vitruvian_heads,
}


def main() -> None:
    """Look at the heads of one maker and keep what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("maker", choices=MAKERS)
    maker = parser.parse_args().maker
    missed, count = [], 0
    for count, head in enumerate(MAKERS[maker](), start=1):
        if not found_everywhere(head):
            missed.append(head.name)
        print(f"{count} {head.name} {'MISSED' if head.name in missed else ''}", file=sys.stderr)
    kept = json.loads(CENSUS.read_text(encoding="utf-8")) if CENSUS.is_file() else {}
    kept[maker] = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "heads": count, "missed": missed}
    CENSUS.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    print(table([_row(maker, kept[maker])]))


if __name__ == "__main__":
    main()
