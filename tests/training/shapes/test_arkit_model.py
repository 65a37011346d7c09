"""What makers agree on, and the model that ships, from one maker's heads."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("fast_simplification")

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.shapes.generate import generate_shapes
from training.shapes.arkit_model import learn_arkit
from training.shapes.config import ShapesConfig
from training.shapes.families import open_family
from training.shapes.family_out import agreement
from training.shapes.prepare import PrepareOptions, prepare
from training.shapes.prepared import Prepared
from training.shapes.regression import RegressionConfig
from training.shapes.stages import Stages


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
