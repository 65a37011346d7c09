"""What makers agree on, and the model that ships, from one maker's heads."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("fast_simplification")

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.shapes.generate import generate_shapes
from training.shapes.arkit_model import OnTemplate, consensus, learn_arkit
from training.shapes.config import ShapesConfig
from training.shapes.families import open_family
from training.shapes.family_out import agreement
from training.shapes.prepare import PrepareOptions, prepare
from training.shapes.prepared import Prepared
from training.shapes.regression import RegressionConfig
from training.shapes.stages import Stages

JAW = ARKIT_CHANNELS.index("jawOpen")
POINTS = 5
DOWN = np.array([0, 0, -1], np.float32)


def maker(name: str, field: np.ndarray, known: bool = True) -> OnTemplate:
    deltas = np.zeros((1, len(ARKIT_CHANNELS), POINTS, 3), np.float32)
    deltas[0, JAW] = field
    mask = np.zeros(len(ARKIT_CHANNELS), bool)
    mask[JAW] = known
    return OnTemplate(name, np.zeros((1, POINTS, 3), np.float32), deltas, mask)


def test_makers_of_different_amplitude_agree_on_the_one_between() -> None:
    field = np.ones((POINTS, 1)) * DOWN
    shapes, doubt = consensus([maker("a", field), maker("b", 4 * field)], np.ones(POINTS, bool))
    assert shapes[JAW] == pytest.approx(2 * field, rel=1e-4)
    assert doubt[JAW].max() < 1e-3


def test_a_maker_who_does_the_opposite_is_outvoted() -> None:
    field = np.linspace(0.1, 1, POINTS)[:, None] * DOWN
    makers = [maker("a", field), maker("b", field), maker("c", field), maker("odd", -field)]
    shapes, doubt = consensus(makers, np.ones(POINTS, bool))
    assert agreement(shapes[JAW], field).cosine > 0.99
    assert 0 < doubt[JAW].max() <= 1


def test_a_maker_without_the_shape_has_no_say() -> None:
    field = np.ones((POINTS, 1)) * DOWN
    shapes, _ = consensus(
        [maker("a", field), maker("b", -field, known=False)], np.ones(POINTS, bool)
    )
    assert shapes[JAW] == pytest.approx(field, rel=1e-4)


def test_what_no_shape_moves_stays_still() -> None:
    moving = np.arange(POINTS) > 1
    shapes, _ = consensus([maker("a", np.ones((POINTS, 1)) * DOWN)], moving)
    assert not shapes[:, ~moving].any()
    assert shapes[JAW, moving].any()


@pytest.mark.slow
def test_a_model_of_one_maker_gives_its_head_its_own_shapes(
    shared: Path, face_model: Path, tmp_path: Path
) -> None:
    family = open_family("makehuman")
    prepared = Prepared(prepare(family, PrepareOptions(people=1)))
    config = ShapesConfig(
        families=("makehuman",),
        drawn=8,
        stylised=3,
        regression=RegressionConfig(patches=8, components=2),
    )
    stages = Stages(tmp_path / "stages")
    model = learn_arkit([prepared], tmp_path / "shapes.onnx", config, stages)
    again = learn_arkit([prepared], tmp_path / "again.onnx", config, stages)
    assert np.array_equal(model.identity.modes, again.identity.modes)
    head = family.average()
    shapes = generate_shapes(family.mesh(head), model=model).shapes
    true = family.arkit.deltas(head.deltas)[:, family.skin]
    cosines = {
        name: agreement(shapes.delta(name)[family.skin], true[ARKIT_CHANNELS.index(name)]).cosine
        for name in ("jawOpen", "mouthSmileLeft", "browInnerUp", "mouthPucker")
    }
    assert min(cosines.values()) > 0.9, cosines
