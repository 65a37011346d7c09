"""What makers agree on."""

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")

from facial_retarget.core.channels import ARKIT_CHANNELS
from training.shapes.arkit_model import OnTemplate
from training.shapes.consensus import consensus, symmetric
from training.shapes.metrics import agreement

JAW = ARKIT_CHANNELS.index("jawOpen")
POINTS = 60  # of a strip
TRIANGLES = (np.arange(POINTS - 2)[:, None] + np.arange(3)).astype(np.int32)
DOWN = np.array([0, 0, -1], np.float32)


def maker(name: str, field: np.ndarray, known: bool = True) -> OnTemplate:
    deltas = np.zeros((1, len(ARKIT_CHANNELS), POINTS, 3), np.float32)
    deltas[0, JAW] = field
    mask = np.zeros(len(ARKIT_CHANNELS), bool)
    mask[JAW] = known
    return OnTemplate(name, np.zeros((1, POINTS, 3), np.float32), deltas, mask)


def agreed(*makers: OnTemplate, moving: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    everywhere = np.ones(POINTS, bool) if moving is None else moving
    return consensus(makers, everywhere, TRIANGLES, np.arange(POINTS))


def test_makers_of_different_amplitude_agree_on_the_one_between() -> None:
    field = np.ones((POINTS, 1)) * DOWN
    shapes, doubt = agreed(maker("a", field), maker("b", 4 * field))
    assert shapes[JAW] == pytest.approx(2 * field, rel=1e-4)
    assert doubt[JAW].max() < 1e-3


def test_a_maker_who_does_the_opposite_is_outvoted() -> None:
    field = np.linspace(0.1, 1, POINTS)[:, None] * DOWN
    makers = [maker("a", field), maker("b", field), maker("c", field), maker("odd", -field)]
    shapes, doubt = agreed(*makers)
    assert agreement(shapes[JAW], field).cosine > 0.99
    assert 0 < doubt[JAW].max() <= 1


def test_a_maker_without_the_shape_has_no_say() -> None:
    field = np.ones((POINTS, 1)) * DOWN
    shapes, _ = agreed(maker("a", field), maker("b", -field, known=False))
    assert shapes[JAW] == pytest.approx(field, rel=1e-4)


def test_what_no_shape_moves_stays_still() -> None:
    moving = np.arange(POINTS) > 1
    shapes, _ = agreed(maker("a", np.ones((POINTS, 1)) * DOWN), moving=moving)
    assert not shapes[:, ~moving].any()
    assert shapes[JAW, moving].any()


def test_what_makers_contradict_each_other_in_is_held_back() -> None:
    field = np.ones((POINTS, 1)) * DOWN
    sideways = np.zeros((POINTS, 3), np.float32)
    sideways[POINTS // 2 :, 0] = 3
    shapes, _ = agreed(maker("a", field + sideways), maker("b", field - sideways))
    sizes = np.linalg.norm(shapes[JAW], axis=1)
    assert sizes[-1] < 0.85 * sizes[0]


def test_what_differs_from_vertex_to_vertex_is_no_motion() -> None:
    field = np.ones((POINTS, 1)) * DOWN
    rough = field * np.where(np.arange(POINTS) % 2, 1.5, 0.5)[:, None]
    shapes, _ = agreed(maker("a", rough), maker("b", rough), maker("c", rough))
    inner = shapes[JAW, 5:-5, 2]
    assert np.ptp(inner) < 0.2 * np.abs(inner).mean()


def test_the_right_does_what_the_left_does() -> None:
    rng = np.random.default_rng(0)
    shapes = rng.normal(size=(len(ARKIT_CHANNELS), 2, 3)).astype(np.float32)
    even = symmetric(shapes, np.array([1, 0]))
    left, right = (even[ARKIT_CHANNELS.index(f"mouthSmile{side}")] for side in ("Left", "Right"))
    assert left == pytest.approx(right[::-1] * [-1, 1, 1])
    assert even[JAW] == pytest.approx(even[JAW][::-1] * [-1, 1, 1])
