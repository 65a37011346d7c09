import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS, mirrored
from facial_retarget.core.shapes.correct import complete
from facial_retarget.core.shapes.lips import lip_gap
from facial_retarget.core.shapes.shape_set import ShapeSet
from facial_retarget.core.shapes.visemes import VISEME_SETS, viseme_shapes, viseme_weights


def _shapes(names: Sequence[str] = ARKIT_CHANNELS, vertices: int = 4) -> ShapeSet:
    numbers = np.arange(1, len(names) + 1, dtype=np.float32)
    deltas = np.broadcast_to(numbers[:, None, None], (len(names), vertices, 3)).copy()
    ones = np.ones(len(names), np.float32)
    return ShapeSet(tuple(names), deltas, 0.8 * ones, np.ones(vertices, np.float32))


def test_the_oculus_visemes_have_the_names_other_software_knows(root: Path) -> None:
    file = root / "facial_retarget" / "data" / "vocabularies" / "oculus_visemes.json"
    known = json.loads(file.read_text(encoding="utf-8"))
    names = {*known["approximations"], *known["unmapped"]}
    assert set(viseme_weights("oculus")) == names
    assert len(names) == 15
    assert list(viseme_weights("vrm")) == ["A", "I", "U", "E", "O"]


@pytest.mark.parametrize("set_name", VISEME_SETS)
def test_visemes_are_made_of_known_channels_and_the_same_on_both_sides(set_name: str) -> None:
    for viseme, weights in viseme_weights(set_name).items():
        assert set(weights) <= set(ARKIT_CHANNELS), viseme
        assert all(0 < weight <= 1 for weight in weights.values()), viseme
        assert all(weights[mirrored(channel)] == weights[channel] for channel in weights), viseme


def test_a_viseme_is_the_weighted_sum_of_its_channels() -> None:
    shapes = _shapes()
    weights = viseme_weights("oculus")["viseme_aa"]
    expected = sum(w * (ARKIT_CHANNELS.index(channel) + 1) for channel, w in weights.items())
    visemes = viseme_shapes(shapes, "oculus")
    assert visemes.delta("viseme_aa") == pytest.approx(expected, rel=1e-5)
    assert visemes.confidence == pytest.approx(0.8)


def test_a_viseme_whose_channel_is_missing_is_less_sure() -> None:
    without = _shapes([name for name in ARKIT_CHANNELS if name != "jawOpen"])
    visemes = viseme_shapes(without, "oculus")
    sure = dict(zip(visemes.names, visemes.confidence, strict=True))
    assert sure["viseme_aa"] < 0.5
    assert np.isfinite(visemes.deltas).all()


def test_an_unknown_set_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        viseme_shapes(_shapes(), "klingon")


def test_lips_are_closed_in_pp_and_open_in_aa(person: Any) -> None:
    young = person("young")
    deltas = complete(young.mesh, young.registration, young.raw.copy())
    count = len(young.mesh.vertices)
    ones = np.ones(len(ARKIT_CHANNELS), np.float32)
    shapes = ShapeSet(ARKIT_CHANNELS, deltas, ones, np.ones(count, np.float32))
    visemes, mouth = viseme_shapes(shapes, "oculus"), young.anatomy.mouth
    neutral = lip_gap(mouth, np.zeros((len(mouth.rows), 3), np.float32))[0]
    assert lip_gap(mouth, visemes.delta("viseme_PP")[mouth.rows])[0] < neutral + 0.02
    assert lip_gap(mouth, visemes.delta("viseme_sil")[mouth.rows])[0] < neutral + 0.02
    assert lip_gap(mouth, visemes.delta("viseme_aa")[mouth.rows])[0] > 0.4
