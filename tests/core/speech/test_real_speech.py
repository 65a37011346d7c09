"""The shipped models on real people; skipped where models or recordings are not there."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.clip import Clip
from facial_retarget.core.errors import ModelError, SpeechError
from facial_retarget.core.media import read_samples
from facial_retarget.core.speech import NO_VOICE, SpeechOptions, SpeechStream, animate_speech
from facial_retarget.core.speech.methods import SHIPPED_METHODS

RATE = 16000
METHODS = ("visemes", "features")
# The features' mouth is far behind: its lips come near each other where the others' meet.
NEARLY_CLOSED = {"visemes": 0.02, "features": 0.12}
LIKENESS_FROM_AFAR = {"visemes": 0.6, "features": 0.35}
WIDEST = {"visemes": 0.15, "features": 0.12}


@pytest.fixture(params=METHODS)
def method(request: pytest.FixtureRequest) -> str:
    try:
        SHIPPED_METHODS[request.param]()
    except ModelError as error:
        pytest.skip(str(error))
    return str(request.param)


@pytest.fixture(scope="module")
def reader(shared: Path) -> Path:
    """A man reads one sentence aloud, five seconds."""
    return shared / "media" / "librispeech_61-70968-0000.flac"


@pytest.fixture(scope="module")
def sentence(reader: Path) -> str:
    return reader.with_suffix(".txt").read_text("utf-8")


def mouth(clip: Clip) -> np.ndarray:
    names = [name for name in clip.channels if name.startswith(("jaw", "mouth"))]
    return clip.select(names).values


def gap(clip: Clip) -> np.ndarray:
    return clip.channel("jawOpen") - clip.channel("mouthClose")


def spoken(clip: Clip) -> list[str]:
    return [marker.name for marker in clip.markers]


def test_lips_meet_and_part_as_a_reader_speaks(reader: Path, method: str) -> None:
    clip = animate_speech(reader, SpeechOptions(method=method))
    closures = [marker for marker in clip.markers if marker.name == "PP"]
    assert len(closures) >= 2
    for marker in closures:
        during = (clip.times >= marker.time) & (clip.times < marker.time + marker.duration)
        assert gap(clip)[during].min() < NEARLY_CLOSED[method]
    assert np.quantile(gap(clip), 0.9) > 0.08
    assert 3 < len(clip.markers) / clip.duration <= 9


def test_a_stream_gives_the_frames_of_the_file(reader: Path, method: str) -> None:
    options = SpeechOptions(method=method)
    clip = animate_speech(reader, options)
    samples = read_samples(reader, RATE)
    stream = SpeechStream(options)
    parts = [stream.feed(samples[i : i + 320]) for i in range(0, len(samples), 320)]
    values = np.concatenate([part.values for part in [*parts, stream.finish()]])
    np.testing.assert_allclose(values, clip.values, atol=1e-3)
    assert stream.look_ahead < 0.13


@pytest.mark.parametrize("kind", ["noise", "hum", "hiss"])
def test_what_is_no_voice_leaves_the_mouth_still(
    tmp_path: Path, make_sound: Callable[..., Path], method: str, kind: str
) -> None:
    times = np.arange(5 * RATE) / RATE
    noise = np.random.default_rng(0).normal(0, 1, len(times))
    made = {
        "noise": 0.1 * noise,
        "hum": 0.2 * np.sin(2 * np.pi * 50 * times) + 0.1 * np.sin(2 * np.pi * 100 * times),
        "hiss": 0.01 * np.diff(noise, prepend=0),
    }
    path = make_sound(tmp_path / "a.wav", made[kind].astype(np.float32))
    clip = animate_speech(path, SpeechOptions(method=method))
    assert np.ptp(mouth(clip)[clip.times > 1], axis=0).max() < 0.02


def test_between_sentences_the_mouth_rests(
    tmp_path: Path, make_sound: Callable[..., Path], reader: Path, method: str
) -> None:
    samples = read_samples(reader, RATE)
    pause = 0.0005 * np.random.default_rng(0).normal(0, 1, 2 * RATE)
    both = np.concatenate([samples, pause, samples]).astype(np.float32)
    clip = animate_speech(make_sound(tmp_path / "a.wav", both), SpeechOptions(method=method))
    end = len(samples) / RATE
    resting = (clip.times > end + 0.4) & (clip.times < end + 1.7)
    assert np.ptp(mouth(clip)[resting], axis=0).max() < 0.005


@pytest.mark.parametrize("kind", ["shouted", "from afar", "on the telephone", "whispered"])
def test_a_voice_is_followed_however_it_is_recorded(
    tmp_path: Path, make_sound: Callable[..., Path], reader: Path, method: str, kind: str
) -> None:
    if (method, kind) == ("features", "whispered"):
        pytest.skip("The features take a whisper for noise: the card says so.")
    samples = read_samples(reader, RATE)
    envelope = np.sqrt(np.convolve(samples**2, np.ones(400) / 400, "same"))
    noise = np.random.default_rng(0).normal(0, 1, len(samples))
    made = {
        "shouted": np.clip(30 * samples, -1, 1),
        "from afar": 0.02 * samples,
        "on the telephone": np.repeat(samples[::2], 2),
        "whispered": 0.1 * envelope * noise,
    }
    path = make_sound(tmp_path / "a.wav", made[kind][: len(samples)].astype(np.float32))
    clip = animate_speech(path, SpeechOptions(method=method))
    assert NO_VOICE not in spoken(clip)
    usual = animate_speech(reader, SpeechOptions(method=method))
    if kind != "whispered":  # of which only the loudness is left here
        count = min(len(clip), len(usual))
        likeness = np.corrcoef(gap(clip)[:count], gap(usual)[:count])[0, 1]
        assert likeness > LIKENESS_FROM_AFAR[method]


def test_a_script_is_found_in_the_sound(reader: Path, sentence: str, method: str) -> None:
    clip = animate_speech(reader, SpeechOptions(method=method, script=sentence))
    words = [marker for marker in clip.markers if marker.name in sentence.split()]
    assert [word.name for word in words] == sentence.split()
    lengths = [word.duration for word in words]
    assert max(lengths) < 1.2
    assert 2 < words[-1].time < 5


def test_another_script_is_refused(reader: Path, method: str) -> None:
    script = "Good morning to everybody who woke up early and joined us for breakfast by the sea"
    with pytest.raises(SpeechError, match="does not match what is spoken"):
        animate_speech(reader, SpeechOptions(method=method, script=script))


def test_a_real_film_speaks(shared: Path, method: str) -> None:
    clip = animate_speech(shared / "media" / "grid_bbaf2n.mpg", SpeechOptions(method=method))
    assert clip.duration == pytest.approx(3, abs=0.2)
    assert "PP" in spoken(clip)  # "bin blue at F two now"
    assert gap(clip).max() > WIDEST[method]
