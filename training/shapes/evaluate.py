"""Predicted shapes against people's own: VALID's table, fold by fold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

import facial_retarget.core.shapes
from facial_retarget.core.mesh import FaceMesh, Floats
from facial_retarget.core.progress import Progress, ProgressListener, unheard

from .baselines import CORRESPONDING, Examples, closest_point_copy
from .families import PeopleFamily
from .folds import FOLD_COUNT, folds
from .metrics import ErrorTally
from .remesh import Remeshed, decimated
from .stages import Arrays, Input, Keep, made_anew, source_of

# Takes a mesh; returns (shapes, m, 3) metres.
Predict = Callable[[FaceMesh], Floats]
# By method and form of the mesh.
Tallies: TypeAlias = dict[tuple[str, str], ErrorTally]

NATIVE: Final = "native"
COPY: Final = "closest-point copy of the mean, no correspondence"
OURS: Final = "ours, no correspondence"

_HERE: Final = Path(__file__).parent
_BASELINES: Final = source_of(
    *(_HERE / f"{name}.py" for name in ("baselines", "deformation_transfer", "evaluate", "remesh"))
)
_CODE: Final = source_of(_HERE, Path(facial_retarget.core.shapes.__file__).parent)


@dataclass(frozen=True)
class Fold:
    """Whom a model is tested on, and whom it may learn from."""

    number: int
    tested: tuple[str, ...]
    learned: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Learner:
    """What learns from a fold's people. inputs: all that its models depend on besides them."""

    learn: Callable[[Fold], Predict]
    inputs: Sequence[Input] = ()


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


@dataclass(frozen=True)
class PeopleTest:
    """A family's people, each tested once, on its own mesh and on coarser ones.

    remeshings: shares of the triangles to keep.
    """

    family: PeopleFamily
    remeshings: Sequence[float] = ()

    @property
    def folds(self) -> list[Fold]:
        """All folds that have somebody to test and somebody to learn from."""
        split, names = folds(self.family.groups), self.family.names
        every = [
            Fold(
                number,
                tuple(name for name in names if split[name] == number),
                tuple(name for name in names if split[name] != number),
            )
            for number in range(FOLD_COUNT)
        ]
        return [fold for fold in every if fold.tested and fold.learned]

    def measure(
        self,
        fold: Fold,
        learner: Learner | None = None,
        keep: Keep = made_anew,
        progress: ProgressListener = unheard,
    ) -> Tallies:
        """Test a fold's people by the baselines, and by what the learner makes of the others."""
        family = self.family
        heads = (family.vertices, family.deltas_mm, family.triangles)
        inputs = (*heads, repr(fold), repr(list(self.remeshings)))

        def baselines() -> Arrays:
            return _packed(self._baselines(fold, progress))

        found = _unpacked(keep(f"baselines_{fold.number}", (_BASELINES, *inputs), baselines))
        if learner:

            def ours() -> Arrays:
                return _packed(self._predicted(fold, {OURS: learner.learn(fold)}, progress))

            depends = (_CODE, *inputs, *learner.inputs)
            found |= _unpacked(keep(f"ours_{fold.number}", depends, ours))
        return found

    def _baselines(self, fold: Fold, progress: ProgressListener) -> Tallies:
        examples = Examples.of(self.family, fold.learned)
        fitted = {name: fit(examples) for name, fit in CORRESPONDING.items()}
        tallies = self._predicted(fold, {COPY: closest_point_copy(examples)}, progress)
        for method, predict in fitted.items():
            tally = tallies[method, NATIVE] = ErrorTally()
            for name in fold.tested:
                person = self.family.person(name)
                tally.add(predict(person.vertices), person.deltas)
        return tallies

    def _predicted(
        self, fold: Fold, methods: Mapping[str, Predict], progress: ProgressListener
    ) -> Tallies:
        tallies: Tallies = {}
        step = f"Fold {fold.number}: {', '.join(methods)}"
        for number, name in enumerate(fold.tested):
            progress(Progress(step, number, len(fold.tested)))
            person = self.family.person(name)
            for form, face in self._forms(person.vertices).items():
                true = face.deltas(person.deltas)
                for method, predict in methods.items():
                    tally = tallies.setdefault((method, form), ErrorTally())
                    tally.add(predict(face.mesh), true)
        return tallies

    def _forms(self, vertices: Floats) -> dict[str, Remeshed]:
        triangles = self.family.triangles
        coarser = {
            f"remeshed {ratio:.0%}": decimated(vertices, triangles, ratio)
            for ratio in self.remeshings
        }
        return {NATIVE: Remeshed.unchanged(vertices, triangles), **coarser}


def rows_of(found: Sequence[Tallies]) -> list[Row]:
    """Bring the folds' figures together."""
    together: Tallies = {}
    for tallies in found:
        for key, tally in tallies.items():
            before = together.get(key, ErrorTally())
            together[key] = ErrorTally([*before.faces, *tally.faces])
    return [
        Row(method, form, tally.millimetres, tally.relative, tally.millimetres_by_shape)
        for (method, form), tally in together.items()
    ]


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


def _packed(tallies: Tallies) -> Arrays:
    return {
        "names": np.array(list(tallies)),
        "faces": np.array([np.stack(tally.faces) for tally in tallies.values()]),
    }


def _unpacked(arrays: Arrays) -> Tallies:
    names = [(str(method), str(form)) for method, form in arrays["names"]]
    return {
        name: ErrorTally(list(faces)) for name, faces in zip(names, arrays["faces"], strict=True)
    }
