"""Sound that can be made to measure, and models that understand it.

A whistle stands for a viseme each: the stand-in for the recogniser tells them by the loudest band
of log-mel, the stand-in for the mouth moves to the visemes' targets.
"""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from facial_retarget.core.speech import methods
from facial_retarget.core.speech.coarticulation import mouth_table
from facial_retarget.core.speech.features import MEL_BANDS, SAMPLE_RATE
from facial_retarget.core.speech.methods import VisemeMethod
from facial_retarget.core.speech.parameters import MOUTH_PARAMETERS
from facial_retarget.core.speech.visemes import VISEMES

Floats = NDArray[np.float32]
Whistle = Callable[[str], Floats]
MakeSound = Callable[..., Path]

_LOWEST, _STEP = 400.0, 1.17  # Hz, and from one viseme's whistle to the next
_ABOVE_OTHERS = 1.0


def _frequency(viseme: str) -> float:
    return _LOWEST * _STEP ** VISEMES.index(viseme)


@pytest.fixture(scope="session")
def whistle() -> Whistle:
    """Make the samples of "sil:300 PP:80 aa:200": visemes and their milliseconds."""
    return _whistle


def _whistle(text: str) -> Floats:
    pieces = []
    for word in text.split():
        viseme, length = word.split(":")
        times = np.arange(int(length) * SAMPLE_RATE // 1000) / SAMPLE_RATE
        loud = 0.0 if viseme == "sil" else 0.3
        pieces.append(loud * np.sin(2 * np.pi * _frequency(viseme) * times))
    return np.concatenate(pieces).astype(np.float32)


class _Windows:
    """A RowModel that looks at windows of rows."""

    def __init__(self, left: int, right: int, stride: int, width: int) -> None:
        self.left, self.right, self.stride, self.width = left, right, stride, width
        self.grid = 2

    def windows(self, rows: Floats) -> Floats:
        """Return (n, rows of a window, width)."""
        assert (len(rows) - self.left - self.right) % self.grid == 0
        size = self.left + self.right + self.stride
        views = np.lib.stride_tricks.sliding_window_view(rows, size, axis=0)[:: self.stride]
        return views.transpose(0, 2, 1)


class WhistleRecogniser(_Windows):
    """Knows a whistle by the loudest band in the middle of its window."""

    def __init__(self) -> None:
        super().__init__(6, 8, 1, MEL_BANDS)
        self.outputs = {"logits": len(VISEMES), "ahead": len(VISEMES)}
        self._bands = _bands_of_whistles()

    def run(self, rows: Floats) -> dict[str, Floats]:
        """Return logits that are nearly certain, of now and of 60 ms later."""
        windows = self.windows(rows)
        return {
            "logits": self._logits(windows[:, self.left]),
            "ahead": self._logits(windows[:, self.left + methods.AHEAD]),
        }

    def _logits(self, middle: Floats) -> Floats:
        viseme = np.abs(middle.argmax(axis=1)[:, None] - self._bands).argmin(axis=1)
        others = np.median(middle, axis=1)
        viseme = np.where(middle.max(axis=1) > others + _ABOVE_OTHERS, viseme, 0)
        return 8 * np.eye(len(VISEMES), dtype=np.float32)[viseme]


class TargetMouth(_Windows):
    """Moves to the targets of the visemes, averaged over a window, and never shuts its lips."""

    def __init__(self) -> None:
        super().__init__(6, 4, 2, 2 * len(VISEMES) + 2)
        self.outputs = {"mouth": len(MOUTH_PARAMETERS)}
        table = mouth_table()["targets"]
        self._targets = np.array(
            [[table[viseme].get(name, 0) for name in MOUTH_PARAMETERS] for viseme in VISEMES],
            np.float32,
        )

    def run(self, rows: Floats) -> dict[str, Floats]:
        """Return the targets of what the window holds."""
        visemes = self.windows(rows)[:, :-1, : len(VISEMES)].mean(axis=1)
        return {"mouth": visemes @ self._targets}


def _bands_of_whistles() -> NDArray[np.int64]:
    from facial_retarget.core.speech.features import log_mel

    bands = [log_mel(_whistle(f"{viseme}:60"))[2].argmax() for viseme in VISEMES[1:]]
    assert len(set(bands)) == len(bands)
    return np.array([-1000, *bands])


@pytest.fixture
def whistled_method() -> Callable[[], VisemeMethod]:
    """Make a method that understands whistles."""
    return lambda: VisemeMethod(WhistleRecogniser(), TargetMouth())


@pytest.fixture
def whistled_models(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Let the whole add-on understand whistles instead of speech."""
    models = {"speech_recogniser": WhistleRecogniser, "speech_visemes_mouth": TargetMouth}
    monkeypatch.setattr(methods, "named_model", lambda name: models[name]())


@pytest.fixture(scope="session")
def make_sound() -> MakeSound:
    """Write samples to a sound file, as in make_sound(path, samples, codec="pcm_s16le")."""
    return _make_sound


def _make_sound(
    path: Path,
    samples: Floats,
    *,
    codec: str = "pcm_s16le",
    rate: int = SAMPLE_RATE,
    layout: str = "mono",
) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        resampler = av.AudioResampler(format=stream.format, layout=layout, rate=rate)
        frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        fifo = av.AudioFifo()
        for made in [*resampler.resample(frame), *resampler.resample(None)]:
            made.pts = None
            fifo.write(made)
        size = stream.codec_context.frame_size or 1024
        while (piece := fifo.read(size, partial=True)) is not None:
            container.mux(stream.encode(piece))
        container.mux(stream.encode())
    return path
