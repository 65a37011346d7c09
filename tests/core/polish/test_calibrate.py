from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.clip import Clip, Gaze, HeadMotion
from facial_retarget.core.polish import PolishOptions, polish

AUTO = PolishOptions(smoothing="off")
Curves = Callable[..., np.ndarray]


def turned(degrees: float, axis: tuple[float, float, float], frames: int) -> np.ndarray:
    half = np.radians(degrees) / 2
    quaternion = [np.cos(half), *(np.sin(half) * np.array(axis))]
    return np.tile(np.array(quaternion, np.float32), (frames, 1))


def test_a_trackers_bias_is_taken_off_and_1_stays_reachable(
    make_clip: Callable[..., Clip], talk: Curves
) -> None:
    noise = np.random.default_rng(1)
    speech = talk(300)
    speech[:60] = speech[240:] = 0
    squint = 0.4 + noise.normal(0, 0.005, 300)
    jaw = 0.05 + speech + noise.normal(0, 0.005, 300)
    squint[150] = jaw[150] = 1.0
    polished = polish(make_clip(jawOpen=jaw, eyeSquintLeft=squint), AUTO)
    for channel in polished.channels:
        at_rest = polished.channel(channel)[:60]
        assert at_rest.mean() < 0.012
        assert polished.channel(channel)[150] == pytest.approx(1.0)


def test_an_eye_that_never_blinks_is_open(make_clip: Callable[..., Clip], talk: Curves) -> None:
    clip = make_clip(eyeBlinkLeft=np.full(300, 0.15), jawOpen=talk(300))
    assert polish(clip, AUTO).channel("eyeBlinkLeft").max() < 0.001


def test_blinks_do_not_raise_the_open_eyes_neutral(
    make_clip: Callable[..., Clip], blink: Curves
) -> None:
    times = np.arange(300) / 30
    lids = 0.1 + 0.8 * sum(blink(times, middle, 0.2) for middle in (1.0, 3.1, 4.9, 7.2, 8.8))
    polished = polish(make_clip(eyeBlinkLeft=lids, jawOpen=np.zeros(300)), AUTO)
    assert polished.channel("eyeBlinkLeft").max() == pytest.approx((0.9 - 0.1) / 0.9, abs=0.01)
    assert np.median(polished.channel("eyeBlinkLeft")) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("part", [slice(100, 300), slice(0, 300)])
def test_a_held_smile_stays_a_smile(
    make_clip: Callable[..., Clip], talk: Curves, part: slice
) -> None:
    smile = np.full(300, 0.02)
    smile[part] = 0.7
    jaw = talk(300, 0.3)
    jaw[part.start : part.start + 60] = 0
    polished = polish(make_clip(mouthSmileLeft=smile, mouthSmileRight=smile, jawOpen=jaw), AUTO)
    assert polished.channel("mouthSmileLeft")[200] > 0.65


def test_an_eye_that_is_shut_all_the_time_stays_shut(make_clip: Callable[..., Clip]) -> None:
    polished = polish(make_clip(eyeBlinkLeft=np.full(90, 0.95), jawOpen=np.zeros(90)), AUTO)
    np.testing.assert_allclose(polished.channel("eyeBlinkLeft"), 0.95, atol=1e-6)


def test_opposed_channels_are_calibrated_as_one(make_clip: Callable[..., Clip]) -> None:
    down = np.full(120, 0.5)
    up = np.zeros(120)
    down[90:], up[90:] = 0.0, 0.2
    down[100:110] = 1.0
    clip = make_clip(eyeLookDownLeft=down, eyeLookUpLeft=up, jawOpen=np.zeros(120))
    polished = polish(clip, AUTO)
    look_down, look_up = polished.channel("eyeLookDownLeft"), polished.channel("eyeLookUpLeft")
    np.testing.assert_allclose(look_down[:90], 0, atol=1e-6)
    np.testing.assert_allclose(look_up[:90], 0, atol=1e-6)
    assert look_up[95] == pytest.approx((0.2 + 0.5) / 1.5)
    assert look_down[105] == pytest.approx((0.8 - 0.5) / 0.5)
    assert not np.any((look_down > 0) & (look_up > 0))


def test_a_channel_whose_opposite_was_never_seen_keeps_its_own_values(
    make_clip: Callable[..., Clip],
) -> None:
    clip = make_clip(jawLeft=np.linspace(0, 1, 90), jawRight=np.full(90, np.nan))
    polished = polish(clip, replace(AUTO, calibration="frame"))
    np.testing.assert_allclose(polished.channel("jawLeft"), clip.channel("jawLeft"), atol=0.02)
    assert np.isnan(polished.channel("jawRight")).all()


def test_the_chosen_frame_becomes_the_neutral(make_clip: Callable[..., Clip]) -> None:
    jaw = np.full(90, 0.6)
    jaw[40:50] = 0.2
    polished = polish(
        make_clip(jawOpen=jaw), PolishOptions("frame", neutral_time=45 / 30, smoothing="off")
    )
    assert polished.values[45, 0] == pytest.approx(0)
    assert polished.values[0, 0] == pytest.approx((0.6 - 0.2) / 0.8)


def test_a_chosen_frame_without_a_face_gives_way_to_the_nearest_with_one(
    make_clip: Callable[..., Clip],
) -> None:
    jaw = np.full(90, 0.3)
    jaw[:30] = np.nan
    polished = polish(
        make_clip(jawOpen=jaw), PolishOptions("frame", neutral_time=0.0, smoothing="off")
    )
    np.testing.assert_allclose(polished.values[:, 0], 0, atol=1e-6)


def test_switched_off_it_changes_nothing(make_clip: Callable[..., Clip]) -> None:
    clip = make_clip(jawOpen=np.full(90, 0.3), eyeLookUpLeft=np.full(90, 0.2))
    off = PolishOptions("off", smoothing="off")
    np.testing.assert_array_equal(polish(clip, off).values, clip.values)


@pytest.mark.parametrize("count", [1, 2, 10])
def test_a_clip_too_short_to_judge_keeps_its_values(
    make_clip: Callable[..., Clip], count: int
) -> None:
    clip = make_clip(jawOpen=np.full(count, 0.2), browInnerUp=np.full(count, 0.5))
    np.testing.assert_allclose(polish(clip, AUTO).values, clip.values)


def test_a_clip_without_a_face_or_without_frames_passes_through(
    make_clip: Callable[..., Clip],
) -> None:
    blind = make_clip(jawOpen=np.full(90, np.nan))
    for calibration in ("auto", "frame", "off"):
        assert np.isnan(polish(blind, PolishOptions(calibration)).values).all()
    empty = make_clip(jawOpen=[])
    assert len(polish(empty)) == 0


def test_the_head_is_relative_to_its_neutral_pose_in_that_poses_own_axes(
    make_clip: Callable[..., Clip],
) -> None:
    # Filmed from 60 degrees to the side: a nod about the head's own X axis, a step forwards.
    side, nod = turned(60, (0, 0, 1), 90), turned(20, (1, 0, 0), 1)[0]
    places = np.tile(np.array([0.1, 0.5, 0.0], np.float32), (90, 1))
    w, z = side[0, 0], side[0, 3]
    side[70:80] = [w * nod[0], w * nod[1], z * nod[1], z * nod[0]]
    forwards = np.array([np.sin(np.radians(60)), -np.cos(np.radians(60)), 0])
    places[70:80] += 0.1 * forwards
    clip = replace(
        make_clip(jawOpen=np.zeros(90)), head=HeadMotion(side, places, np.ones(90, np.float32))
    )
    head = polish(clip, AUTO).head
    np.testing.assert_allclose(head.rotations[0], [1, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(np.abs(head.rotations[75]), np.abs(nod), atol=1e-6)
    np.testing.assert_allclose(head.translations[0], 0, atol=1e-6)
    np.testing.assert_allclose(head.translations[75], [0, -0.1, 0], atol=1e-6)


def test_the_gaze_is_relative_to_where_the_person_looks_mostly(
    make_clip: Callable[..., Clip],
) -> None:
    angles = np.tile(np.array([[0.1, -0.2], [0.05, -0.2]], np.float32), (90, 1, 1))
    angles[60:70, :, 0] += 0.3
    clip = replace(make_clip(jawOpen=np.zeros(90)), gaze=Gaze(angles, np.ones((90, 2), np.float32)))
    gaze = polish(clip, AUTO).gaze
    np.testing.assert_allclose(gaze.angles[0], 0, atol=1e-6)
    np.testing.assert_allclose(gaze.angles[65], [[0.3, 0], [0.3, 0]], atol=1e-6)


def test_an_eye_closed_at_the_chosen_frame_has_its_usual_gaze_as_neutral(
    make_clip: Callable[..., Clip],
) -> None:
    angles = np.full((90, 2, 2), 0.2, np.float32)
    open_eyes = np.ones((90, 2), np.float32)
    angles[:20, 0], open_eyes[:20, 0] = np.nan, 0
    clip = replace(make_clip(jawOpen=np.zeros(90)), gaze=Gaze(angles, open_eyes))
    gaze = polish(clip, PolishOptions("frame", neutral_time=0.2)).gaze
    np.testing.assert_allclose(gaze.angles[40], 0, atol=1e-6)


def test_values_end_between_0_and_1_for_every_channel(talk: Curves) -> None:
    random = np.random.default_rng(3)
    values = random.uniform(0, 1, (200, 52)).astype(np.float32)
    clip = Clip(ARKIT_CHANNELS, np.arange(200) / 30, values, np.ones_like(values))
    polished = polish(clip).values
    assert polished.min() >= 0
    assert polished.max() <= 1
