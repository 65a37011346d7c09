"""What the commands share."""

import argparse
from pathlib import Path
from typing import Final, TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

PREPARED: Final = Path("build/training/shapes")
CONFIG: Final = Path(__file__).parents[2] / "data" / "face_shapes.toml"


def add_prepared_option(parser: argparse.ArgumentParser) -> None:
    """Add where `prepare` wrote."""
    parser.add_argument("--prepared", type=Path, default=PREPARED, metavar="DIR")


def add_config_option(parser: argparse.ArgumentParser) -> None:
    """Add the settings of the training."""
    parser.add_argument(
        "--config", type=Path, default=CONFIG, metavar="FILE", help="what is learned from, and how"
    )
