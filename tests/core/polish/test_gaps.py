from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from facial_retarget.core.clip import FACE_LOST, Clip, Gaze, HeadMotion, Marker
from facial_retarget.core.polish import PolishOptions, polish

OFF = PolishOptions("off", smoothing="off")
FRAME = PolishOptions("frame", neutral_time=0.0, smoothing="off")


def with_gap(frames: int, gap: slice, before: float, after: float) -> np.ndarray:
    values = np.where(np.arange(frames) < gap.start, before, after).astype(float)
    values[gap] = np.nan
    return values


def test_a_short_gap_is_crossed_in_one_smooth_step(make_clip: Callable[..., Clip]) -> None:
    clip = make_clip(jawOpen=with_gap(60, slice(30, 40), 0.2, 0.8))
    jaw = polish(clip, OFF).channel("jawOpen")
    assert (np.diff(jaw[29:41]) > 0).all()
    steps = np.diff(jaw[29:41])
    assert steps[0] < steps[5] > steps[-1]
    np.testing.assert_allclose(jaw[:30], 0.2)
    np.testing.assert_allclose(jaw[40:], 0.8)


def test_in_a_long_gap_the_face_rests(make_clip: Callable[..., Clip]) -> None:
    values = with_gap(150, slice(30, 90), 0.6, 0.9)
    values[:20] = 0.0
    jaw = polish(make_clip(jawOpen=values), FRAME).channel("jawOpen")
    ease = round(FRAME.ease * 30)
    assert (np.diff(jaw[29 : 29 + ease]) < 0).all()
    np.testing.assert_allclose(jaw[30 + ease : 90 - ease], 0, atol=1e-6)
    assert (np.diff(jaw[91 - ease : 91]) > 0).all()
    assert np.abs(np.diff(jaw[25:])).max() < 0.25


def test_before_the_first_and_after_the_last_sight_the_face_rests(
    make_clip: Callable[..., Clip],
) -> None:
    values = np.full(120, np.nan)
    values[40:80] = 0.0
    values[45:80] = 0.7
    jaw = polish(make_clip(jawOpen=values), replace(FRAME, neutral_time=41 / 30)).channel("jawOpen")
    np.testing.assert_allclose(jaw[:40], 0, atol=1e-6)
    assert (np.diff(jaw[79:86]) < 0).all()
    np.testing.assert_allclose(jaw[90:], 0, atol=1e-6)


def test_a_last_frame_without_a_face_does_not_jump_to_rest(make_clip: Callable[..., Clip]) -> None:
    values = np.full(60, 0.8)
    values[:20] = 0.0
    values[-1] = np.nan
    jaw = polish(make_clip(jawOpen=values), FRAME).channel("jawOpen")
    assert jaw[-1] > 0.7


def test_without_calibration_the_face_rests_as_the_clip_shows_it(
    make_clip: Callable[..., Clip],
) -> None:
    squint = np.full(300, 0.4)
    squint[200:] = np.nan
    clip = make_clip(eyeSquintLeft=squint)
    np.testing.assert_allclose(polish(clip, OFF).values[250:, 0], 0.4, atol=0.01)


def test_an_adjusted_channel_rests_where_its_adjusted_neutral_lies(
    make_clip: Callable[..., Clip],
) -> None:
    options = replace(FRAME, offsets={"browInnerUp": 0.1})
    polished = polish(make_clip(browInnerUp=with_gap(150, slice(30, 90), 0, 0.5)), options)
    assert polished.values[60, 0] == pytest.approx(0.1)


def test_eased_values_are_not_observed_and_unseen_channels_stay_unknown(
    make_clip: Callable[..., Clip],
) -> None:
    clip = make_clip(jawOpen=with_gap(60, slice(30, 40), 0, 1), cheekPuff=np.full(60, np.nan))
    polished = polish(clip)
    np.testing.assert_array_equal(polished.confidence, clip.confidence)
    assert np.isfinite(polished.channel("jawOpen")).all()
    assert np.isnan(polished.channel("cheekPuff")).all()
    assert polished.unobserved_channels() == ("cheekPuff",)


def test_channels_with_gaps_of_their_own_are_eased_apart(make_clip: Callable[..., Clip]) -> None:
    clip = make_clip(
        jawOpen=with_gap(60, slice(30, 40), 0, 1), browInnerUp=with_gap(60, slice(10, 15), 1, 0)
    )
    polished = polish(clip, OFF)
    np.testing.assert_array_equal(polished.channel("jawOpen")[:30], 0)
    np.testing.assert_array_equal(polished.channel("browInnerUp")[15:], 0)
    assert np.isfinite(polished.values).all()
    assert polished.markers == ()


def test_every_stretch_without_a_face_is_marked_once(make_clip: Callable[..., Clip]) -> None:
    values = np.zeros(90)
    values[10:20] = values[50:] = np.nan
    known = Marker(10 / 30, FACE_LOST, 10 / 30)
    clip = replace(make_clip(jawOpen=values), markers=(known, Marker(0.1, "M")))
    polished = polish(clip)
    lost = [marker for marker in polished.markers if marker.name == FACE_LOST]
    assert lost[0] == known
    assert len(lost) == 2
    assert lost[1].time == pytest.approx(50 / 30)
    assert Marker(0.1, "M") in polished.markers
    assert polish(polished).markers == polished.markers


def test_a_head_that_was_lost_turns_the_shorter_way(make_clip: Callable[..., Clip]) -> None:
    half = np.radians(40) / 2
    rotations = np.tile(np.array([1, 0, 0, 0], np.float32), (60, 1))
    rotations[36:] = [-np.cos(half), 0, 0, -np.sin(half)]  # the same as its positive
    rotations[30:36] = np.nan
    places = np.zeros((60, 3), np.float32)
    places[36:], places[30:36] = 0.1, np.nan
    seen = np.isfinite(places[:, 0]).astype(np.float32)
    jaw = np.where(seen > 0, 0, np.nan)
    clip = replace(make_clip(jawOpen=jaw), head=HeadMotion(rotations, places, seen))
    head = polish(clip, OFF).head
    angles = 2 * np.degrees(np.arctan2(np.abs(head.rotations[:, 3]), np.abs(head.rotations[:, 0])))
    assert (np.diff(angles[29:37]) > 0).all()
    assert angles.max() == pytest.approx(40, abs=1e-3)
    np.testing.assert_allclose(np.linalg.norm(head.rotations, axis=1), 1, atol=1e-6)
    assert (np.diff(head.translations[29:37, 0]) > 0).all()
    np.testing.assert_array_equal(head.confidence, seen)


def test_the_gaze_behind_a_closed_lid_glides_on(make_clip: Callable[..., Clip]) -> None:
    angles = np.zeros((60, 2, 2), np.float32)
    angles[34:] = 0.3
    angles[30:34, 0] = np.nan
    sight = np.isfinite(angles[..., 0]).astype(np.float32)
    clip = replace(make_clip(jawOpen=np.zeros(60)), gaze=Gaze(angles, sight))
    gaze = polish(clip, OFF).gaze
    assert (np.diff(gaze.angles[29:35, 0, 0]) > 0).all()
    np.testing.assert_allclose(gaze.angles[30:34, 1], 0, atol=1e-6)


@pytest.mark.parametrize("length", [1, 5, 14, 16, 60])
def test_no_gap_of_any_length_makes_the_face_jump(
    make_clip: Callable[..., Clip], length: int
) -> None:
    jaw = polish(make_clip(jawOpen=with_gap(120, slice(30, 30 + length), 1, 1)), FRAME).values
    values = with_gap(120, slice(30, 30 + length), 1, 1)
    values[:20] = 0
    jaw = polish(make_clip(jawOpen=values), FRAME).channel("jawOpen")[25:]
    assert np.abs(np.diff(jaw)).max() < 0.25
