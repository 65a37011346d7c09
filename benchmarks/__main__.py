"""All benchmarks in one run: `make bench`. Three quarters of an hour on two cores."""

import argparse
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import bpy

from benchmarks import bake, capture, closed_loop, keys
from benchmarks.row import Row, table
from benchmarks.shapes import report as shapes
from benchmarks.speech import report as speech

ROOT: Final = Path(__file__).parents[1]
PICTURE: Final = ROOT / "docs" / "closed_loop.png"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--save", type=Path, help="also write the report to this file")
    arguments = parser.parse_args()
    rows: list[Row] = []
    for part in (keys, bake, capture, shapes, speech):
        print(f"Measuring: {part.__name__.removeprefix('benchmarks.')}", file=sys.stderr)
        rows += part.rows()
    print("Measuring: closed_loop", file=sys.stderr)
    found = closed_loop.measure()
    rows += closed_loop.rows(found)
    report = f"{heading()}\n\n{table(rows)}\n\n{closed_loop.channel_table(found)}\n"
    print(report)
    if arguments.save:
        closed_loop.save_picture(found, PICTURE)
        arguments.save.write_text(
            f"# Results\n\n{report}\n![Closed loop](../{PICTURE.relative_to(ROOT)})\n",
            encoding="utf-8",
        )


def heading() -> str:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return (
        f"`make bench`, {datetime.now(UTC):%Y-%m-%d}, commit {commit}, "
        f"Blender {bpy.app.version_string}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, {platform.system()}."
    )


if __name__ == "__main__":
    main()
