"""One part of the benchmark, measured in this process: what `make bench` runs, one by one.

`python -m benchmarks.part OUT MODULE [PART ...]` writes what it found to the JSON file OUT.
"""

import argparse
import dataclasses
import importlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from benchmarks.row import Row


@dataclass(frozen=True)
class Found:
    """What a part found. text: Markdown that comes after all the rows."""

    rows: tuple[Row, ...]
    text: str = ""

    def write(self, path: Path) -> None:
        """Write a JSON file."""
        path.write_text(json.dumps(dataclasses.asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote."""
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return cls(tuple(Row(**row) for row in data["rows"]), data["text"])


def measured(module: str, parts: list[str]) -> Found:
    """Measure what a module's `found` gives, else its `rows`, or the named parts of those."""
    part = importlib.import_module(module)
    if hasattr(part, "found"):
        found: Found = part.found()
        return found
    return Found(tuple(part.rows(parts) if parts else part.rows()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("module")
    parser.add_argument("parts", nargs="*")
    arguments = parser.parse_args()
    measured(arguments.module, arguments.parts).write(arguments.out)
    sys.stdout.flush()
    os._exit(0)  # Blender as a module may wait for ever for its own threads as Python ends


if __name__ == "__main__":
    main()
