from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from facial_retarget.core.clip import Clip
from facial_retarget.core.errors import ModelError
from facial_retarget.core.retarget import Mapping, MappingRow, retarget
from facial_retarget.core.retarget.trained import (
    OUTPUT,
    Description,
    Trained,
    prepared,
    with_own_controls,
)

FACE = np.random.default_rng(0).normal(0, 1, (12, 3))


def turned(points: np.ndarray, axis: int, angle: float) -> np.ndarray:
    turn = np.eye(3)
    first, second = (axis + 1) % 3, (axis + 2) % 3
    turn[[first, second], [first, second]] = np.cos(angle)
    turn[first, second], turn[second, first] = -np.sin(angle), np.sin(angle)
    return points @ turn.T


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("angle", [-3, -0.5, 0.2, 1.6])
def test_where_the_head_is_and_how_it_is_turned_makes_no_difference(
    axis: int, angle: float
) -> None:
    reference = FACE - FACE.mean(axis=0)
    frames = np.stack([FACE, 3 * turned(FACE, axis, angle) + [5, -2, 1]])
    rows = prepared(frames, reference)
    np.testing.assert_allclose(rows, [reference.ravel()] * 2, atol=1e-5)


def test_flat_points_are_aligned_and_never_mirrored() -> None:
    flat = FACE[:, :2] - FACE[:, :2].mean(axis=0)
    half = np.array([[0, 1], [-1, 0]])
    np.testing.assert_allclose(
        prepared((flat @ half * 2 + 7)[None], flat)[0], flat.ravel(), atol=1e-5
    )
    mirrored = prepared((flat * [-1, 1])[None], flat)[0]
    assert np.abs(mirrored - flat.ravel()).max() > 0.3


def test_points_that_are_all_one_do_no_harm() -> None:
    assert np.isfinite(prepared(np.zeros((2, 12, 3)), FACE)).all()


def trained(rate: float, run: Any) -> Trained:
    """A file of two controls that read four numbers, with `run` as its network."""
    about = Description(("a", "b"), (4,), None, rate)
    session = SimpleNamespace(run=lambda _outputs, given: [run(given["landmarks"])])
    return Trained("x.onnx", about, session)


def first_two(rows: np.ndarray) -> np.ndarray:
    return rows[..., :2]


def test_frames_without_landmarks_stay_unknown() -> None:
    rows = np.arange(40, dtype=np.float32).reshape(10, 4)
    rows[3:5, 1] = np.nan
    for rate in (0.0, 30.0):
        values = trained(rate, first_two).values(rows, rate=30)
        np.testing.assert_array_equal(np.isnan(values[:, 0]), np.isin(np.arange(10), [3, 4]))
        np.testing.assert_allclose(values[5:], rows[5:, :2])


def test_a_network_that_looks_beside_a_frame_gets_frames_at_its_own_rate() -> None:
    given: list[int] = []

    def run(rows: np.ndarray) -> np.ndarray:
        given.append(rows.shape[1])
        return first_two(rows)

    rows = np.linspace(0, 1, 61, dtype=np.float32)[:, None] * np.ones((1, 4), np.float32)
    values = trained(30, run).values(rows, rate=60)
    assert given == [pytest.approx(31, abs=1)]
    np.testing.assert_allclose(values[:-1], rows[:-1, :2], atol=1e-6)


def test_a_long_take_is_run_in_pieces_that_see_their_neighbours() -> None:
    def summed(rows: np.ndarray) -> np.ndarray:
        padded = np.pad(rows[0], ((14, 14), (0, 0)))
        return np.stack([padded[n : n + rows.shape[1], :2] for n in range(29)]).sum(axis=0)[None]

    rows = np.random.default_rng(1).normal(0, 1, (4500, 4)).astype(np.float32)
    whole = summed(rows[None])[0]
    np.testing.assert_allclose(trained(30, summed).values(rows), whole, atol=1e-4)
    assert OUTPUT == "values"


@pytest.mark.parametrize("shape", [(5, 3), (5, 4, 2), (5,)])
def test_landmarks_of_another_shape_are_told_from_those_learned(shape: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match=r"'x\.onnx' was trained on 4 numbers a frame, and here"):
        trained(0, first_two).values(np.zeros(shape))


def test_channels_named_as_controls_drive_those_and_nothing_that_was_said_by_hand() -> None:
    mapping = Mapping(
        (
            MappingRow("Key 17", (("jawOpen", 0.5),), how="shape", confidence=0.8),
            MappingRow("Key 18", (("mouthPucker", 1.0),), how="manual", confidence=1.0),
            MappingRow("jawOpen", (("jawOpen", 1.0),), how="exact", confidence=1.0),
            MappingRow("Key 19"),
        )
    )
    own = with_own_controls(mapping, ("Key 17", "Key 18", "jawOpen", "viseme_aa", "elsewhere"))
    assert own.row("Key 17").terms == (("Key 17", 1.0),)
    assert own.row("Key 18") == mapping.row("Key 18")
    assert own.row("jawOpen") == mapping.row("jawOpen")
    assert own.unmatched == ("Key 19",)
    values = np.array([[0.25], [0.75]], np.float32)
    clip = Clip(("Key 17",), np.arange(2.0), values, np.ones_like(values))
    driven = retarget(clip, own)
    np.testing.assert_array_equal(driven.channel("Key 17"), values[:, 0])
    assert np.isnan(driven.channel("jawOpen")).all()
