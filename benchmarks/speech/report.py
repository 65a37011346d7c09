"""The figures of speech for `make bench`: ours, peers and yardsticks on the same recordings.

`python -m benchmarks.speech.report` prints them alone, or the parts of them that are named.
"""

import argparse
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Final

from benchmarks.heading import heading
from benchmarks.row import Row, table
from benchmarks.speech import cost, hearing, moving

PARTS: Final[Mapping[str, Callable[[], list[Row]]]] = {
    "speed": cost.speed_rows,  # first, while nothing else is in memory
    "memory": cost.memory_rows,
    "stream": cost.stream_rows,
    "size": cost.size_rows,
    "people": moving.people_rows,
    "accuracy": hearing.accuracy_rows,
    "closure": moving.closure_rows,
    "aperture": moving.aperture_rows,
    "silence": moving.silence_rows,
}


_PICTURES: Final = "pictures"  # drawn only where they are asked for


def rows(parts: Collection[str] = ()) -> list[Row]:
    """Measure some parts of PARTS, or all of them."""
    measures = [measure for name, measure in PARTS.items() if not parts or name in parts]
    return [row for measure in measures for row in measure()]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = (*PARTS, _PICTURES)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(names)}")
    parser.add_argument("--save", type=Path, help="also write the table to this file")
    arguments = parser.parse_args()
    parts = set(arguments.parts)
    if parts - set(names):
        parser.error(f"there is no part {', '.join(sorted(parts - set(names)))}")
    if parts != {_PICTURES}:
        found = table(rows(parts - {_PICTURES}))
        print(found)
        if arguments.save:
            command = heading("python -m benchmarks.speech.report")
            arguments.save.write_text(f"# Speech\n\n{command}\n\n{found}\n", encoding="utf-8")
    if _PICTURES in parts:
        from benchmarks.speech import pictures

        print(*pictures.draw(next(iter(moving.OURS))), sep="\n")


if __name__ == "__main__":
    main()
