"""The two ways from sound to a mouth: by visemes, and by learned features of speech."""

import abc
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..runtime import onnx_session
from .blocks import OnnxRows, Queue, RowModel, RowStream
from .features import SILENT_ROW, loudness
from .visemes import VISEMES

Floats = NDArray[np.float32]

# A mouth has a row for every other row of log-mel.
ROWS_PER_MOUTH: Final = 2
# Rows of log-mel. Lips move before they are heard: the recogniser also tells what comes so soon.
AHEAD: Final = 6
# More than any model moves on at a time.
_GRID: Final = 4


class Heard(NamedTuple):
    """What became known, 50 rows a second; the two need not have come equally far.

    visemes: (n, 2 * VISEMES) probabilities of what is said, and of what is AHEAD rows of log-mel
    later. mouth: (m, MOUTH_PARAMETERS).
    """

    visemes: Floats
    mouth: Floats


class Method(abc.ABC):
    """Turns rows of log-mel, 100 a second, into Heard.

    ahead: rows of log-mel that are needed after a row's own.
    """

    ahead: int

    def __init__(self) -> None:
        self._fed = 0
        self._given = dict.fromkeys(Heard._fields, 0)

    def feed(self, mel: Floats) -> Heard:
        """Take (n, MEL_BANDS) further rows; return the rows of Heard that they complete."""
        self._fed += len(mel)
        return self._limited(self._listen(mel))

    def finish(self) -> Heard:
        """Return what is left, so that there is one row for every other one that was fed."""
        return self._limited(self._listen(_silence(self.ahead + _GRID)))

    @abc.abstractmethod
    def _listen(self, mel: Floats) -> Heard: ...

    def _limited(self, heard: Heard) -> Heard:
        """Leave out what is about the silence after the end."""
        most = -(-self._fed // ROWS_PER_MOUTH)
        kept = {}
        for name, rows in heard._asdict().items():
            kept[name] = rows[: most - self._given[name]]
            self._given[name] += len(kept[name])
        return Heard(**kept)


class VisemeMethod(Method):
    """A recogniser of visemes, then a model that moves a mouth by them and by the loudness."""

    def __init__(self, recogniser: RowModel, mouth: RowModel) -> None:
        """Take models as `speech_recogniser` and `speech_visemes_mouth` are."""
        super().__init__()
        self.ahead = recogniser.right + mouth.right
        self._recogniser, self._mouth = RowStream(recogniser), RowStream(mouth)
        self._loudness, self._later = (Queue(1, recogniser.left + early) for early in (0, AHEAD))
        self._visemes = Queue(2 * len(VISEMES), mouth.left)
        self._listen(_silence(recogniser.left + mouth.left))

    def _listen(self, mel: Floats) -> Heard:
        told = self._recogniser.feed(mel)
        visemes = np.concatenate([softmax(told["logits"]), softmax(told["ahead"])], axis=1)
        self._visemes.put(visemes)
        loud = []
        for queue in (self._loudness, self._later):
            queue.put(loudness(mel)[:, None])
            loud.append(queue.take(len(visemes)))
        mouth = self._mouth.feed(np.concatenate([visemes, *loud], axis=1))["mouth"]
        pairs = len(self._visemes) // ROWS_PER_MOUTH
        return Heard(self._visemes.take(pairs * ROWS_PER_MOUTH)[::ROWS_PER_MOUTH], mouth)


class FeatureMethod(Method):
    """An encoder trained without labels, then a model that moves a mouth by its features."""

    def __init__(self, encoder: RowModel, mouth: RowModel) -> None:
        """Take models as `speech_encoder` and `speech_features_mouth` are."""
        super().__init__()
        self.ahead = encoder.right + encoder.stride * mouth.right
        self._encoder, self._mouth = RowStream(encoder), RowStream(mouth)
        self._listen(_silence(encoder.left + encoder.stride * mouth.left))

    def _listen(self, mel: Floats) -> Heard:
        made = self._mouth.feed(self._encoder.feed(mel)["features"])
        return heard_now(made)


class KnownMethod(Method):
    """What a mouth does is known beforehand; the sound only says how far it has come."""

    ahead = 0

    def __init__(self, known: Heard) -> None:
        """Take a row of each for every other row that will be fed, or more."""
        super().__init__()
        self._known = known

    def _listen(self, mel: Floats) -> Heard:  # noqa: ARG002 - it is known already
        return Heard(*(rows[self._given[name] :] for name, rows in self._known._asdict().items()))


def viseme_method() -> VisemeMethod:
    """Return the method with the models of this installation. Raises ModelError."""
    return VisemeMethod(shipped_recogniser(), named_model("speech_visemes_mouth"))


def feature_method() -> FeatureMethod:
    """Return the method with the models of this installation. Raises ModelError."""
    return FeatureMethod(*shipped_feature_models())


SHIPPED_METHODS: Final[dict[str, Callable[[], Method]]] = {
    "visemes": viseme_method,
    "features": feature_method,
}


def shipped_feature_models() -> tuple[RowModel, RowModel]:
    """Return the encoder and the mouth of this installation. Raises ModelError."""
    return named_model("speech_encoder"), named_model("speech_features_mouth")


def shipped_recogniser() -> RowModel:
    """Return the recogniser of visemes of this installation. Raises ModelError."""
    return named_model("speech_recogniser")


def named_model(name: str) -> RowModel:
    """Open a speech model of models/index.json. Raises ModelError as onnx_session does."""
    # So little work is done sooner by one thread than it is shared out among several.
    return OnnxRows(onnx_session(name, threads=1))


def heard_now(made: dict[str, Floats]) -> Heard:
    """Return what a mouth of features made; it tells nothing of what comes."""
    visemes = softmax(made["logits"])
    return Heard(np.concatenate([visemes, visemes], axis=1), made["mouth"])


def softmax(logits: Floats) -> Floats:
    """Return probabilities of (n, classes) logits."""
    powers = np.exp(logits - logits.max(axis=1, initial=0.0, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _silence(rows: int) -> Floats:
    return np.tile(SILENT_ROW, (rows, 1))
