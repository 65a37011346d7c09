"""`train`, `compare`, and `export` of the better ways."""

import argparse
from pathlib import Path

from facial_retarget.core.runtime import MODELS_FOLDER

from .common import Commands, add_config_option, add_folder_option

_TRAIN = """\
Train the networks, each from where it was stopped: log, checkpoint and result lie in
DIR/networks/STAGE. With torchrun (`torchrun --nproc-per-node 2 -m training speech train`) several
processes or GPUs share each batch."""


def add(commands: Commands) -> None:
    """Add the commands."""
    parser = commands.add_parser("train", help="train the networks", description=_TRAIN)
    parser.add_argument("stages", nargs="*", metavar="STAGE", help="all, in order, by default")
    parser.add_argument("--threads", type=int, default=0, help="of the CPU; 0 leaves it to torch")
    add_config_option(parser)
    add_folder_option(parser)
    parser.set_defaults(handler=_train)
    text = "compare every way from sound to mouth on voices that none has heard, in one table"
    parser = commands.add_parser("compare", help=text)
    parser.add_argument("--split", choices=("validation", "test"), default="validation")
    add_config_option(parser)
    add_folder_option(parser)
    parser.set_defaults(handler=_compare)
    text = "tell how much the recogniser hears of voices that it did not learn from"
    parser = commands.add_parser("hear", help=text)
    parser.add_argument("splits", nargs="*", metavar="SPLIT", default=["validation", "strangers"])
    add_config_option(parser)
    add_folder_option(parser)
    parser.set_defaults(handler=_hear)
    text = "put the better way of each method among the add-on's models"
    parser = commands.add_parser("export", help=text)
    parser.add_argument("--models", type=Path, default=MODELS_FOLDER, metavar="DIR")
    add_config_option(parser)
    add_folder_option(parser)
    parser.set_defaults(handler=_export)


def _train(arguments: argparse.Namespace) -> None:
    import torch

    from facial_retarget.core.errors import FacialRetargetError

    from ..config import SpeechConfig
    from ..stages import STAGES, Studio
    from ..trainer import Place

    if unknown := set(arguments.stages) - set(STAGES):
        raise FacialRetargetError(
            f"No such stage: {', '.join(unknown)}. One of {', '.join(STAGES)}."
        )
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    place = Place.here()
    studio = Studio(arguments.folder, SpeechConfig.read(arguments.config))
    for stage in arguments.stages or STAGES:
        print(f"== {stage}", flush=True)
        studio.train(stage, place, lambda line: print(line, flush=True))


def _compare(arguments: argparse.Namespace) -> None:
    from ..comparing import compared
    from ..config import SpeechConfig
    from ..stages import Studio

    studio = Studio(arguments.folder, SpeechConfig.read(arguments.config))
    print(compared(studio, arguments.split))


def _hear(arguments: argparse.Namespace) -> None:
    from ..config import SpeechConfig
    from ..recognising import heard_shares
    from ..stages import Studio

    studio = Studio(arguments.folder, SpeechConfig.read(arguments.config))
    for split in arguments.splits:
        shares = heard_shares(studio.recogniser(), studio.tracks(split))
        print(f"{split}: {', '.join(f'{name} {share:.4f}' for name, share in shares.items())}")


def _export(arguments: argparse.Namespace) -> None:
    from ..config import SpeechConfig
    from ..installing import install
    from ..stages import Studio

    studio = Studio(arguments.folder, SpeechConfig.read(arguments.config))
    for path in install(studio, arguments.models):
        print(path)
