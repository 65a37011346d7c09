"""`python -m training retarget ...`: from landmarks to weights."""

import argparse
from typing import TypeAlias

from . import __doc__ as retarget_doc
from .fit_cli import add_fit
from .general_cli import add_train
from .looks_cli import add_looks
from .solver_cli import add_solver

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_commands(groups: Commands) -> None:
    """Add the group `retarget` with its commands."""
    group = groups.add_parser("retarget", help=retarget_doc, description=retarget_doc)
    commands = group.add_subparsers(required=True, metavar="COMMAND")
    add_solver(commands)
    add_looks(commands)
    add_fit(commands)
    add_train(commands)
