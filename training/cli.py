"""`python -m training GROUP COMMAND ...`: what makes the models, and what measures them.

Exit codes: 0 done, 1 could not, 2 wrong use.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from facial_retarget.core.errors import Cancelled, FacialRetargetError

from .retarget.cli import add_commands as add_retarget
from .rigs.cli import add_commands as add_rigs
from .shapes.cli import add_commands as add_shapes
from .speech.cli import add_commands as add_speech
from .studio.cli import add_commands as add_studio

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

# Each adds its group of commands; a command's `handler` default takes the arguments.
GROUPS: Final[tuple[Callable[[Commands], None], ...]] = (
    add_retarget,
    add_rigs,
    add_shapes,
    add_speech,
    add_studio,
)


def main(argv: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="GROUP")
    for add_commands in GROUPS:
        add_commands(commands)
    try:
        arguments = parser.parse_args(list(argv))
    except SystemExit as stop:  # argparse has printed the help or what is wrong
        return 0 if not stop.code else 2
    try:
        arguments.handler(arguments)
    except FacialRetargetError as error:
        print(error, file=sys.stderr)
        return 1
    except (Cancelled, KeyboardInterrupt):
        print("Stopped; run the same command again to go on.", file=sys.stderr)
        return 1
    return 0
