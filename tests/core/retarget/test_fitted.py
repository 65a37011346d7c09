"""Shares of motions for a clip: linear within limits, made up for beyond them."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from facial_retarget.core.clip import Clip, Floats
from facial_retarget.core.retarget import Mapping, MappingRow, SurfaceFit, retarget
from facial_retarget.core.retarget.fitted import bounds_within, fitted_shares
from facial_retarget.core.retarget.motions import Motion

_CHANNELS = ("jawOpen", "jawLeft", "jawRight", "mouthSmileLeft", "mouthSmileRight")
_JAW = ("Key 1", "Key 2", "Key 3")


def _fit(fields: Floats, shares: Floats, *, least: float = 0.0) -> SurfaceFit:
    motions = tuple(Motion(f"Key {n}", 0.0, 1.0, least, 1.0) for n in range(len(fields)))
    return SurfaceFit(motions, _CHANNELS, fields @ fields.T, shares, ((1, 2),))


def _face(seed: int, **options: float) -> SurfaceFit:
    """Return a key for each channel, of which jawLeft and jawRight undo each other."""
    random = np.random.default_rng(seed)
    fields = random.normal(size=(5, 30)).astype(np.float32)
    fields[2] = -fields[1]
    gains = random.uniform(0.5, 1.6, 5)
    return _fit(fields, np.diag(gains).astype(np.float32), **options)


def _weights(seed: int, frames: int = 40) -> Floats:
    steps = np.random.default_rng(seed).uniform(-0.6, 1, (frames, 5)).clip(0)
    return steps.T.astype(np.float32)


def _clip(weights: Floats) -> Clip:
    values = weights.T.copy()
    return Clip(_CHANNELS, np.arange(len(values)) / 30, values, np.ones_like(values))


def _mapping(fit: SurfaceFit, *others: MappingRow) -> Mapping:
    rows = {
        f"Key {n}": MappingRow(f"Key {n}", ((channel, float(fit.shares[n, n])),), how="shape")
        for n, channel in enumerate(_CHANNELS)
    }
    return Mapping(tuple((rows | {row.control: row for row in others}).values()), fit)


@given(st.integers(0, 10_000))
@settings(derandomize=True, max_examples=60, deadline=None)
def test_no_control_leaves_its_limits_and_no_pair_undoes_itself(seed: int) -> None:
    fit = _face(seed)
    driven = retarget(_clip(_weights(seed)), _mapping(fit), {"Key 0": (0.0, 0.5)})
    assert driven.values.min() >= 0
    assert driven.values.max() <= 1
    assert driven.channel("Key 0").max() <= 0.5
    assert (np.minimum(driven.channel("Key 1"), driven.channel("Key 2")) == 0).all()


@given(st.integers(0, 10_000), st.integers(0, 4))
@settings(derandomize=True, max_examples=60, deadline=None)
def test_a_key_alone_follows_its_channel_exactly_and_never_back(seed: int, key: int) -> None:
    fit = _face(seed)
    weights = np.zeros((5, 30), np.float32)
    weights[key] = np.linspace(0, 1, 30)
    driven = retarget(_clip(weights), _mapping(fit)).channel(f"Key {key}")
    np.testing.assert_allclose(
        driven, np.minimum(weights[key] * fit.shares[key, key], 1), atol=1e-5
    )
    assert (np.diff(driven) >= -1e-6).all()


@given(st.integers(0, 10_000))
@settings(derandomize=True, max_examples=40, deadline=None)
def test_what_keys_lack_others_make_up_for_as_far_as_they_show_it(seed: int) -> None:
    random = np.random.default_rng(seed)
    fields = random.normal(size=(5, 30)).astype(np.float32)
    fields[4] = fields[0] + 0.5 * random.normal(size=30)  # much like the first
    shares = np.diag([1.5, 1, 1, 1, 1]).astype(np.float32)
    fit = _fit(fields, shares)
    weights = np.zeros((5, 1), np.float32)
    weights[0] = 1
    bounds = bounds_within(fit, range(5), {})
    found = fitted_shares(fit, weights, range(5), bounds, {})[:, 0]
    wanted = fields.T @ (shares @ weights)[:, 0]
    cut_off = np.linalg.norm(fields.T @ np.minimum((shares @ weights)[:, 0], 1) - wanted)
    assert np.linalg.norm(fields.T @ found - wanted) < cut_off
    assert found[4] > 0


def test_both_ways_of_a_pair_at_once_come_to_their_difference() -> None:
    fit = _face(1)
    np.fill_diagonal(fit.shares, 1)
    weights = np.zeros((5, 20), np.float32)
    weights[1], weights[2] = 0.7, 0.2
    driven = retarget(_clip(weights), _mapping(fit))
    np.testing.assert_allclose(driven.channel("Key 1"), 0.5, atol=0.01)
    assert not driven.channel("Key 2").any()


def test_what_a_row_by_hand_shows_is_not_shown_again() -> None:
    random = np.random.default_rng(3)
    fields = random.normal(size=(5, 30)).astype(np.float32)
    fields[4] = fields[0]  # a second key that opens the jaw
    fit = _fit(fields, np.diag([1, 1, 1, 1, 0]).astype(np.float32))
    weights = np.zeros((5, 10), np.float32)
    weights[0] = 0.8
    by_hand = MappingRow("Key 4", (("jawOpen", 0.5),), how="manual", confidence=1.0)
    driven = retarget(_clip(weights), _mapping(fit, by_hand))
    np.testing.assert_allclose(driven.channel("Key 4"), 0.4, atol=1e-5)
    np.testing.assert_allclose(driven.channel("Key 0"), 0.4, atol=0.01)


def test_a_row_by_hand_for_something_else_leaves_the_others_as_they_were() -> None:
    fit = _face(4)
    weights = np.zeros((5, 10), np.float32)
    weights[3] = 0.4
    by_hand = MappingRow("Key 0", (("mouthSmileLeft", 0.3),), how="manual", confidence=1.0)
    driven = retarget(_clip(weights), _mapping(fit, by_hand))
    np.testing.assert_allclose(driven.channel("Key 3"), 0.4 * fit.shares[3, 3], atol=0.1)


def test_an_unknown_frame_is_unknown_on_its_control_alone() -> None:
    fit = _face(6)
    clip = _clip(np.full((5, 4), 0.2, np.float32))
    clip.values[2, 3] = np.nan
    clip.confidence[2, 3] = 0
    driven = retarget(clip, _mapping(fit))
    assert np.isnan(driven.channel("Key 3")).tolist() == [False, False, True, False]
    assert np.isfinite(driven.channel("Key 0")).all()


def test_controls_whose_channels_were_never_seen_take_no_part() -> None:
    fit = _face(7)
    driven = retarget(_clip(_weights(7)).select(("jawOpen",)), _mapping(fit))
    assert np.isnan(driven.channel("Key 3")).all()
    assert np.isfinite(driven.channel("Key 0")).all()


def test_a_control_with_two_ways_goes_the_one_that_is_wanted() -> None:
    random = np.random.default_rng(9)
    fields = random.normal(size=(2, 30)).astype(np.float32)
    motions = (
        Motion("jaw|rotation|z", 0.0, 0.3, 0.0, 0.3),
        Motion("jaw|rotation|z", 0.0, -0.2, -0.2, 0.0),
    )
    shares = np.eye(2, dtype=np.float32)
    fit = SurfaceFit(motions, ("jawLeft", "jawRight"), fields @ fields.T, shares, ((0, 1),))
    row = MappingRow("jaw|rotation|z", (("jawLeft", 0.3), ("jawRight", -0.2)), how="shape")
    values = np.array([[0, 0], [1, 0], [0, 1], [0, 0.5]], np.float32)
    clip = Clip(("jawLeft", "jawRight"), np.arange(4.0), values, np.ones_like(values))
    driven = retarget(clip, Mapping((row,), fit))
    np.testing.assert_allclose(driven.values[:, 0], [0, 0.3, -0.2, -0.1], atol=1e-5)


def test_a_long_clip_is_solved_as_a_short_one_is() -> None:
    fit = _face(11)
    weights = np.tile(_weights(11), (1, 1700))  # more frames than are held at a time
    bounds = bounds_within(fit, range(5), {})
    whole = fitted_shares(fit, weights, range(5), bounds, {})
    part = fitted_shares(fit, weights[:, 65_500:65_600], range(5), bounds, {})
    np.testing.assert_allclose(whole[:, 65_510:65_590], part[:, 10:-10], atol=0.01)


@given(st.integers(0, 10_000), st.data())
@settings(derandomize=True, max_examples=60, deadline=None)
def test_gaps_stay_gaps_and_nothing_else_becomes_unknown(seed: int, data: st.DataObject) -> None:
    weights = _weights(seed)
    holes = data.draw(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 39)), max_size=20))
    for channel, frame in holes:
        weights[channel, frame] = np.nan
    driven = retarget(_clip(weights), _mapping(_face(seed)))
    for number in range(5):
        known = np.isfinite(driven.channel(f"Key {number}"))
        np.testing.assert_array_equal(known, np.isfinite(weights[number]))


@given(st.integers(0, 10_000), st.permutations(range(5)))
@settings(derandomize=True, max_examples=40, deadline=None)
def test_the_order_of_channels_means_nothing(seed: int, order: list[int]) -> None:
    clip, mapping = _clip(_weights(seed)), _mapping(_face(seed))
    shuffled = clip.select([_CHANNELS[number] for number in order])
    np.testing.assert_array_equal(
        retarget(shuffled, mapping).values, retarget(clip, mapping).values
    )


@given(st.integers(0, 10_000))
@settings(derandomize=True, max_examples=40, deadline=None)
def test_what_is_within_reach_is_a_fixed_point(seed: int) -> None:
    fit = _face(seed)
    weights = _weights(seed) / 2  # no share of a half is beyond its motion's bounds
    weights[2] = np.where(weights[1] > 0, 0, weights[2])
    weights[1, :] = 0
    rows = list(range(5))
    bounds = bounds_within(fit, rows, {})
    shares = fitted_shares(fit, weights, rows, bounds, {})
    np.testing.assert_allclose(shares, fit.shares @ weights, atol=1e-5)
