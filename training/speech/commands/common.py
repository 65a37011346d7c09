"""What the commands share."""

import argparse
from pathlib import Path
from typing import Final, TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

FOLDER: Final = Path("build/training/speech")
CONFIG: Final = Path(__file__).parents[1] / "data" / "speech.toml"


def add_folder_option(parser: argparse.ArgumentParser) -> None:
    """Add where everything that is made lies: recordings, tracks, networks."""
    parser.add_argument("--folder", type=Path, default=FOLDER, metavar="DIR")


def add_config_option(parser: argparse.ArgumentParser) -> None:
    """Add the settings of the training."""
    parser.add_argument(
        "--config", type=Path, default=CONFIG, metavar="FILE", help="what is learned from, and how"
    )
