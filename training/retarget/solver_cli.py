"""`python -m training retarget frames|prepare|solver|evaluate|export`: the model face_solver."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from facial_retarget.console import ProgressLine
from facial_retarget.core.runtime import MODELS_FOLDER

if TYPE_CHECKING:
    from ..shapes.stages import Arrays
    from .network import SolverNetwork

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

CONFIG: Final = Path(__file__).parents[1] / "data" / "face_solver.toml"
FOLDER: Final = Path("build") / "training" / "retarget" / "solver"
_PREPARED: Final = "prepared.npz"
_NETWORK: Final = "network.pt"
LICENCE: Final = "CC0-1.0 AND MIT"


def add_solver(commands: Commands) -> None:
    """Add the commands to the group `retarget`, in the order in which they are run."""
    frames = added(commands, "frames", "film heads of known weights and track them", _film)
    frames.add_argument(
        "--part", type=int, nargs=2, default=(0, 1), metavar=("K", "N"),
        help="film the K-th of N parts, counted from 0: one for each process",
    )  # fmt: skip
    added(commands, "prepare", "make the filmed frames ready for learning", _prepare)
    added(commands, "solver", "train the solver that ships", _train)
    added(commands, "evaluate", "measure the trained solver on people never seen", _evaluate)
    export = added(commands, "export", "put the trained solver among the add-on's models", _export)
    export.add_argument("--models", type=Path, default=MODELS_FOLDER, metavar="DIR")


def added(
    commands: Commands, name: str, text: str, handler: object, config: Path = CONFIG,
    folder: Path = FOLDER,
) -> argparse.ArgumentParser:  # fmt: skip
    """Add a command that takes settings and a folder."""
    parser = commands.add_parser(name, help=text, description=f"{text.capitalize()}.")
    parser.add_argument("--config", type=Path, default=config, metavar="FILE")
    parser.add_argument("--folder", type=Path, default=folder, metavar="DIR")
    parser.set_defaults(handler=handler)
    return parser


def _film(arguments: argparse.Namespace) -> None:
    """Go on where a stopped run was: everybody filmed is a file of their own."""
    from .config import SolverConfig
    from .frames import film_all

    line = ProgressLine()
    config = SolverConfig.read(arguments.config).frames
    film_all(config, arguments.folder / "frames", tuple(arguments.part), line)
    line.end()


def _prepare(arguments: argparse.Namespace) -> None:
    import numpy as np

    from .config import SolverConfig
    from .frames import FilmCrew
    from .preparing import prepare

    config = SolverConfig.read(arguments.config).frames
    arrays = prepare(FilmCrew(config), arguments.folder / "frames", config.seed)
    np.savez(arguments.folder / _PREPARED, allow_pickle=False, **arrays)


def _train(arguments: argparse.Namespace) -> None:
    import torch

    from .config import SolverConfig
    from .trainer import train

    line = ProgressLine()
    config = SolverConfig.read(arguments.config).training
    network = train(_arrays(arguments), config, line)
    line.end()
    torch.save(network.state_dict(), arguments.folder / _NETWORK)


def _evaluate(arguments: argparse.Namespace) -> None:
    from .judging import HEADING, Figures, linear_solver, tracker_scores, with_best_gains
    from .preparing import FEWEST
    from .trainer import Frames, judge

    arrays = _arrays(arguments)
    held_out = Frames(arrays, "validation")
    found = judge(_network(arguments, arrays), held_out)
    live = judge(_network(arguments, arrays), held_out, ahead=False)
    scores = tracker_scores(arguments.folder / "frames", "validation", FEWEST)
    gained = with_best_gains(scores, found.true, found.known)
    linear = linear_solver(Frames(arrays, "train"), held_out)
    print(HEADING)  # noqa: T201 - the command's result
    for name, read in (
        ("tracker's scores", scores),
        ("with the best gains", gained),
        ("ridge regression on one frame", linear),
        ("solver, no look ahead", live.weights),
        ("solver", found.weights),
    ):
        print(Figures.of(read, found.true, found.known).line(name))  # noqa: T201 - the command's result


def _export(arguments: argparse.Namespace) -> None:
    from ..model_index import put_model
    from .judging import tracker_scores
    from .network import DeployedSolver
    from .preparing import FEWEST
    from .solver_export import choices, export_solver
    from .trainer import Frames, judge

    arrays = _arrays(arguments)
    network = _network(arguments, arrays)
    bases = (arrays[name] for name in ("directions", "people", "mean_person"))
    file = arguments.folder / "face_solver.onnx"
    found = judge(network, Frames(arrays, "validation"))
    scores = tracker_scores(arguments.folder / "frames", "validation", FEWEST)
    reliability, tracker = choices(found, scores)
    export_solver(DeployedSolver(network, *bases), file, reliability, tracker)
    print(put_model(file, "face_solver", LICENCE, arguments.models))  # noqa: T201 - the command's result


def _network(arguments: argparse.Namespace, arrays: "Arrays") -> "SolverNetwork":
    import torch

    from .config import SolverConfig
    from .network import SolverNetwork

    config = SolverConfig.read(arguments.config).training
    network = SolverNetwork.fitting(arrays, config)
    network.load_state_dict(torch.load(arguments.folder / _NETWORK, weights_only=True))
    network.eval()
    return network


def _arrays(arguments: argparse.Namespace) -> "Arrays":
    import numpy as np

    from facial_retarget.core.errors import FormatError

    path = arguments.folder / _PREPARED
    try:
        with np.load(path, allow_pickle=False) as data:
            return dict(data)
    except (OSError, ValueError) as error:
        raise FormatError(f"{path} holds nothing prepared. Run `prepare` first.") from error
