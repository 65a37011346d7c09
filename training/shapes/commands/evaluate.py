"""`evaluate`: people never seen, and makers never seen."""

import argparse
from pathlib import Path

from facial_retarget.console import ProgressLine
from facial_retarget.core.errors import FacialRetargetError

from .common import PREPARED, Commands, add_config_option, add_prepared_option

_ABOUT = """\
Measure what was learned on what it has not seen. Every fold of people and every maker left out is
kept in --out when it is done, so a stopped run goes on from there. Several processes share them,
and the first prints the table: `torchrun --standalone --nproc-per-node 2 -m training shapes
evaluate ...`."""


def add(commands: Commands) -> None:
    """Add the command."""
    text = "measure on people and makers never seen"
    parser = commands.add_parser("evaluate", help=text, description=_ABOUT)
    test = parser.add_mutually_exclusive_group(required=True)
    text = "people with shapes of their own, packed as VALID's are: fold by fold"
    test.add_argument("--heads", type=Path, metavar="FILE", help=text)
    text = "leave each maker out in turn"
    test.add_argument("--family-out", action="store_true", help=text)
    text = "test also with so many of the triangles: 0.5 0.8"
    parser.add_argument("--remesh", type=float, nargs="+", default=[], metavar="SHARE", help=text)
    text = "some of the folds of --heads, 0 to 4"
    parser.add_argument("--folds", type=int, nargs="+", metavar="N", help=text)
    text = "some of the makers of --family-out"
    parser.add_argument("--only", nargs="+", metavar="NAME", help=text)
    text = "bend the heads of --family-out as a cartoonist would, and what they do with them"
    parser.add_argument("--stylised", action="store_true", help=text)
    text = "print the cosine of each channel too, with --family-out"
    parser.add_argument("--channels", action="store_true", help=text)
    text = "how many heads of each maker left out"
    parser.add_argument("--each", type=int, default=3, metavar="N", help=text)
    add_config_option(parser)
    add_prepared_option(parser)
    parser.add_argument("--out", type=Path, default=PREPARED / "evaluated", metavar="DIR")
    parser.add_argument("--save", type=Path, metavar="FILE", help="add the figures to this JSON")
    parser.set_defaults(handler=_evaluate)


def _evaluate(arguments: argparse.Namespace) -> None:
    if arguments.save and (arguments.folds or arguments.only):
        raise FacialRetargetError("--save keeps whole tables: leave out --folds and --only.")
    if arguments.heads:
        _people(arguments)
    else:
        _families(arguments)


def _people(arguments: argparse.Namespace) -> None:
    from ..config import ShapesConfig
    from ..evaluate import PeopleTest, rows_of, table
    from ..families.valid import open_valid
    from ..left_out import people_learner, prepared_people
    from ..saved import people_figures, save
    from ..spread import own_share, wait_for_the_others
    from ..stages import Stages

    config, line = ShapesConfig.read(arguments.config), ProgressLine()
    stages = Stages(arguments.out)
    test = PeopleTest(open_valid(arguments.heads), arguments.remesh)
    prepared = prepared_people(test.family, arguments.prepared, stages, line)
    learner = people_learner(test.family, prepared, config, arguments.out)
    folds = [fold for fold in test.folds if not arguments.folds or fold.number in arguments.folds]
    for fold in own_share(folds):
        test.measure(fold, learner, stages, line)
    line.end()
    if wait_for_the_others():
        rows = rows_of([test.measure(fold, learner, stages) for fold in folds])
        print(table(rows))
        if arguments.save:
            save(arguments.save, people_figures(rows))


def _families(arguments: argparse.Namespace) -> None:
    from ..config import ShapesConfig
    from ..families import open_family
    from ..family_out import FamilyTest, channel_table, family_table
    from ..left_out import family_learner
    from ..prepared import Prepared
    from ..saved import family_figures, save
    from ..spread import own_share, wait_for_the_others
    from ..stages import Stages

    config, line = ShapesConfig.read(arguments.config), ProgressLine()
    stages = Stages(arguments.out)
    prepared = {name: Prepared.load(arguments.prepared, name) for name in config.families}
    learner = family_learner(prepared, config, arguments.out, stages)
    families = {name: open_family(name) for name in config.families}
    test = FamilyTest(families, arguments.each, stylised=arguments.stylised)
    names = [name for name in config.families if name in (arguments.only or config.families)]
    for name in own_share(names):
        test.measure(name, learner, stages, line)
    line.end()
    if wait_for_the_others():
        rows = [row for name in names for row in test.measure(name, learner, stages)]
        print(family_table(rows))
        if arguments.channels:
            print(f"\n{channel_table(rows)}")
        if arguments.save:
            save(arguments.save, family_figures(rows, arguments.stylised))
