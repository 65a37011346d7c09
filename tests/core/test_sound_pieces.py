from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.testing import assert_allclose

from facial_retarget.core.errors import MediaError
from facial_retarget.core.media import read_samples, sound_pieces

RATE = 16000


@pytest.fixture(scope="module")
def long_sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a minute in which every second is louder than the one before."""
    path = tmp_path_factory.mktemp("sound") / "long.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE, layout="mono")
        for second in range(30):
            samples = np.full((1, RATE), second * 1000, np.int16)
            frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
            frame.sample_rate = RATE
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def test_pieces_are_the_whole_and_none_is_long(long_sound: Path) -> None:
    pieces = list(sound_pieces(long_sound, RATE))
    assert_allclose(np.concatenate(pieces), read_samples(long_sound, RATE))
    assert len(pieces) >= 4
    assert max(len(piece) for piece in pieces) < 7 * RATE


@pytest.mark.parametrize(("start", "end"), [(2.5, 4.0), (None, 1.0), (28.0, None), (12.0, 99.0)])
def test_a_part_is_what_lies_between_start_and_end(
    long_sound: Path, start: float | None, end: float | None
) -> None:
    whole = read_samples(long_sound, RATE)
    part = np.concatenate(list(sound_pieces(long_sound, RATE, start, end)))
    first = round((start or 0) * RATE)
    assert_allclose(part, whole[first : None if end is None else round(end * RATE)])


def test_a_start_after_the_end_gives_nothing(long_sound: Path) -> None:
    assert list(sound_pieces(long_sound, RATE, 40.0)) == []


def test_a_video_without_sound_has_no_pieces(
    tmp_path: Path, make_video: Callable[..., Path], grey: Callable[[int], list[np.ndarray]]
) -> None:
    path = make_video(tmp_path / "mute.mp4", grey(3))
    with pytest.raises(MediaError, match="holds no sound"):
        list(sound_pieces(path, RATE))
