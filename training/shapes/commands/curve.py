"""`curve`: what more people would be worth."""

import argparse
from pathlib import Path

from facial_retarget.console import ProgressLine

from .common import PREPARED, Commands, add_config_option, add_prepared_option

_PICTURE = Path("docs/shapes_learning.png")


def add(commands: Commands) -> None:
    """Add the command."""
    text = "draw the error over the number of people learned from"
    parser = commands.add_parser("curve", help=text, description=text)
    text = "people with shapes of their own, packed as VALID's are"
    parser.add_argument("--heads", type=Path, required=True, metavar="FILE", help=text)
    add_config_option(parser)
    add_prepared_option(parser)
    parser.add_argument("--out", type=Path, default=PREPARED / "evaluated", metavar="DIR")
    parser.add_argument("--picture", type=Path, default=_PICTURE, metavar="FILE")
    parser.set_defaults(handler=_curve)


def _curve(arguments: argparse.Namespace) -> None:
    from ..config import ShapesConfig
    from ..evaluate import PeopleTest
    from ..families.valid import open_valid
    from ..learning_curve import curve_table, draw_curve, learning_curve
    from ..left_out import prepared_people
    from ..stages import Stages

    config, line = ShapesConfig.read(arguments.config), ProgressLine()
    stages = Stages(arguments.out)
    test = PeopleTest(open_valid(arguments.heads))
    prepared = prepared_people(test.family, arguments.prepared, stages, line)
    points = learning_curve(test, prepared, config.regression, stages, line)
    line.end()
    print(curve_table(points))
    draw_curve(points, arguments.picture)
    print(arguments.picture)
