"""Microphones: named, opened, lost; and a file that is played as one."""

import itertools
import math
import os
import subprocess
import sys
import time
import wave
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from facial_retarget.core import microphone
from facial_retarget.core.errors import MicrophoneError
from facial_retarget.core.live import speak_along
from facial_retarget.core.microphone import RATE, Piece, listening, played

# An ALSA that records from a file: a microphone to all that opens it.
ALSA = """
pcm.null {{ type null }}
pcm.desk {{ type file slave.pcm "null" file "/dev/null" infile "{raw}" format "raw" }}
"""
LISTENING = """
import numpy as np
from facial_retarget.core.microphone import listening
with listening("desk") as pieces:
    heard = np.concatenate([next(pieces).samples for _ in range(10)])
print(len(heard), round(float(np.abs(heard).max()), 2))
"""


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """Half a second of a hum, at 44.1 kHz in stereo."""
    path = tmp_path / "hum.wav"
    hum = (8000 * np.sin(np.arange(22050) * 0.05)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 44100, 0, "NONE", ""))
        file.writeframes(np.repeat(hum, 2).tobytes())
    return path


@pytest.fixture
def no_portaudio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(microphone, "_portaudio", lambda: None)


def test_a_file_is_played_as_fast_as_it_is_spoken(sound: Path) -> None:
    began = time.time()
    with listening(str(sound)) as pieces:
        heard = list(pieces)
    took = time.time() - began
    assert sum(len(piece.samples) for piece in heard) == pytest.approx(RATE / 2, abs=40)
    assert 0.45 < took < 1.5
    assert all(later.heard > sooner.heard for sooner, later in itertools.pairwise(heard))
    assert max(len(piece.samples) for piece in heard) <= RATE // 100


@pytest.mark.usefixtures("no_portaudio")
def test_no_microphone_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(microphone, "_open_av", lambda _name: None)
    with pytest.raises(MicrophoneError, match="No microphone was found"), listening():
        pass
    with pytest.raises(MicrophoneError, match="no microphone 'desk'"), listening("desk"):
        pass


@pytest.mark.usefixtures("no_portaudio")
def test_a_name_that_no_device_has_is_one_sentence() -> None:
    with pytest.raises(MicrophoneError, match="no microphone 'nonsense'"), listening("nonsense"):
        pass


@pytest.mark.usefixtures("no_portaudio")
@pytest.mark.parametrize("how", ["error", "end"])
def test_a_microphone_that_vanishes_is_one_sentence(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = []

    def samples() -> Iterator[np.ndarray]:
        yield from [np.ones(200, np.float32)] * 4
        if how == "error":
            raise OSError("No such device")

    opened = samples(), lambda: closed.append(True)
    monkeypatch.setattr(microphone, "_open_av", lambda _name: opened)
    heard: list[Piece] = []
    with (
        pytest.raises(MicrophoneError, match="The microphone 'desk' is gone"),
        listening("desk") as pieces,
    ):
        heard.extend(pieces)
    assert [len(piece.samples) for piece in heard] == [200] * 4
    assert closed


@pytest.mark.skipif(sys.platform != "linux", reason="ALSA is Linux's")
@pytest.mark.usefixtures("no_portaudio")
def test_an_alsa_microphone_is_listened_to(tmp_path: Path) -> None:
    (tmp_path / "in.raw").write_bytes(np.full(RATE, 16384, "<i2").tobytes())
    config = tmp_path / "asound.conf"
    config.write_text(ALSA.format(raw=tmp_path / "in.raw"))
    done = subprocess.run(
        [sys.executable, "-c", LISTENING],
        env={**os.environ, "ALSA_CONFIG_PATH": str(config)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    count, loudest = done.stdout.split()
    assert int(count) >= 10 * RATE // 200
    assert float(loudest) == pytest.approx(0.5, abs=0.01)


def test_cards_are_named_as_the_kernel_lists_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = tmp_path / "pcm"
    cards.write_text(
        "00-00: ALC257 Analog : ALC257 Analog : playback 1 : capture 1\n"
        "00-03: HDMI 0 : HDMI 0 : playback 1\n"
        "02-00: USB Audio : USB Audio : capture 1\n"
    )
    monkeypatch.setattr(microphone, "_ALSA_CARDS", cards)
    assert microphone._alsa_cards() == ["plughw:0,0", "plughw:2,0"]
    monkeypatch.setattr(microphone, "_ALSA_CARDS", tmp_path / "none")
    assert microphone._alsa_cards() == []


@pytest.mark.usefixtures("no_portaudio")
@pytest.mark.parametrize(
    ("platform", "kind", "named", "opened"),
    [
        ("win32", "dshow", ("Desk Microphone",), "audio=Desk Microphone"),
        ("darwin", "avfoundation", ("default", "Desk Microphone"), ":default"),
    ],
)
def test_the_microphones_of_other_systems_are_named_and_opened(
    platform: str,
    kind: str,
    named: tuple[str, ...],
    opened: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, str]] = []

    def refuse(name: str, format: str, options: dict[str, str]) -> None:
        asked.append((name, format))
        raise OSError("not on this machine")

    devices = [
        SimpleNamespace(description="Desk Camera", media_types=["video"]),
        SimpleNamespace(description="Desk Microphone", media_types=["audio"]),
    ]
    monkeypatch.setattr(microphone, "_PLATFORM", platform)
    monkeypatch.setattr("av.formats_available", {kind})
    monkeypatch.setattr("av.device.enumerate_input_devices", lambda _kind: devices)
    monkeypatch.setattr("av.open", refuse)
    assert microphone.microphones() == named
    with pytest.raises(MicrophoneError, match="No microphone was found"), listening():
        pass
    assert asked[0] == (opened, kind)


class PortAudio:
    """What sounddevice offers of its library, with one microphone that is lost in the end."""

    class PortAudioError(Exception):
        pass

    def __init__(self) -> None:
        self.is_closed = False

    def query_devices(self) -> list[dict[str, object]]:
        return [
            {"name": "Speakers", "max_input_channels": 0},
            {"name": "Headset", "max_input_channels": 1},
        ]

    def InputStream(self, _rate: int, device: str | None, **_: object) -> "PortAudio":  # noqa: N802
        if device not in (None, "Headset"):
            raise self.PortAudioError("no such device")
        self._left = 3
        return self

    def start(self) -> None:
        pass

    def read(self, count: int) -> tuple[np.ndarray, bool]:
        self._left -= 1
        if self._left < 0:
            raise self.PortAudioError("Device unavailable")
        return np.full((count, 1), 0.25, np.float32), False

    def close(self) -> None:
        self.is_closed = True


def test_portaudio_goes_first_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    library = PortAudio()
    monkeypatch.setattr(microphone, "_portaudio", lambda: library)
    assert microphone.microphones() == ("Headset",)
    heard: list[Piece] = []
    with pytest.raises(MicrophoneError, match="gone"), listening("Headset") as pieces:
        heard.extend(pieces)
    assert [float(piece.samples[0]) for piece in heard] == [0.25] * 3
    assert library.is_closed


class Stream:
    """A stream with a look-ahead of 0.1 seconds and a frame for each 0.02."""

    look_ahead = 0.1

    def __init__(self) -> None:
        self.fed: list[int] = []
        self._frames = 0

    def feed(self, samples: np.ndarray) -> SimpleNamespace:
        self.fed.append(len(samples))
        known = math.floor((sum(self.fed) / RATE - self.look_ahead) / 0.02 + 1e-6) + 1
        times = np.arange(self._frames, max(known, self._frames)) * 0.02
        self._frames = max(known, self._frames)
        return SimpleNamespace(times=times, values=np.zeros((len(times), 2), np.float32))


@pytest.mark.parametrize("size", [80, 160, 441, 2000])
def test_frames_come_when_they_are_due_however_small_the_pieces(size: int) -> None:
    began, stream = 100.0, Stream()
    pieces = [
        Piece(np.zeros(size, np.float32), began + (number + 1) * size / RATE)
        for number in range(RATE // size)
    ]
    frames = list(speak_along(stream, pieces))  # type: ignore[arg-type]
    assert [frame.time for frame in frames] == pytest.approx(np.arange(len(frames)) * 0.02)
    assert [frame.heard for frame in frames] == pytest.approx(began + np.arange(len(frames)) * 0.02)
    assert len(frames) in range(44, 47)
    # Until the first frame nobody knows when it is due.
    assert len(stream.fed) <= 0.1 * RATE / size + 50


def test_a_clock_that_runs_late_does_not_hold_the_sound_up(sound: Path) -> None:
    began = time.time()
    late = iter(np.arange(10_000) + began)
    assert sum(len(piece.samples) for piece in played(sound, lambda: next(late))) > 7000
    assert time.time() - began < 2.0
