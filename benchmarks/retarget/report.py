"""The figures of retargeting for `make bench`; the closed loop has a table of its own.

`python -m benchmarks.retarget.report` prints them alone, or the parts of them that are named.
"""

import argparse
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Final

from benchmarks.heading import heading
from benchmarks.retarget import probing, real_clips, rigify, rigs, solving, still_face
from benchmarks.row import Row, table

PARTS: Final[Mapping[str, Callable[[], list[Row]]]] = {
    "probing": probing.rows,
    "solving": solving.rows,
    "rigs": rigs.rows,
    "rigify": rigify.rows,
    "still_face": still_face.rows,
    "real_clips": real_clips.rows,
}


def rows(parts: Collection[str] = ()) -> list[Row]:
    """Measure some parts of PARTS, or all of them."""
    measures = [measure for name, measure in PARTS.items() if not parts or name in parts]
    return [row for measure in measures for row in measure()]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--save", type=Path, help="also write the table to this file")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    found = table(rows(arguments.parts))
    print(found)
    if arguments.save:
        command = heading(" ".join(["python -m benchmarks.retarget.report", *arguments.parts]))
        arguments.save.write_text(f"# Retargeting\n\n{command}\n\n{found}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
