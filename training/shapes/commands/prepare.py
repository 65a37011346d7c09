"""`prepare`: what training reads, one file a family."""

import argparse
from pathlib import Path

from facial_retarget.console import ProgressLine
from facial_retarget.core.errors import FacialRetargetError

from ..families import FAMILY_NAMES, Family, open_family
from .common import PREPARED, Commands


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("prepare", help="write what training reads, one file a family")
    parser.add_argument(
        "--families",
        type=lambda text: text.split(","),
        default=list(FAMILY_NAMES),
        metavar="A,B",
        help=f"whose heads are used: {','.join(FAMILY_NAMES)}",
    )
    parser.add_argument(
        "--source",
        action="append",
        default=[],
        metavar="NAME=PATH",
        help="a family's original folder or another packed file",
    )
    parser.add_argument(
        "--people", type=int, default=60, help="whose landmarks are found, a family (0: none)"
    )
    parser.add_argument("--out", type=Path, default=PREPARED, metavar="DIR")
    parser.add_argument("--seed", type=int, default=0)
    parser.set_defaults(handler=_prepare)


def _prepare(arguments: argparse.Namespace) -> None:
    from ..prepare import PrepareOptions, prepare, save

    line = ProgressLine()
    for family in _chosen(arguments).values():
        options = PrepareOptions(arguments.people, arguments.seed)
        path = save(prepare(family, options, progress=line), arguments.out)
        line.end()
        print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


def _chosen(arguments: argparse.Namespace) -> dict[str, Family]:
    paths = {}
    for source in arguments.source:
        name, separator, path = source.partition("=")
        if not separator:
            raise FacialRetargetError(f"--source {source}: write the family's name, =, its path.")
        paths[name] = Path(path)
    return {name: open_family(name, paths.get(name)) for name in arguments.families}
