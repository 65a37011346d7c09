from collections.abc import Callable

import numpy as np
import pytest
from numpy.testing import assert_allclose

from facial_retarget.core.speech import SpeechFrames, SpeechOptions, SpeechStream
from facial_retarget.core.speech.methods import FeatureMethod, Method, softmax
from facial_retarget.core.speech.visemes import VISEMES

MakeMethod = Callable[[], Method]


def spoken(
    method: Method, samples: np.ndarray, cuts: np.ndarray, options: SpeechOptions | None = None
) -> SpeechFrames:
    stream = SpeechStream(options, method)
    parts = [stream.feed(piece) for piece in np.split(samples, cuts)]
    parts.append(stream.finish())
    return SpeechFrames(
        np.concatenate([part.times for part in parts]),
        np.concatenate([part.values for part in parts]),
        parts[0].channels,
        parts[0].head
        and type(parts[0].head)(
            *(
                np.concatenate(rows)
                for rows in zip(*(vars(p.head).values() for p in parts), strict=True)
            )
        ),
    )


def channel(frames: SpeechFrames, name: str) -> np.ndarray:
    return frames.values[:, frames.channels.index(name)]


@pytest.fixture
def sentence(whistle: Callable[[str], np.ndarray]) -> np.ndarray:
    return whistle(
        "sil:400 PP:80 aa:200 SS:100 I:120 PP:70 O:160 FF:90 E:120 sil:700 "
        "U:200 nn:80 aa:150 sil:500"
    )


def test_a_stream_gives_the_frames_of_the_whole(
    whistled_method: MakeMethod, sentence: np.ndarray
) -> None:
    whole = spoken(whistled_method(), sentence, np.array([], int))
    rng = np.random.default_rng(5)
    for cuts in (np.arange(320, len(sentence), 320), np.sort(rng.integers(0, len(sentence), 60))):
        pieces = spoken(whistled_method(), sentence, cuts)
        assert_allclose(pieces.times, whole.times)
        assert_allclose(pieces.values, whole.values, atol=1e-6)
        assert_allclose(pieces.head.rotations, whole.head.rotations, atol=1e-6)


def test_there_is_a_frame_every_twenty_milliseconds(
    whistled_method: MakeMethod, sentence: np.ndarray
) -> None:
    frames = spoken(whistled_method(), sentence, np.array([], int))
    assert_allclose(np.diff(frames.times), 0.02)
    assert frames.times[0] == 0.0075
    assert abs(frames.times[-1] - len(sentence) / 16000) < 0.04
    assert frames.values.shape == (len(frames.times), len(frames.channels))
    assert frames.values.min() >= 0
    assert frames.values.max() <= 1


def test_no_frame_waits_longer_than_the_look_ahead(
    whistled_method: MakeMethod, sentence: np.ndarray
) -> None:
    stream = SpeechStream(None, whistled_method())
    assert 0.05 < stream.look_ahead < 0.15
    given = 0
    for end in range(320, len(sentence) + 1, 320):
        given += len(stream.feed(sentence[end - 320 : end]).times)
        next_time = 0.0075 + 0.02 * given
        assert end / 16000 < next_time + stream.look_ahead + 0.04 + 1e-9


def test_what_is_whistled_is_what_the_mouth_does(
    whistled_method: MakeMethod, sentence: np.ndarray
) -> None:
    frames = spoken(whistled_method(), sentence, np.array([], int))
    at = [int((time - 0.0075) / 0.02) for time in (0.58, 1.05, 2.14)]
    shown = frames.values[:, -len(VISEMES) :].argmax(axis=1)
    assert [VISEMES[shown[i]] for i in at] == ["aa", "O", "U"]
    assert channel(frames, "jawOpen")[at[0]] > 0.3
    assert channel(frames, "mouthPucker")[at[2]] > 0.4


def test_lips_meet_where_the_model_left_them_open(
    whistled_method: MakeMethod, sentence: np.ndarray
) -> None:
    frames = spoken(whistled_method(), sentence, np.array([], int))
    for start, end in ((0.41, 0.47), (0.91, 0.96)):
        during = (frames.times > start) & (frames.times < end)
        assert_allclose(
            channel(frames, "mouthClose")[during], channel(frames, "jawOpen")[during], atol=1e-6
        )
        assert channel(frames, "mouthRollLower")[during].min() >= 0.2
    assert np.all(channel(frames, "mouthClose") <= channel(frames, "jawOpen"))


@pytest.mark.parametrize("options", [SpeechOptions(strength=0.4), SpeechOptions(smoothing=1.0)])
def test_lips_meet_however_weak_or_smooth_the_mouth_is(
    whistled_method: MakeMethod, sentence: np.ndarray, options: SpeechOptions
) -> None:
    frames = spoken(whistled_method(), sentence, np.array([], int), options)
    during = (frames.times > 0.91) & (frames.times < 0.96)
    open_by = channel(frames, "jawOpen")[during] - channel(frames, "mouthClose")[during]
    assert_allclose(open_by, 0, atol=1e-6)


def test_silence_is_still(whistled_method: MakeMethod, sentence: np.ndarray) -> None:
    frames = spoken(whistled_method(), sentence, np.array([], int))
    mouth = frames.values[:, : frames.channels.index("eyeBlinkLeft")]
    for start, end in ((0.0, 0.25), (1.34 + 0.3, 2.0 - 0.1)):
        during = (frames.times > start) & (frames.times < end)
        assert mouth[during].max() == 0
        assert_allclose(channel(frames, "viseme_sil")[during], 1)


def test_sliders_scale_jaw_and_lips_apart(
    whistled_method: MakeMethod, sentence: np.ndarray
) -> None:
    def most(options: SpeechOptions, name: str) -> float:
        frames = spoken(whistled_method(), sentence, np.array([], int), options)
        return float(channel(frames, name).max())

    usual, small_jaw = SpeechOptions(), SpeechOptions(jaw=0.5)
    assert most(small_jaw, "jawOpen") == pytest.approx(most(usual, "jawOpen") / 2, rel=0.01)
    assert most(small_jaw, "mouthPucker") == pytest.approx(most(usual, "mouthPucker"))
    assert most(SpeechOptions(lips=0.5), "mouthPucker") < 0.6 * most(usual, "mouthPucker")
    assert most(SpeechOptions(strength=9), "jawOpen") == 1


def test_smoothing_takes_the_edge_off(whistled_method: MakeMethod, sentence: np.ndarray) -> None:
    def roughness(smoothing: float) -> float:
        options = SpeechOptions(smoothing=smoothing)
        frames = spoken(whistled_method(), sentence, np.array([], int), options)
        return float(np.abs(np.diff(channel(frames, "mouthPucker"), n=2)).sum())

    assert roughness(1.0) < roughness(0.3) < roughness(0.0)


def test_the_upper_face_can_be_left_out(whistled_method: MakeMethod, sentence: np.ndarray) -> None:
    options = SpeechOptions(upper_face=0, blinks=0)
    frames = spoken(whistled_method(), sentence, np.array([], int), options)
    assert frames.head is None
    assert not any(name.startswith(("eye", "brow")) for name in frames.channels)


def test_nothing_heard_gives_no_frames(whistled_method: MakeMethod) -> None:
    frames = spoken(whistled_method(), np.zeros(100, np.float32), np.array([], int))
    assert len(frames.times) == 0


class _Fixed:
    """A RowModel that gives the middle row's first columns."""

    def __init__(
        self, left: int, right: int, stride: int, width: int, outputs: dict[str, int]
    ) -> None:
        self.left, self.right, self.stride, self.grid = left, right, stride, stride
        self.width, self.outputs = width, outputs

    def run(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        middle = rows[self.left : len(rows) - self.right : self.stride]
        return {name: middle[:, :width] for name, width in self.outputs.items()}


def test_features_take_the_same_way_in_pieces(sentence: np.ndarray) -> None:
    def method() -> FeatureMethod:
        return FeatureMethod(
            _Fixed(4, 2, 2, 64, {"features": 20}),
            _Fixed(3, 2, 1, 20, {"mouth": 13, "logits": 15}),
        )

    whole = spoken(method(), sentence, np.array([], int))
    pieces = spoken(method(), sentence, np.arange(500, len(sentence), 500))
    assert_allclose(pieces.values, whole.values, atol=1e-6)
    assert method().ahead == 6


def test_probabilities_add_up_to_one() -> None:
    assert_allclose(softmax(np.array([[1000.0, 0, -1000], [1, 1, 1]])).sum(axis=1), 1)
    assert softmax(np.zeros((0, 15), np.float32)).shape == (0, 15)
