"""All benchmarks in one run: `make bench`. An hour on two cores.

Each part runs in a process of its own: none inherits another's memory, and one that fails leaves
the others' figures. `python -m benchmarks bake cost` runs some parts alone.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from benchmarks.heading import heading
from benchmarks.part import Found
from benchmarks.row import table

ROOT: Final = Path(__file__).parents[1]
PICTURE: Final = ROOT / "docs" / "closed_loop.png"
DRAWN: Final = ROOT / "build" / "closed_loop.png"  # by the part "closed-loop"
_SECONDS: Final = 3600  # that a part may take

_SHAPES: Final = "benchmarks.shapes.report"
_SPEECH: Final = "benchmarks.speech.report"
_RETARGETING: Final = "benchmarks.retarget.report"

# A part's name -> the module that measures it, and what of that. Parts of a module that share what
# they generate, or a recording, stay together.
PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "keys": ("benchmarks.keys",),
    "bake": ("benchmarks.bake",),
    "capture": ("benchmarks.capture",),
    "cost": ("benchmarks.cost",),
    "shapes-speed": (_SHAPES, "speed"),
    "shapes": (_SHAPES, "read-back", "lids", "seam"),
    "shapes-landmarks": (_SHAPES, "landmarks"),
    "shapes-training": (_SHAPES, "size", "training"),
    "speech-cost": (_SPEECH, "speed", "memory", "stream", "size"),
    "speech": (_SPEECH, "people", "accuracy", "closure", "aperture", "silence"),
    "probing": (_RETARGETING, "probing"),
    "solving": (_RETARGETING, "solving"),
    "rigs": (_RETARGETING, "rigs"),
    "rigify": (_RETARGETING, "rigify"),
    "still-face": (_RETARGETING, "still_face"),
    "real-clips": (_RETARGETING, "real_clips"),
    "closed-loop": ("benchmarks.closed_loop",),
}


def measure(name: str, parts: Mapping[str, tuple[str, ...]] = PARTS) -> Found:
    """Measure a part in a process of its own; where that fails, a line of text says so."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "found.json"
        command = [sys.executable, "-m", "benchmarks.part", str(out), *parts[name]]
        try:
            # What it prints is for whoever watches; the report goes to the standard output.
            done = subprocess.run(
                command, cwd=ROOT, stdout=sys.stderr, timeout=_SECONDS, check=False
            )
            if done.returncode == 0:
                return Found.read(out)
            problem = f"it ended with {done.returncode}"
        except subprocess.TimeoutExpired:
            problem = f"it took more than {_SECONDS} s"
    return Found((), f"**{name}** was not measured: {problem}.")


def run(names: Collection[str]) -> list[Found]:
    """Measure some parts, one after the other; Ctrl-C leaves out the rest."""
    found = []
    for number, name in enumerate(names):
        began = time.monotonic()
        try:
            found.append(measure(name))
        except KeyboardInterrupt:
            left_out = ", ".join(list(names)[number:])
            return [*found, Found((), f"Stopped before it was measured: {left_out}.")]
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--save", type=Path, help="also write the report to this file")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    found = run(arguments.parts or PARTS)
    command = heading(" ".join(["make bench", *arguments.parts]))
    rows = table([row for part in found for row in part.rows])
    report = "\n\n".join([command, rows, *(part.text for part in found if part.text)])
    print(report)
    if arguments.save:
        if "closed-loop" in (arguments.parts or PARTS) and DRAWN.is_file():
            shutil.copyfile(DRAWN, PICTURE)
            report += f"\n\n![Closed loop](../{PICTURE.relative_to(ROOT)})"
        arguments.save.write_text(f"# Results\n\n{report}\n", encoding="utf-8")
    sys.exit(any(not part.rows for part in found))


if __name__ == "__main__":
    main()
