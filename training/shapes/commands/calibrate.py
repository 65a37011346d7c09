"""`calibrate`: what a shape's confidence comes to."""

import argparse
from pathlib import Path
from typing import Final

from facial_retarget.console import ProgressLine

from .common import PREPARED, Commands, add_config_option, add_prepared_option

_TABLE: Final = (
    Path(__file__).parents[3] / "facial_retarget" / "data" / "shapes" / "confidence.json"
)
_ABOUT = """\
Generate heads of each maker by a model that has learned from all the others, and write how the
confidence of a shape goes with the agreement found. How well that holds is told by tables that
have not seen the maker either."""


def add(commands: Commands) -> None:
    """Add the command."""
    text = "make confidence tell the agreement to expect"
    parser = commands.add_parser("calibrate", help=text, description=_ABOUT)
    text = "how many heads of each maker left out"
    parser.add_argument("--each", type=int, default=3, metavar="N", help=text)
    add_config_option(parser)
    add_prepared_option(parser)
    parser.add_argument("--out", type=Path, default=PREPARED / "evaluated", metavar="DIR")
    parser.add_argument("--table", type=Path, default=_TABLE, metavar="FILE")
    parser.set_defaults(handler=_calibrate)


def _calibrate(arguments: argparse.Namespace) -> None:
    from ..calibrate import Judged, calibrated, miss, nested_misses, write
    from ..config import ShapesConfig
    from ..families import open_family
    from ..family_out import FamilyTest
    from ..left_out import judged, model_without
    from ..prepared import Prepared
    from ..stages import Stages

    config, line = ShapesConfig.read(arguments.config), ProgressLine()
    stages = Stages(arguments.out)
    prepared = {name: Prepared.load(arguments.prepared, name) for name in config.families}
    whole = [name for name in config.families if name not in config.masks]
    families = {name: open_family(name) for name in whole}
    test = FamilyTest(families, arguments.each)
    makers = {}
    for name, family in families.items():
        model = model_without(name, prepared, config, arguments.out, stages)
        makers[name] = judged(family, test.people(name), model)
    everything = Judged.joined(list(makers.values()))
    table = calibrated(everything)
    write(table, arguments.table)
    line.end()
    print(f"{len(everything.cosine)} shapes, told {miss(table, everything):.3f} beside the found")
    for name, missed in nested_misses(makers).items():
        print(f"{name} left out of the table too: {missed:.3f}")
