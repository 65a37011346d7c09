"""Read back on makers never seen: keys by models that have learned from all the other makers.

    .venv-train/bin/python -m benchmarks.shapes.read_back_unseen [--save FILE.json]

It needs what `python -m training shapes prepare` writes. Each maker's model takes a minute or two,
and what it is made from is shared with `python -m training shapes evaluate --family-out`. The
figures saved are those that `make bench` tells beside its own.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from benchmarks.row import Row, table
from benchmarks.shapes import read_back
from benchmarks.shapes.heads import Keys, MakerHead, makehuman_heads
from benchmarks.shapes.shared_heads import ict_heads, vitruvian_heads
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.mesh import Floats
from training.shapes.commands.common import CONFIG, PREPARED
from training.shapes.config import ShapesConfig
from training.shapes.left_out import family_learner
from training.shapes.prepared import Prepared
from training.shapes.saved import save
from training.shapes.stages import Stages

# Whose heads carry a maker's keys; a cartoon's are those of the head that was bent.
_FAMILIES: Final = {
    "MakeHuman": "makehuman",
    "stylised": "makehuman",
    "ICT": "ict",
    "Vitruvian": "vitruvian",
}
_ICT_PEOPLE: Final = 3


def heads() -> list[MakerHead]:
    """Return the heads that have eyeballs of their own."""
    return [*makehuman_heads(), *ict_heads(_ICT_PEOPLE), *vitruvian_heads()]


def left_out_keys(prepared: Path, out: Path) -> Keys:
    """Return what generates a head's keys by a model without its maker; models go to `out`."""
    config = ShapesConfig.read(CONFIG)
    families = {name: Prepared.load(prepared, name) for name in config.families}
    learner = family_learner(families, config, out, Stages(out))

    def keys_of(head: MakerHead) -> Mapping[str, Floats]:
        deltas = learner.predict(head.mesh, _FAMILIES[head.maker])
        return dict(zip(ARKIT_CHANNELS, deltas, strict=True))

    return keys_of


def rows(found: Sequence[read_back.Comparison]) -> list[Row]:
    """Return the figures, told apart from those of makers that were seen."""
    return read_back.rows(found, "maker-left-out")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--prepared", type=Path, default=PREPARED, metavar="DIR")
    parser.add_argument("--out", type=Path, default=PREPARED / "evaluated", metavar="DIR")
    parser.add_argument("--save", type=Path, metavar="FILE", help="add the figures to this JSON")
    arguments = parser.parse_args()
    found = read_back.measure(heads(), left_out_keys(arguments.prepared, arguments.out))
    print(read_back.channel_table(found), file=sys.stderr)
    print(table(rows(found)))
    if arguments.save:
        save(arguments.save, [asdict(row) for row in rows(found)])


if __name__ == "__main__":
    main()
