"""Trains a network from landmarks to the values of any rig: split, train, choose, test, export.

The founding idea of this project in its general form. What comes of it is run by
core.retarget.trained.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from facial_retarget.core.errors import OutputError
from facial_retarget.core.output import whole_file
from facial_retarget.core.progress import ProgressListener, unheard
from facial_retarget.core.retarget.trained import Description, prepared

from ..speech.config import RunConfig
from ..speech.trainer import Place, load_network, train
from .general_data import Take, Takes
from .general_networks import Learned, Solver, dense_solver, linear_solver, temporal_solver

Floats = NDArray[np.float32]
Maker = Callable[[Learned, float, int], Solver]

LINEAR: Final = "linear"
TEMPORAL: Final = "temporal"
NETWORKS: Final[Mapping[str, Maker]] = {"dense": dense_solver, TEMPORAL: temporal_solver}
PARTS: Final = ("train", "validation", "test")

_WINDOW: Final = 64  # frames
_MOST_FOR_REFERENCE: Final = 5000  # frames
_MOVED: Final = 1e-6
# Strengths of ridge regression, of all variance; the takes to choose by say which.
_SOFTNESSES: Final = (1e-8, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2)


@dataclass(frozen=True)
class GeneralOptions:
    """How the networks are trained. hidden: their width. rate: the learning rate at its peak."""

    steps: int = 1500
    batch: int = 32
    hidden: int = 96
    rate: float = 2e-3
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Rows:
    """A take as the networks see it: (frames, numbers) and (frames, values)."""

    take: Take
    landmarks: Floats
    target: Floats


@dataclass(frozen=True)
class Figures:
    """What a network is worth on takes that it was not trained on, a number for each value.

    error: mean absolute, in the rig's units. correlation: 0 where a value did not move. mean: the
    error of always giving the mean of what was learned from. linear: that of ridge regression.
    """

    names: tuple[str, ...]
    error: tuple[float, ...]
    correlation: tuple[float, ...]
    mean: tuple[float, ...]
    linear: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class TrainedSolver:
    """What came of it. validation: mean error in spreads of each kind. parts: files in each."""

    network: Solver
    about: Description
    kind: str
    validation: Mapping[str, float]
    figures: Figures
    parts: Mapping[str, tuple[Take, ...]]
    options: GeneralOptions


class SolverTask:
    """What the training loop asks for; windows of a step are the same whenever it is taken."""

    def __init__(
        self, network: Solver, rows: Mapping[str, Sequence[Rows]], options: GeneralOptions
    ) -> None:
        self.network = network
        self._learned = rows["train"]
        self._chosen_by = rows["validation"]
        self._options = options

    def loss(self, step: int) -> Tensor:
        """Return the mean absolute error, in spreads, over windows drawn at random."""
        device = self.network.get_buffer("middle").device
        rows, wanted = (torch.from_numpy(part).to(device) for part in self._windows(step))
        # Half the digits are too few for a value that should be right to a thousandth.
        with torch.autocast(device.type, enabled=False):
            missed = self.network.standard(rows) - self.network.standardised(wanted)
            return torch.nn.functional.smooth_l1_loss(missed, torch.zeros_like(missed), beta=0.1)

    def validate(self) -> Mapping[str, float]:
        """Return the mean error in spreads on the takes to choose by."""
        return {"error": error_in_spreads(self.network, self._chosen_by)}

    def _windows(self, step: int) -> tuple[Floats, Floats]:
        random = np.random.default_rng((self._options.seed, step))
        lengths = np.array([len(rows.target) for rows in self._learned])
        length = int(min(_WINDOW, lengths.min()))
        chosen = random.choice(len(lengths), self._options.batch, p=lengths / lengths.sum())
        starts = random.integers(0, lengths[chosen] - length + 1)
        pairs = [
            (self._learned[take], slice(start, start + length))
            for take, start in zip(chosen.tolist(), starts.tolist(), strict=True)
        ]
        return (
            np.stack([rows.landmarks[part] for rows, part in pairs]),
            np.stack([rows.target[part] for rows, part in pairs]),
        )


def train_general(
    folder: Path,
    out: Path,
    options: GeneralOptions = GeneralOptions(),
    say: Callable[[str], None] = print,
    progress: ProgressListener = unheard,
) -> TrainedSolver:
    """Train a dense and a temporal network on a folder of takes, and keep the better one.

    Ridge regression, which both begin as, is kept where neither betters it on takes that were not
    learned from.

    Stopped, the same call goes on from its last checkpoint, under `out`/work. Raises FormatError
    where the takes are too few or contradict one another, OutputError where `out` cannot be made.
    """
    takes = Takes.read(folder, progress)
    parts = takes.split(options.seed)
    reference = _reference(parts["train"])
    rows = {
        part: [Rows(take, prepared(take.landmarks, reference), take.target) for take in those]
        for part, those in parts.items()
    }
    work = _work_folder(out, takes, options)
    learned = Learned.of(
        np.concatenate([take.landmarks for take in rows["train"]]),
        np.concatenate([take.target for take in rows["train"]]),
    )
    linear, softness = _ridge(learned, rows["validation"])
    networks = {LINEAR: linear}
    for kind, make in NETWORKS.items():
        torch.manual_seed(options.seed)
        network = make(learned, softness, options.hidden)
        networks[kind] = _trained(network, rows, work / kind, options, say)
    validation = {
        kind: error_in_spreads(network, rows["validation"]) for kind, network in networks.items()
    }
    kind = min(validation, key=lambda name: validation[name])
    return TrainedSolver(
        network=networks[kind],
        about=Description(
            takes.names, takes.shape, reference, takes.rate if kind == TEMPORAL else 0.0
        ),
        kind=kind,
        validation=validation,
        figures=_figures(networks[kind], linear, takes.names, rows),
        parts=parts,
        options=options,
    )


def predicted(network: Solver, rows: Rows) -> Floats:
    """Return the (frames, values) that a network makes of a take."""
    with torch.no_grad():
        values: Floats = network(torch.from_numpy(rows.landmarks)[None])[0].numpy()
    return values


def error_in_spreads(network: Solver, takes: Sequence[Rows]) -> float:
    """Return the mean absolute error over takes, each value in its spread when it was learned."""
    device = network.get_buffer("middle").device
    errors = [
        torch.abs(
            network.standard(torch.from_numpy(rows.landmarks)[None].to(device))
            - network.standardised(torch.from_numpy(rows.target)[None].to(device))
        )[0]
        for rows in takes
    ]
    return float(torch.cat(errors).mean().detach())


def _reference(takes: Sequence[Take]) -> NDArray[np.float64] | None:
    """Return the mean face of takes of points, None for plain numbers."""
    if takes[0].landmarks.ndim == 2:
        return None
    points = np.concatenate([take.landmarks for take in takes])
    points = points[:: max(len(points) // _MOST_FOR_REFERENCE, 1)].astype(np.float64)
    reference: NDArray[np.float64] = points[0]
    for _ in range(3):  # generalised Procrustes: align to the mean, take the mean again
        reference = prepared(points, reference).reshape(points.shape).mean(axis=0, dtype=np.float64)
    size = np.sqrt(np.square(reference - reference.mean(axis=0)).sum(axis=1).mean())
    return np.asarray((reference - reference.mean(axis=0)) / max(size, 1e-12), np.float64)


def _work_folder(out: Path, takes: Takes, options: GeneralOptions) -> Path:
    """Return a folder of its own for these takes and options, with the options written down."""
    digest = hashlib.sha256(json.dumps([asdict(options), takes.names, takes.shape]).encode())
    for take in takes.takes:
        digest.update(f"{take.file} {take.person} {take.rate}".encode())
        digest.update(take.landmarks.tobytes())
        digest.update(take.target.tobytes())
    work = out / "work" / digest.hexdigest()[:16]
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"The folder {work} cannot be made: {error.strerror or error}. Choose another."
        ) from error
    with whole_file(work / "options.json") as part:
        part.write_text(json.dumps(asdict(options), indent=1), encoding="utf-8")
    return work


def _ridge(learned: Learned, chosen_by: Sequence[Rows]) -> tuple[Solver, float]:
    """Return ridge regression of the strength that does best on other takes, and that strength."""
    tried = [(linear_solver(learned, softness), softness) for softness in _SOFTNESSES]
    return min(tried, key=lambda pair: error_in_spreads(pair[0], chosen_by))


def _trained(
    network: Solver,
    rows: Mapping[str, Sequence[Rows]],
    folder: Path,
    options: GeneralOptions,
    say: Callable[[str], None],
) -> Solver:
    run = RunConfig(options.steps, options.batch, options.rate)
    task = SolverTask(network, rows, options)
    train(task, run, folder, Place.here(), lambda text: say(f"{folder.name}: {text}"))
    load_network(network.cpu(), folder)
    return network


def _figures(
    network: Solver, linear: Solver, names: tuple[str, ...], rows: Mapping[str, Sequence[Rows]]
) -> Figures:
    wanted = np.concatenate([take.target for take in rows["test"]])
    made, of_ridge = (
        np.concatenate([predicted(solver, take) for take in rows["test"]])
        for solver in (network, linear)
    )
    mean = np.concatenate([take.target for take in rows["train"]]).mean(axis=0)

    def errors(values: Floats) -> tuple[float, ...]:
        return tuple(np.abs(values - wanted).mean(axis=0).tolist())

    return Figures(
        names, errors(made), _correlations(made, wanted), errors(mean[None]), errors(of_ridge)
    )


def _correlations(made: Floats, wanted: Floats) -> tuple[float, ...]:
    made, wanted = made - made.mean(axis=0), wanted - wanted.mean(axis=0)
    sizes = np.sqrt(np.square(made).sum(axis=0) * np.square(wanted).sum(axis=0))
    moved = sizes > _MOVED
    products = (made * wanted).sum(axis=0)
    return tuple(np.where(moved, products / np.where(moved, sizes, 1), 0).tolist())


def as_json(trained: TrainedSolver) -> dict[str, Any]:
    """Return what was measured, as plain data."""
    return {
        "kind": trained.kind,
        "validation": dict(trained.validation),
        "test": asdict(trained.figures),
        "parts": {part: [take.file for take in trained.parts[part]] for part in PARTS},
        "options": asdict(trained.options),
    }
