"""Models that have not seen what they are tested on."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.errors import FormatError
from facial_retarget.core.mesh import FaceMesh, Floats
from facial_retarget.core.progress import ProgressListener, unheard
from facial_retarget.core.shapes.face_model import FaceModel
from facial_retarget.core.shapes.generate import generate_shapes
from facial_retarget.core.shapes.shape_set import ShapeSet

from .arkit_model import learn_arkit
from .calibrate import Judged
from .config import ShapesConfig
from .evaluate import Fold, Learner, Predict
from .families import Family, PeopleFamily, Person
from .family_out import FamilyLearner, agreements
from .people import learn_people
from .prepare import PrepareOptions, prepare, skin_of
from .prepared import Prepared
from .stages import Arrays, Keep


def people_learner(
    family: PeopleFamily, prepared: Prepared, config: ShapesConfig, folder: Path
) -> Learner:
    """Learn a family's own shapes from a fold's people alone; models are written to `folder`."""

    def learn(fold: Fold) -> Predict:
        known = prepared.only(fold.learned)
        everybody = np.arange(len(fold.learned))
        path = folder / f"{family.name}_without_fold_{fold.number}.onnx"
        # What ships leaves some of the personal part out, for its size.
        regression = replace(config.regression, components=len(fold.learned))
        return learn_people(known, everybody, regression, path)

    return Learner(learn, (config.as_text(), *prepared.arrays.values()))


def family_learner(
    prepared: Mapping[str, Prepared], config: ShapesConfig, folder: Path, keep: Keep
) -> FamilyLearner:
    """Do all that the add-on does, with a model that has learned from the other families alone."""

    @cache
    def model(name: str) -> FaceModel:
        return model_without(name, prepared, config, folder, keep)

    def predict(mesh: FaceMesh, name: str) -> Floats:
        return _by_channel(generate_shapes(mesh, model=model(name)).shapes)

    arrays = (array for family in prepared.values() for array in family.arrays.values())
    return FamilyLearner(predict, (config.as_text(), *arrays))


def model_without(
    name: str,
    prepared: Mapping[str, Prepared],
    config: ShapesConfig,
    folder: Path,
    keep: Keep,
) -> FaceModel:
    """Learn from the other families alone; the predictor is written to `folder`."""
    rest = config.without(name)
    families = [prepared[family] for family in rest.families]
    return learn_arkit(families, folder / f"face_shapes_without_{name}.onnx", rest, keep)


def judged(family: Family, people: Sequence[Person], model: FaceModel) -> Judged:
    """Generate people's shapes, and hold how sure they are to how they agree with their own."""
    several = []
    for person in people:
        mesh = family.mesh(person)
        shapes = generate_shapes(mesh, model=model).shapes
        cosine = agreements(_by_channel(shapes), family, person)[:, 0]
        sureness = dict(zip(shapes.names, shapes.confidence, strict=True))
        sure = np.array([sureness.get(channel, 0.0) for channel in ARKIT_CHANNELS])
        both = (sure > 0) & ~np.isnan(cosine)
        several.append(Judged(sure[both], cosine[both]))
    return Judged.joined(several)


def prepared_people(
    family: PeopleFamily, folder: Path, keep: Keep, progress: ProgressListener = unheard
) -> Prepared:
    """Return what `prepare` wrote of these very people, or prepare them now."""
    with contextlib.suppress(FormatError):
        found = Prepared.load(folder, family.name)
        if _same(found, family):
            return found

    def make() -> Arrays:
        return prepare(family, PrepareOptions(len(family.names)), progress=progress)

    return Prepared(keep("heads", (family.vertices, family.deltas_mm, family.triangles), make))


def _by_channel(shapes: ShapeSet) -> Floats:
    """Return (52, n, 3), zero where a shape is not among them."""
    deltas = np.zeros((len(ARKIT_CHANNELS), *shapes.deltas.shape[1:]), np.float32)
    deltas[[ARKIT_CHANNELS.index(name) for name in shapes.names]] = shapes.deltas
    return deltas


def _same(found: Prepared, family: PeopleFamily) -> bool:
    names: Sequence[str] = [str(name) for name in found.arrays["ids"]]
    skin, triangles = skin_of(family)
    return (
        list(family.names) == names
        and np.array_equal(found.arrays["people"], family.vertices[:, skin])
        and np.array_equal(found.triangles, triangles)
    )
