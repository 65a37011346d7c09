"""How a maker's own shapes make ARKit's."""

import json
from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS
from training.shapes import arkit
from training.shapes.arkit import ArkitMap

TABLE = {
    "maker": {
        "browInnerUp": ["brow_L", "brow_R"],
        "mouthClose": {"mouthClose": 2.0, "jawOpen": -1.0},
        "mouthShrugUpper": [],
    }
}
SHAPES = ("brow_L", "brow_R", "mouthClose", "jawOpen", "mouthShrugUpper")


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, np.ndarray]:
    (tmp_path / "maps.json").write_text(json.dumps(TABLE))
    monkeypatch.setattr(arkit, "_TABLES", tmp_path / "maps.json")
    own = ArkitMap.of("maker", SHAPES)
    shapes = np.eye(len(SHAPES), dtype=np.float32)[:, :, None] * np.ones(3, np.float32)
    deltas = dict(zip(ARKIT_CHANNELS, own.deltas(shapes), strict=True))
    return {name: deltas[name][:, 0] for name in own.channels()}


def test_shapes_of_both_sides_are_added(made: dict[str, np.ndarray]) -> None:
    assert made["browInnerUp"].tolist() == [1, 1, 0, 0, 0]


def test_what_a_maker_put_into_a_shape_is_taken_out(made: dict[str, np.ndarray]) -> None:
    assert made["mouthClose"].tolist() == [0, 0, 2, -1, 0]


def test_a_shape_of_the_same_name_needs_no_entry_and_an_empty_one_makes_it_unknown(
    made: dict[str, np.ndarray],
) -> None:
    assert made["jawOpen"].tolist() == [0, 0, 0, 1, 0]
    assert set(made) == {"browInnerUp", "mouthClose", "jawOpen"}
