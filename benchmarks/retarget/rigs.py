"""Rigs whose names were taken away: how many of their controls are known by what they move.

`python -m benchmarks.retarget.rigs` prints the table; it takes about two minutes and needs the
makers' packed files. Without these there are only the figures of makers left out, which
`python -m training rigs evaluate --family-out --save FILE` measured.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.row import Row, table
from facial_retarget.core.errors import FacialRetargetError
from facial_retarget.core.retarget import match_controls
from facial_retarget.core.shapes.generate import generate_shapes
from training.rigs.evaluate import Answer, answers, right, scrambled
from training.rigs.heads import FAMILIES, Head, tested_heads
from training.rigs.learn import LEARNED

# {"date": ..., "rows": [what a Row takes ...]}
EVALUATED: Final = Path(__file__).parent / "rigs_evaluated.json"
_HEADS: Final = 3  # of each maker


def rows() -> list[Row]:
    """Measure people never seen; tell what was measured of makers never seen."""
    own: list[Answer] = []
    beside: list[Answer] = []
    named = 0
    for head in _heads():
        made = generate_shapes(head.mesh)
        own += answers(head, made.shapes, made.landmarks)
        beside += answers(head, made.shapes, made.landmarks, with_others=True)
        named += len(match_controls(scrambled(head, with_others=False).rig.names).matched)
    found = [Row(**row) for row in json.loads(EVALUATED.read_text(encoding="utf-8"))["rows"]]
    if not own:
        return found
    what = f"names scrambled, {len({each.head for each in own})} heads of {len(FAMILIES)} makers"
    share, share_beside = 100 * right(own), 100 * right(beside)
    return [
        Row(f"{what}: right name first, {len(own)} keys", share, "%", 95, 99, True),
        Row(f"{what}: the same beside every other key of the maker", share_beside, "%"),
        Row(f"{what}: by name", 100 * named / len(own), "%"),
        *found,
    ]


def _heads() -> Iterator[Head]:
    for family in FAMILIES:
        try:
            yield from tested_heads(family, _HEADS, LEARNED)
        except FacialRetargetError as error:
            print(error, file=sys.stderr)


def main() -> None:
    print(table(rows()))


if __name__ == "__main__":
    main()
