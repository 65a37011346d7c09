"""`template`: the canonical template, from MakeHuman's head."""

import argparse
from pathlib import Path

from facial_retarget.core.shapes.template import TEMPLATE_FILE

from .common import Commands


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("template", help="build the template that the add-on carries")
    parser.add_argument(
        "--assets", type=Path, default=Path("build/assets"), metavar="DIR", help="of `make setup`"
    )
    parser.add_argument("--out", type=Path, default=TEMPLATE_FILE, metavar="FILE")
    parser.set_defaults(handler=_template)


def _template(arguments: argparse.Namespace) -> None:
    from ..prepare import find_landmarks
    from ..template import build

    build(arguments.assets, arguments.out, find_landmarks)
    print(arguments.out)
