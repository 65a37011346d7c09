"""`python -m training shapes ...`."""

import argparse
from pathlib import Path
from typing import Final, TypeAlias

from facial_retarget.core.errors import FacialRetargetError
from facial_retarget.core.progress import Progress

from .families import FAMILY_NAMES, Family, open_family

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
PREPARED: Final = Path("build/training/shapes")


def add_commands(groups: Commands) -> None:
    """Add the group `shapes`."""
    group = groups.add_parser("shapes", help="the model that makes a face's shape keys")
    commands = group.add_subparsers(required=True, metavar="COMMAND")
    _add_prepare(commands)


def add_family_options(parser: argparse.ArgumentParser) -> None:
    """Add the choice of families and of where their data lies."""
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


def chosen_families(arguments: argparse.Namespace) -> dict[str, Family]:
    """Open the families that were asked for. Raises FacialRetargetError where one cannot be."""
    paths = {}
    for source in arguments.source:
        name, separator, path = source.partition("=")
        if not separator:
            raise FacialRetargetError(f"--source {source}: write the family's name, =, its path.")
        paths[name] = Path(path)
    return {name: open_family(name, paths.get(name)) for name in arguments.families}


def _add_prepare(commands: Commands) -> None:
    parser = commands.add_parser("prepare", help="write what training reads, one file a family")
    add_family_options(parser)
    parser.add_argument(
        "--people", type=int, default=60, help="whose landmarks are found, a family (0: none)"
    )
    parser.add_argument("--out", type=Path, default=PREPARED, metavar="DIR")
    parser.add_argument("--seed", type=int, default=0)
    parser.set_defaults(handler=_prepare)


def _prepare(arguments: argparse.Namespace) -> None:
    from tqdm import tqdm

    from .prepare import PrepareOptions, prepare, save

    for name, family in chosen_families(arguments).items():
        with tqdm(total=arguments.people, desc=name) as bar:

            def show(progress: Progress, bar: "tqdm[None]" = bar) -> None:
                bar.update(progress.done - bar.n)

            options = PrepareOptions(arguments.people, arguments.seed)
            arrays = prepare(family, options, progress=show)
        path = save(arrays, arguments.out)
        bar.write(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
