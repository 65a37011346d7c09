"""The way back: what a character's own animation shows, on ARKit's channels."""

import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.clip import Clip
from facial_retarget.core.errors import MappingError
from facial_retarget.core.retarget import Mapping, MappingRow, channels_of, match_controls, retarget

nan = float("nan")


def _clip(**controls: list[float]) -> Clip:
    values = np.array(list(controls.values()), np.float32).T
    known = np.where(np.isnan(values), 0, 0.8).astype(np.float32)
    return Clip(tuple(controls), np.arange(len(values)) / 24, values, known)


def test_controls_known_by_name_give_their_channels() -> None:
    clip = _clip(JawOpen=[0, 0.5, 1], EyeBlink_L=[1, 0, 0.25])
    shown = channels_of(clip, match_controls(clip.channels))
    assert shown.channels == ARKIT_CHANNELS
    np.testing.assert_allclose(shown.channel("jawOpen"), [0, 0.5, 1], atol=2e-3)
    np.testing.assert_allclose(shown.channel("eyeBlinkLeft"), [1, 0, 0.25], atol=2e-3)
    assert shown.confidence[:, shown.index("jawOpen")].tolist() == pytest.approx([0.8] * 3)


def test_what_no_control_shows_is_unknown_and_no_zero() -> None:
    clip = _clip(JawOpen=[0, 1])
    shown = channels_of(clip, match_controls(clip.channels))
    assert np.isnan(shown.channel("mouthPucker")).all()
    assert "mouthPucker" in shown.unobserved_channels()


def test_a_key_for_both_sides_moves_both() -> None:
    clip = _clip(mouthSmile=[0, 0.6], JawOpen=[0, 0])
    shown = channels_of(clip, match_controls(clip.channels))
    for side in ("Left", "Right"):
        np.testing.assert_allclose(shown.channel(f"mouthSmile{side}"), [0, 0.6], atol=2e-3)


def test_gain_and_offset_are_taken_back() -> None:
    row = MappingRow("eyeOpen", (("eyeBlinkLeft", -0.5),), offset=1.0, how="manual")
    shown = channels_of(_clip(eyeOpen=[1, 0.75, 0.5]), Mapping((row,)))
    np.testing.assert_allclose(shown.channel("eyeBlinkLeft"), [0, 0.5, 1], atol=2e-3)


def test_an_unknown_frame_stays_unknown() -> None:
    clip = _clip(JawOpen=[0, nan, 1], MouthPucker=[0.2, 0.2, 0.2])
    shown = channels_of(clip, match_controls(clip.channels))
    assert np.isnan(shown.channel("jawOpen")).tolist() == [False, True, False]
    assert shown.confidence[1, shown.index("jawOpen")] == 0
    assert np.isfinite(shown.channel("mouthPucker")).all()


def test_values_beyond_the_ends_are_the_ends() -> None:
    clip = _clip(JawOpen=[-0.5, 2])
    shown = channels_of(clip, match_controls(clip.channels))
    np.testing.assert_allclose(shown.channel("jawOpen"), [0, 1], atol=2e-3)


def test_there_and_back_by_name_nothing_is_lost() -> None:
    controls = ("EyeBlink_L", "EyeBlink_R", "Jaw_Open", "Mouth_Pucker", "Brow_Inner_Up")
    mapping = match_controls(controls)
    values = np.random.default_rng(1).uniform(0, 1, (30, 5)).astype(np.float32)
    clip = Clip(controls, np.arange(30) / 30, values, np.ones_like(values))
    again = retarget(channels_of(clip, mapping), mapping)
    np.testing.assert_allclose(again.select(controls).values, values, atol=3e-3)


def test_a_source_of_which_nothing_is_known_says_what_to_do() -> None:
    clip = _clip(Hat=[0, 1])
    with pytest.raises(MappingError, match="none of its animated controls"):
        channels_of(clip, match_controls(clip.channels))
