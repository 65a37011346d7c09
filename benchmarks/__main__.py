"""All benchmarks in one run: `make bench`. Three quarters of an hour on two cores."""

import argparse
import sys
from pathlib import Path
from typing import Final

from benchmarks import bake, capture, closed_loop, keys
from benchmarks.heading import heading
from benchmarks.retarget import report as retargeting
from benchmarks.row import Row, table
from benchmarks.shapes import report as shapes
from benchmarks.speech import report as speech

ROOT: Final = Path(__file__).parents[1]
PICTURE: Final = ROOT / "docs" / "closed_loop.png"
PARTS: Final = (keys, bake, capture, shapes, speech, retargeting)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--save", type=Path, help="also write the report to this file")
    arguments = parser.parse_args()
    rows: list[Row] = []
    for part in PARTS:
        print(f"Measuring: {part.__name__.removeprefix('benchmarks.')}", file=sys.stderr)
        rows += part.rows()
    print("Measuring: closed_loop", file=sys.stderr)
    found = closed_loop.measure()
    rows += closed_loop.rows(found)
    report = f"{heading('make bench')}\n\n{table(rows)}\n\n{closed_loop.channel_table(found)}\n"
    print(report)
    if arguments.save:
        closed_loop.save_picture(found, PICTURE)
        arguments.save.write_text(
            f"# Results\n\n{report}\n![Closed loop](../{PICTURE.relative_to(ROOT)})\n",
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
