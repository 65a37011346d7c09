"""Predicted shapes against people's own: VALID's table, fold by fold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from facial_retarget.core.mesh import FaceMesh, Floats
from facial_retarget.core.progress import Progress, ProgressListener, unheard

from .baselines import CORRESPONDING, Examples, closest_point_copy
from .families import PeopleFamily
from .folds import FOLD_COUNT, folds
from .metrics import ErrorTally
from .remesh import Remeshed, decimated

# Takes a mesh; returns (shapes, m, 3) metres.
Predict = Callable[[FaceMesh], Floats]
# Takes the people to learn from and the number of the fold that is kept for the test.
Learn = Callable[[Sequence[str], int], Predict]

NATIVE: Final = "native"
COPY: Final = "closest-point copy of the mean, no correspondence"
OURS: Final = "ours, no correspondence"


@dataclass(frozen=True)
class Row:
    """One line of the table: a method's error on one form of the meshes.

    millimetres and relative: over all moving vertices. by_shape: millimetres, every shape of every
    person counting the same.
    """

    method: str
    mesh: str
    millimetres: float
    relative: float
    by_shape: float


def evaluate_people(
    family: PeopleFamily,
    remeshings: Sequence[float] = (),
    learn: Learn | None = None,
    progress: ProgressListener = unheard,
) -> list[Row]:
    """Test every person once, by what was learned from the other folds.

    remeshings: shares of the triangles to keep; the native mesh is always tested too. learn: makes
    the model to be measured beside the baselines.
    """
    split = folds(family.groups)
    forms = [NATIVE, *(f"remeshed {ratio:.0%}" for ratio in remeshings)]
    tallies: dict[tuple[str, str], ErrorTally] = {}
    done = 0
    for fold in range(FOLD_COUNT):
        tested = [name for name in family.names if split[name] == fold]
        learned = [name for name in family.names if split[name] != fold]
        if not tested or not learned:
            continue
        examples = Examples.of(family, learned)
        corresponding = {name: fit(examples) for name, fit in CORRESPONDING.items()}
        free = {COPY: closest_point_copy(examples)}
        if learn:
            free[OURS] = learn(learned, fold)
        for name in tested:
            progress(Progress("Measuring", done, len(family.names)))
            done += 1
            person = family.person(name)
            for method, baseline in corresponding.items():
                predicted = baseline(person.vertices)
                _tally(tallies, method, NATIVE).add(predicted, person.deltas)
            for form, face in zip(forms, _forms(family, person.vertices, remeshings), strict=True):
                true = face.deltas(person.deltas)
                for method, predict in free.items():
                    _tally(tallies, method, form).add(predict(face.mesh), true)
    return [
        Row(method, form, tally.millimetres, tally.relative, tally.millimetres_by_shape)
        for (method, form), tally in tallies.items()
    ]


def _forms(family: PeopleFamily, vertices: Floats, remeshings: Sequence[float]) -> list[Remeshed]:
    native = Remeshed.unchanged(vertices, family.triangles)
    return [native, *(decimated(vertices, family.triangles, ratio) for ratio in remeshings)]


def _tally(tallies: dict[tuple[str, str], ErrorTally], method: str, form: str) -> ErrorTally:
    return tallies.setdefault((method, form), ErrorTally())


def table(rows: Sequence[Row]) -> str:
    """Write the rows as a Markdown table."""
    lines = [
        "| method | mesh | MAE mm | relative | mm, mean over shapes |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.method} | {row.mesh} | {row.millimetres:.3f} | {row.relative:.1%} "
        f"| {row.by_shape:.3f} |"
        for row in rows
    ]
    return "\n".join(lines)
