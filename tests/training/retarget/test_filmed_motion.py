"""Made-up performances: within bounds, alive, and as the seed says."""

import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS
from training.retarget.motion import draw_motion

TIMES = np.arange(100) / 25
ALL = np.ones(len(ARKIT_CHANNELS))


def test_weights_stay_within_bounds_and_lips_never_close_past_the_jaw() -> None:
    jaw, close = (ARKIT_CHANNELS.index(name) for name in ("jawOpen", "mouthClose"))
    for seed in range(20):
        motion = draw_motion(np.random.default_rng(seed), TIMES, ALL)
        assert motion.weights.shape == (100, 52)
        assert motion.weights.min() >= 0
        assert motion.weights.max() <= 1
        assert np.all(motion.weights[:, close] <= motion.weights[:, jaw] + 1e-6)


def test_every_channel_is_learned_from() -> None:
    rng = np.random.default_rng(0)
    drawn = np.stack([draw_motion(rng, TIMES, ALL).weights for _ in range(300)])
    assert drawn.max(axis=(0, 1)).min() > 0.3


def test_what_a_face_cannot_do_it_does_not() -> None:
    known = ALL.copy()
    known[ARKIT_CHANNELS.index("cheekPuff")] = 0
    rng = np.random.default_rng(1)
    drawn = np.stack([draw_motion(rng, TIMES, known).weights for _ in range(40)])
    assert not drawn[..., ARKIT_CHANNELS.index("cheekPuff")].any()


def test_the_same_seed_gives_the_same_motion() -> None:
    first, again = (draw_motion(np.random.default_rng(7), TIMES, ALL) for _ in range(2))
    assert np.array_equal(first.weights, again.weights)
    assert first.turn == pytest.approx(again.turn)
