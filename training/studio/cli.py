"""`python -m training studio train`."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from facial_retarget.console import ProgressLine

from . import __doc__ as studio_doc

if TYPE_CHECKING:
    from .train import TrainedTarget

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_commands(groups: Commands) -> None:
    """Add the group `studio` with its commands."""
    text = "A studio's own model, of one topology, from JSON files."
    group = groups.add_parser("studio", help=text, description=text)
    commands = group.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser(
        "train",
        help=str(train.__doc__),
        description=studio_doc,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(handler=train)
    add = command.add_argument
    add("--data", type=Path, required=True, metavar="DIR", help="the folder of the characters")
    add("--out", type=Path, required=True, metavar="MODEL", help="the folder for the model")
    add("--epochs", type=_positive, default=300, help="how often a network sees all characters")
    add("--hidden", type=_positive, default=64, help="the width of its hidden layers")
    add("--layers", type=_positive, default=2, help="how many hidden layers it has")
    add("--rate", type=float, default=1e-3, help="the learning rate at the start")
    add("--scale", type=float, default=1.0, help="multiplies every displacement predicted")
    add("--folds", type=int, default=5, help="parts for measuring on people held out; 0 for none")
    add("--seed", type=int, default=0, help="of the weights and the split; same seed, same model")


def train(arguments: argparse.Namespace) -> None:
    """Train a network for each target, and measure it against copying the mean."""
    import torch

    from .data import read_studio
    from .fit import FitOptions
    from .train import train_studio

    # Networks this small lose more by waiting for a second thread than it gives.
    torch.set_num_threads(1)
    line = ProgressLine()
    try:
        data = read_studio(arguments.data, line)
        options = FitOptions(
            epochs=arguments.epochs,
            seed=arguments.seed,
            hidden=arguments.hidden,
            layers=arguments.layers,
            rate=arguments.rate,
            folds=arguments.folds,
        )
        trained = train_studio(data, arguments.out, options, arguments.scale, line)
    finally:
        line.end()
    print(table(trained))  # noqa: T201 - the command's result


def table(trained: Mapping[str, "TrainedTarget"]) -> str:
    """Return what was measured, a line for each target, and how many beat the mean."""
    width = max(len(name) for name in (*trained, "target"))
    lines = [f"{'target':{width}}  people  training  held out  mean copied  of the motion"]
    better, measured = 0, 0
    for name, target in trained.items():
        line = f"{name:{width}}  {target.characters:6}  {target.training_error:8.3g}"
        if target.held_out is not None:
            held_out = target.held_out
            line += (
                f"  {held_out.error:8.3g}  {held_out.mean_error:11.3g}  {held_out.relative:13.1%}"
            )
            better, measured = better + (held_out.error < held_out.mean_error), measured + 1
        lines.append(line)
    if measured:
        lines.append(f"Better than copying the mean on people held out: {better} of {measured}")
    else:
        lines.append("Nobody was held out: how the model does on a new character is not known.")
    return "\n".join(lines)


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("should be 1 or more")
    return value
