"""`python -m training speech ...`."""

from collections.abc import Callable
from typing import Final

from .commands import faces, prepare, record, train
from .commands.common import Commands

# In the order in which they are run.
_COMMANDS: Final[tuple[Callable[[Commands], None], ...]] = (
    record.add,
    prepare.add,
    train.add,
    faces.add,
)


def add_commands(groups: Commands) -> None:
    """Add the group `speech`."""
    group = groups.add_parser("speech", help="the models that turn a voice into a moving mouth")
    commands = group.add_subparsers(required=True, metavar="COMMAND")
    for add in _COMMANDS:
        add(commands)
