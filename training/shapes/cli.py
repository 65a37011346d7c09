"""`python -m training shapes ...`."""

from collections.abc import Callable
from typing import Final

from .commands import calibrate, curve, evaluate, prepare, template, train
from .commands.common import Commands

# In the order in which they are run.
_COMMANDS: Final[tuple[Callable[[Commands], None], ...]] = (
    prepare.add,
    train.add,
    evaluate.add,
    calibrate.add,
    curve.add,
    template.add,
)


def add_commands(groups: Commands) -> None:
    """Add the group `shapes`."""
    group = groups.add_parser("shapes", help="the model that makes a face's shape keys")
    commands = group.add_subparsers(required=True, metavar="COMMAND")
    for add in _COMMANDS:
        add(commands)
