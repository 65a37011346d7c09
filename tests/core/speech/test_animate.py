import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from facial_retarget.core.clip import Clip
from facial_retarget.core.errors import Cancelled, MediaError, SpeechError
from facial_retarget.core.progress import Progress
from facial_retarget.core.speech import (
    NO_VOICE,
    SpeechOptions,
    SpeechStream,
    animate_speech,
)

MakeSound = Callable[..., Path]
WORDS = (
    "sil:400 PP:80 aa:200 SS:100 I:120 PP:70 O:160 FF:90 E:120 sil:700 U:200 nn:80 aa:150 sil:500"
)

pytestmark = pytest.mark.usefixtures("whistled_models")


@pytest.fixture
def samples(whistle: Callable[[str], np.ndarray]) -> np.ndarray:
    return whistle(WORDS)


def names(clip: Clip) -> list[str]:
    return [marker.name for marker in clip.markers]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("8bit.wav", {"codec": "pcm_u8"}),
        ("24bit.wav", {"codec": "pcm_s24le", "rate": 48000, "layout": "stereo"}),
        ("float.wav", {"codec": "pcm_f32le", "rate": 44100}),
        ("telephone.wav", {"rate": 8000}),
        ("studio.wav", {"rate": 192000}),
        ("surround.wav", {"rate": 48000, "layout": "5.1"}),
        ("music.mp3", {"codec": "libmp3lame", "rate": 44100, "layout": "stereo"}),
        ("voice.ogg", {"codec": "libopus", "rate": 48000}),
        ("voice.flac", {"codec": "flac", "rate": 22050}),
    ],
)
def test_any_kind_of_sound_will_do(
    tmp_path: Path,
    make_sound: MakeSound,
    samples: np.ndarray,
    name: str,
    kind: dict[str, Any],
) -> None:
    path = make_sound(tmp_path / name, samples, **kind)
    clip = animate_speech(path)
    assert abs(clip.duration - len(samples) / 16000) < 0.15
    assert {"PP", "aa", "O"} <= set(names(clip))
    assert clip.source.has_sound
    assert clip.source.name == name


def test_a_file_gives_what_the_stream_gives(
    tmp_path: Path,
    make_sound: MakeSound,
    samples: np.ndarray,
    whistled_method: Callable[[], object],
) -> None:
    long = np.tile(samples, 4)
    clip = animate_speech(make_sound(tmp_path / "a.wav", long, codec="pcm_f32le"))
    stream = SpeechStream(None, whistled_method())
    parts = [stream.feed(long[i : i + 333]) for i in range(0, len(long), 333)]
    values = np.concatenate([part.values for part in [*parts, stream.finish()]])
    assert_allclose(clip.values, values, atol=1e-5)


def test_visemes_are_marked_where_they_are_spoken(
    tmp_path: Path, make_sound: MakeSound, samples: np.ndarray
) -> None:
    clip = animate_speech(make_sound(tmp_path / "a.wav", samples))
    assert names(clip) == ["PP", "aa", "SS", "I", "PP", "O", "FF", "E", "U", "nn", "aa"]
    begin = 0.4
    for marker in clip.markers[:4]:
        assert abs(marker.time - begin) < 0.04
        begin = marker.time + marker.duration


def test_a_part_keeps_the_times_of_the_file(
    tmp_path: Path, make_sound: MakeSound, samples: np.ndarray
) -> None:
    path = make_sound(tmp_path / "a.wav", samples)
    clip = animate_speech(path, SpeechOptions(start=1.9, end=2.3))
    assert clip.times[0] == pytest.approx(1.9075)
    assert clip.times[-1] < 2.3
    assert names(clip) == ["U"]


def test_the_sound_of_a_video_will_do(
    tmp_path: Path,
    make_video: Callable[..., Path],
    grey: Callable[[int], list],
    samples: np.ndarray,
) -> None:
    path = make_video(tmp_path / "talk.mp4", grey(60), sound=samples)
    assert "aa" in names(animate_speech(path))


def test_the_same_seed_blinks_at_the_same_times(
    tmp_path: Path, make_sound: MakeSound, samples: np.ndarray
) -> None:
    path = make_sound(tmp_path / "a.wav", np.tile(samples, 5))
    first, again, other = (
        animate_speech(path, SpeechOptions(seed=seed)).channel("eyeBlinkLeft") for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_video_without_sound_is_refused(
    tmp_path: Path, make_video: Callable[..., Path], grey: Callable[[int], list]
) -> None:
    path = make_video(tmp_path / "mute.mp4", grey(5))
    with pytest.raises(MediaError, match=r"'mute\.mp4' holds no sound"):
        animate_speech(path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    with pytest.raises(MediaError, match=r"'empty\.wav' is empty"):
        animate_speech(tmp_path / "empty.wav")


def test_what_is_no_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.wav").write_text("these are no samples")
    with pytest.raises(MediaError, match=r"'notes\.wav' is not a sound or video"):
        animate_speech(tmp_path / "notes.wav")


def test_ten_milliseconds_are_too_short(
    tmp_path: Path, make_sound: MakeSound, samples: np.ndarray
) -> None:
    path = make_sound(tmp_path / "click.wav", samples[8000:8160])
    with pytest.raises(SpeechError, match=r"'click\.wav' holds 0\.01 s of sound"):
        animate_speech(path)


def test_pure_silence_is_refused(tmp_path: Path, make_sound: MakeSound) -> None:
    path = make_sound(tmp_path / "muted.wav", np.zeros(32000, np.float32))
    with pytest.raises(SpeechError, match=r"'muted\.wav' is silent from beginning to end"):
        animate_speech(path)


@pytest.mark.parametrize(("start", "end"), [(3.0, 2.0), (2.0, 2.0)])
def test_an_end_before_the_start_is_refused(
    tmp_path: Path, make_sound: MakeSound, samples: np.ndarray, start: float, end: float
) -> None:
    path = make_sound(tmp_path / "a.wav", samples)
    with pytest.raises(SpeechError, match="Choose a later end"):
        animate_speech(path, SpeechOptions(start=start, end=end))


def test_a_start_after_the_end_of_the_sound_is_refused(
    tmp_path: Path, make_sound: MakeSound, samples: np.ndarray
) -> None:
    path = make_sound(tmp_path / "a.wav", samples)
    with pytest.raises(SpeechError, match="ends before the start at 50 s"):
        animate_speech(path, SpeechOptions(start=50))


@pytest.mark.parametrize("kind", ["noise", "hum"])
def test_noise_and_hum_leave_the_mouth_at_rest(
    tmp_path: Path, make_sound: MakeSound, kind: str
) -> None:
    times = np.arange(6 * 16000) / 16000
    made = {
        "noise": np.random.default_rng(0).normal(0, 0.1, len(times)),
        "hum": 0.2 * np.sin(2 * np.pi * 50 * times) + 0.1 * np.sin(2 * np.pi * 150 * times),
    }
    clip = animate_speech(make_sound(tmp_path / "a.wav", made[kind].astype(np.float32)))
    mouth = clip.select([name for name in clip.channels if name.startswith(("jaw", "mouth"))])
    assert np.ptp(mouth.values[clip.times > 1], axis=0).max() < 0.005


def test_a_sound_without_a_voice_is_marked(tmp_path: Path, make_sound: MakeSound) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 48000).astype(np.float32)
    clip = animate_speech(make_sound(tmp_path / "a.wav", noise))
    assert names(clip) == [NO_VOICE]
    assert clip.markers[0].duration == pytest.approx(clip.duration)


@pytest.mark.parametrize("gain", [0.004, 40.0])
def test_whispered_and_clipped_voices_are_heard_like_others(
    tmp_path: Path, make_sound: MakeSound, samples: np.ndarray, gain: float
) -> None:
    path = make_sound(tmp_path / "a.wav", np.clip(gain * samples, -1, 1).astype(np.float32))
    assert {"PP", "aa", "O", "U"} <= set(names(animate_speech(path)))


def test_a_damaged_mp3_speaks_where_it_can_be_read(
    tmp_path: Path, make_sound: MakeSound, samples: np.ndarray
) -> None:
    path = make_sound(tmp_path / "a.mp3", np.tile(samples, 4), codec="libmp3lame", rate=44100)
    data = bytearray(path.read_bytes())
    third = len(data) // 3
    data[third : third + 3000] = np.random.default_rng(0).bytes(3000)
    path.write_bytes(data[: 2 * third])
    clip = animate_speech(path)
    assert clip.duration > len(samples) * 4 / 16000 * 0.5
    assert np.isfinite(clip.values).all()
    assert names(clip).count("aa") > 3


def test_a_listener_hears_how_far_it_is_and_can_stop_it(
    tmp_path: Path, make_sound: MakeSound, samples: np.ndarray
) -> None:
    path = make_sound(tmp_path / "a.wav", np.tile(samples, 5))
    heard: list[Progress] = []
    animate_speech(path, progress=heard.append)
    assert heard[-1].fraction == 1
    assert len(heard) > 1

    def stop(_progress: Progress) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        animate_speech(path, progress=stop)


@pytest.mark.slow
def test_a_long_sound_takes_little_more_memory_than_a_short_one(
    tmp_path: Path, make_sound: MakeSound, samples: np.ndarray
) -> None:
    def most_memory(repeats: int) -> float:
        path = make_sound(tmp_path / f"{repeats}.wav", np.tile(samples, repeats))
        tracemalloc.start()
        animate_speech(path)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most / 1e6

    # Of each second remain 50 frames of 38 channels, held in two or three arrays for a moment.
    seconds = 30 * len(samples) / 16000
    assert most_memory(40) - most_memory(10) < seconds * 0.06
