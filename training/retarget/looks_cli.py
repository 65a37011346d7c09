"""`python -m training retarget observe|looks|evaluate-looks|export-looks`: what pictures tell.

Film first: `frames --config training/data/face_looks.toml --folder build/training/retarget/looks`.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from facial_retarget.console import ProgressLine
from facial_retarget.core.runtime import MODELS_FOLDER

from .solver_cli import LICENCE, Commands, added

if TYPE_CHECKING:
    from .looks_data import Looks
    from .looks_network import LooksNetwork

CONFIG: Final = Path(__file__).parents[1] / "data" / "face_looks.toml"
FOLDER: Final = Path("build") / "training" / "retarget" / "looks"
_NETWORK: Final = "looks.pt"


def add_looks(commands: Commands) -> None:
    """Add the commands to the group `retarget`, in the order in which they are run."""

    def add(name: str, text: str, handler: object) -> argparse.ArgumentParser:
        return added(commands, name, text, handler, CONFIG, FOLDER)

    observe = add("observe", "measure what points and pictures hold of each channel", _observe)
    observe.add_argument("--people", type=int, default=6)
    observe.add_argument("--takes", type=int, default=20)
    add("looks", "train the network that looks at faces", _train)
    evaluate = add("evaluate-looks", "measure it on people never seen", _evaluate)
    evaluate.add_argument("--split", choices=("validation", "test"), default="validation")
    export = add("export-looks", "put it among the add-on's models", _export)
    export.add_argument("--models", type=Path, default=MODELS_FOLDER, metavar="DIR")


def _observe(arguments: argparse.Namespace) -> None:
    from facial_retarget.core.progress import Progress

    from .config import SolverConfig
    from .observability import observe, table

    line, found = ProgressLine(), []
    config = SolverConfig.read(arguments.config).frames
    for figures in observe(config, arguments.people, arguments.takes):
        found.append(figures)
        line(Progress("Filming people", len(found), arguments.people))
    line.end()
    print(table(found))  # noqa: T201 - the command's result


def _train(arguments: argparse.Namespace) -> None:
    import torch

    from .config import SolverConfig
    from .looks_trainer import train_looks

    line = ProgressLine()
    config = SolverConfig.read(arguments.config).training
    network = train_looks(_looks(arguments, "train"), config, line)
    line.end()
    torch.save(network.state_dict(), arguments.folder / _NETWORK)


def _evaluate(arguments: argparse.Namespace) -> None:
    from .judging import HEADING, Figures
    from .looks_trainer import judge_looks

    looks = _looks(arguments, arguments.split)
    found = judge_looks(_network(arguments), looks)
    print(HEADING)  # noqa: T201 - the command's result
    for name, read in (
        ("tracker's scores", looks.scores),
        ("solver, points alone", looks.read),
        ("points and looks", found.weights),
    ):
        print(Figures.of(read, found.true, found.known).line(name))  # noqa: T201 - the command's result


def _export(arguments: argparse.Namespace) -> None:
    from facial_retarget.core.capture.solver import FaceSolver

    from ..model_index import put_model
    from .looks_network import DeployedLooks
    from .looks_trainer import judge_looks
    from .solver_export import export_looks, looks_choices, looks_tell

    network, looks = _network(arguments), _looks(arguments, "validation")
    file = arguments.folder / "face_looks.onnx"
    reliability, tracker = looks_choices(judge_looks(network, looks), FaceSolver.opened())
    export_looks(DeployedLooks(network, looks_tell()), file, reliability, tracker)
    print(put_model(file, "face_looks", LICENCE, arguments.models))  # noqa: T201 - the command's result


def _looks(arguments: argparse.Namespace, split: str) -> "Looks":
    from facial_retarget.core.capture.solver import FaceSolver

    from .config import SolverConfig
    from .looks_data import Looks

    seed = SolverConfig.read(arguments.config).training.seed
    return Looks.gathered(arguments.folder / "frames", split, FaceSolver.opened(), seed)


def _network(arguments: argparse.Namespace) -> "LooksNetwork":
    import torch

    from .config import SolverConfig
    from .looks_network import LooksNetwork

    config = SolverConfig.read(arguments.config).training
    network = LooksNetwork(config.width, config.hidden, config.dropout)
    network.load_state_dict(torch.load(arguments.folder / _NETWORK, weights_only=True))
    network.eval()
    return network
