"""`train`, and `export` of what it made."""

import argparse
from pathlib import Path

from facial_retarget.console import ProgressLine
from facial_retarget.core.runtime import MODELS_FOLDER

from .common import PREPARED, Commands, add_config_option, add_prepared_option

_TRAIN = """\
Learn the model that ships from what `prepare` wrote. It is solved in closed form, in seconds on a
CPU: there is nothing for a GPU to do and no epoch to resume. The families brought to the template,
which takes most of the time, are kept in DIR/stages: a stopped run goes on from there."""


def add(commands: Commands) -> None:
    """Add both commands."""
    parser = commands.add_parser("train", help="learn the model that ships", description=_TRAIN)
    add_config_option(parser)
    add_prepared_option(parser)
    parser.add_argument("--out", type=Path, default=PREPARED, metavar="DIR")
    parser.set_defaults(handler=_train)
    text = "put the trained models among the add-on's, with their hashes and licence"
    parser = commands.add_parser("export", help=text)
    parser.add_argument("--trained", type=Path, default=PREPARED, metavar="DIR")
    parser.add_argument("--models", type=Path, default=MODELS_FOLDER, metavar="DIR")
    parser.set_defaults(handler=_export)


def _train(arguments: argparse.Namespace) -> None:
    from ..arkit_model import learn_arkit
    from ..config import ShapesConfig
    from ..installing import IDENTITY_FILE, SHAPES_FILE, write_record
    from ..prepared import Prepared
    from ..stages import Stages

    config, out, line = ShapesConfig.read(arguments.config), arguments.out, ProgressLine()
    families = [Prepared.load(arguments.prepared, name) for name in config.families]
    stages = Stages(out / "stages")
    model = learn_arkit(families, out / SHAPES_FILE, config, stages, line)
    model.identity.write(out / IDENTITY_FILE)
    write_record(out, config)
    line.end()
    for file in (IDENTITY_FILE, SHAPES_FILE):
        print(f"{out / file}: {(out / file).stat().st_size / 1e6:.1f} MB")


def _export(arguments: argparse.Namespace) -> None:
    from ..installing import install

    for path in install(arguments.trained, arguments.models):
        print(path)
