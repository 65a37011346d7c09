"""How the error falls with the number of people learned from: what more data would be worth.

The true correspondence is given, so that the learning alone is measured, and in minutes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch

from facial_retarget.core.mesh import FaceMesh, Floats
from facial_retarget.core.progress import Progress, ProgressListener, unheard
from facial_retarget.core.shapes.alignment import FaceFrame

from .baselines import CORRESPONDING, Corresponding, Examples
from .evaluate import Fold, PeopleTest
from .metrics import ErrorTally
from .morphable import aligned
from .prepared import Prepared
from .regression import Patches, PatchRegression, RegressionConfig
from .stages import Arrays, Input, Keep, made_anew, source_of

COUNTS: Final = (2, 4, 8, 12, 18, 24)
OURS: Final = "patch by patch regression (ours)"
_DRAWS: Final = 2  # of so many people out of a fold's; all of them can be drawn in one way only
_PEERS: Final = ("mean delta", "nearest person", "ridge on 20 identity components")
_CODE: Final = source_of(
    *(Path(__file__).with_name(f"{name}.py") for name in ("learning_curve", "regression"))
)


@dataclass(frozen=True)
class Point:
    """A method's error, in millimetres, when it has learned from so many people."""

    method: str
    people: int
    millimetres: float


def learning_curve(
    test: PeopleTest,
    prepared: Prepared,
    config: RegressionConfig,
    keep: Keep = made_anew,
    progress: ProgressListener = unheard,
) -> list[Point]:
    """Learn from ever more people of each fold, and test on the fold's own."""
    work = [(fold, count) for fold in test.folds for count in COUNTS if count <= len(fold.learned)]
    tallies: dict[tuple[str, int], list[Floats]] = {}
    for number, (fold, count) in enumerate(work):
        progress(Progress("Learning from ever more people", number, len(work)))
        inputs: list[Input] = [_CODE, str(config), repr(fold), *prepared.arrays.values()]

        def measure(fold: Fold = fold, count: int = count) -> Arrays:
            return _measured(fold, count, test, prepared, config)

        found = keep(f"curve_{fold.number}_{count}", [*inputs, str(count)], measure)
        for method, faces in found.items():
            tallies.setdefault((method, count), []).extend(faces)
    return [
        Point(method, count, ErrorTally(faces).millimetres)
        for (method, count), faces in sorted(tallies.items())
    ]


def _measured(
    fold: Fold, count: int, test: PeopleTest, prepared: Prepared, config: RegressionConfig
) -> Arrays:
    tallies: dict[str, ErrorTally] = {}
    for draw in range(_DRAWS if count < len(fold.learned) else 1):
        rng = np.random.default_rng([fold.number, draw])
        names = [str(name) for name in rng.permutation(fold.learned)[:count]]
        for method, predict in _methods(names, test, prepared, config).items():
            tally = tallies.setdefault(method, ErrorTally())
            for name in fold.tested:
                person = test.family.person(name)
                tally.add(predict(person.vertices), person.deltas)
    return {method: np.stack(tally.faces) for method, tally in tallies.items()}


def _methods(
    names: Sequence[str], test: PeopleTest, prepared: Prepared, config: RegressionConfig
) -> Mapping[str, Corresponding]:
    examples = Examples.of(test.family, names)
    peers = {name: CORRESPONDING[name](examples) for name in _PEERS}
    return {OURS: _regression(prepared.only(names), config), **peers}


def _regression(known: Prepared, config: RegressionConfig) -> Corresponding:
    """Learn in face space as the shipped model does, and predict in metres."""
    target, moving = known.frame.to_face(known.mean), known.moving
    faces, deltas = aligned(known.faces(0, np.random.default_rng(0)), known.deltas, target, moving)
    shapes = deltas.mean(axis=0)
    mean = FaceMesh(faces.mean(axis=0), known.triangles)
    patches = Patches.spread(mean, moving, config)
    doubt = np.zeros(shapes.shape[:2], np.float32)
    network = PatchRegression(faces, shapes, deltas - shapes, patches, doubt, config)
    corners = torch.arange(len(target))[:, None].repeat(1, 3)
    weights = torch.tensor([1.0, 0.0, 0.0]).repeat(len(target), 1)

    def predict(vertices: Floats) -> Floats:
        frame = FaceFrame.fitted(vertices[moving], target[moving])
        with torch.no_grad():
            face = torch.from_numpy(frame.to_face(vertices).astype(np.float32))
            predicted = network(face, corners, weights)[0].numpy()
        moved: Floats = frame.turned_to_mesh(predicted) * np.float32(frame.scale)
        return moved

    return predict


def draw_curve(points: Sequence[Point], path: Path) -> None:
    """Draw the errors over the number of people as a picture."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 3.8), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for method in (OURS, *_PEERS):
        curve = [(point.people, point.millimetres) for point in points if point.method == method]
        axes.plot(*zip(*curve, strict=True), "o-" if method == OURS else ".--", label=method)
    axes.set_xlabel("people learned from")
    axes.set_ylabel("mean error where it moves, mm")
    axes.set_title("VALID's people never seen, true correspondence given", fontsize=10)
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def curve_table(points: Sequence[Point]) -> str:
    """Write the points as a Markdown table, a row for each number of people."""
    error: dict[tuple[str, int], float] = {
        (point.method, point.people): point.millimetres for point in points
    }
    methods = (OURS, *_PEERS)
    lines = [f"| people | {' | '.join(methods)} |", "|---" * (len(methods) + 1) + "|"]
    for count in sorted({point.people for point in points}):
        cells = [f"{error[method, count]:.3f}" for method in methods]
        lines.append(f"| {count} | {' | '.join(cells)} |")
    return "\n".join(lines)
