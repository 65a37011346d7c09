"""`python -m training retarget train`: a network from landmarks to the values of any rig."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from facial_retarget.console import ProgressLine

if TYPE_CHECKING:
    from .general import TrainedSolver

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

OUT: Final = Path("build") / "training" / "retarget" / "trained"
_WORST: Final = 5


def add_train(commands: Commands) -> None:
    """Add the command `train` to the group `retarget`."""
    command = commands.add_parser(
        "train",
        help=str(train_any_rig.__doc__),
        description=_about(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(handler=train_any_rig)
    add = command.add_argument
    add("--data", type=Path, required=True, metavar="DIR", help="the folder of the takes (.npz)")
    add("--out", type=Path, default=OUT, metavar="DIR", help=f"where to put it ({OUT})")
    add("--steps", type=_positive, default=1500, help="how often each network is bettered")
    add("--batch", type=_positive, default=32, help="how many pieces of takes are in a step")
    add("--hidden", type=_positive, default=96, help="the width of the networks")
    add("--rate", type=float, default=2e-3, help="the learning rate at its peak")
    add("--seed", type=int, default=0, help="of the split and the weights; same seed, same model")


def train_any_rig(arguments: argparse.Namespace) -> None:
    """Train a network from landmarks to the values of any rig."""
    import torch

    from .general import GeneralOptions, train_general
    from .general_export import save_trained

    # Networks this small lose more by waiting for a second thread than it gives.
    torch.set_num_threads(1)
    line = ProgressLine()
    options = GeneralOptions(
        arguments.steps, arguments.batch, arguments.hidden, arguments.rate, arguments.seed
    )
    try:
        trained = train_general(arguments.data, arguments.out, options, progress=line)
    finally:
        line.end()
    path = save_trained(trained, arguments.out)
    print(summary(trained))  # noqa: T201 - the command's result
    print(f"{path}, with its card, figures.json, curves.png and errors.png beside it")  # noqa: T201


def summary(trained: "TrainedSolver") -> str:
    """Return what was measured, in a few lines."""
    figures = trained.figures
    error, mean, linear = (
        sum(values) / len(values) for values in (figures.error, figures.mean, figures.linear)
    )
    worst = sorted(zip(figures.error, figures.names, strict=True), reverse=True)[:_WORST]
    return "\n".join(
        (
            f"Of ridge regression and two networks, the {trained.kind} one was the best on the "
            "takes to choose by.",
            f"Mean error on the test takes: {error:.4g}; of ridge regression {linear:.4g}, "
            f"of always giving the mean {mean:.4g}.",
            "Least well: " + ", ".join(f"{name} {error:.3g}" for error, name in worst),
        )
    )


def _about() -> str:
    from . import general_data

    return str(general_data.__doc__)


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("should be 1 or more")
    return value
