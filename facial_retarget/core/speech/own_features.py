"""A user's own wav2vec 2.0 model in ONNX, brought to the features that our mouth model knows."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..media import read_samples
from .blocks import RowModel, whole
from .features import SAMPLE_RATE, SILENT_ROW, log_mel
from .methods import KnownMethod, heard_now
from .visemes import DATA_FOLDER

if TYPE_CHECKING:
    import onnxruntime

Floats = NDArray[np.float32]

# Some sentences by many voices; adaptor.json tells of their origin and licence.
ADAPTOR_SOUND: Final = DATA_FOLDER / "adaptor.ogg"

_INPUT: Final = "input_values"
_MASK: Final = "attention_mask"
_OUTPUT: Final = "last_hidden_state"
_HOP: Final = 320  # samples between features
_WINDOW: Final = 400
# Fewer are letters or sounds that a model decided for, not features.
_FEWEST_FEATURES: Final = 128

# Whole numbers of features: 14 s are kept of each 15 s that are heard.
_KEPT: Final = 14 * SAMPLE_RATE
_OVERLAP: Final = SAMPLE_RATE // 2  # on either side

_PENALTIES: Final = (1e-3, 1e-2, 1e-1, 1.0, 10.0)  # for ridge regression, of standardised features
_TRIED_ON: Final = 5  # of so many parts one tells which penalty is best
_LEAST_DEVIATION: Final = 1e-4


class OwnEncoder:
    """A wav2vec 2.0 model that a user chose: 16 kHz samples to features, 50 a second."""

    def __init__(self, path: Path) -> None:
        """Open and probe a file. Raises ModelError where it is no such model."""
        self._name = path.name
        self._session = _session(path)
        inputs = {each.name: each for each in self._session.get_inputs()}
        if not {_INPUT} <= set(inputs) <= {_INPUT, _MASK} or len(inputs[_INPUT].shape) != 2:
            raise self._refused(f"it takes {', '.join(map(repr, inputs)) or 'nothing'}")
        self._takes_mask = _MASK in inputs
        outputs = [each.name for each in self._session.get_outputs()]
        self._output = _OUTPUT if _OUTPUT in outputs else outputs[0]
        self.width = self._probe()

    def run(self, samples: Floats) -> Floats:
        """Return ((n - 400) // 320 + 1, width) features of (n,) samples of unit variance."""
        given: dict[str, NDArray[Any]] = {_INPUT: samples[None].astype(np.float32)}
        if self._takes_mask:
            given[_MASK] = np.ones((1, len(samples)), np.int64)
        (made,) = self._session.run([self._output], given)
        features: Floats = np.asarray(made)
        if features.ndim != 3 or features.shape[:2] != (1, count_of(len(samples))):
            raise self._refused(f"a second of sound becomes an array of shape {features.shape}")
        first: Floats = features[0]
        return first

    def _probe(self) -> int:
        try:
            width = self.run(np.zeros(SAMPLE_RATE, np.float32)).shape[1]
        except ModelError:
            raise
        except Exception as error:  # the runtime raises types of its own, without a common base
            raise self._refused("it cannot be run on a second of sound") from error
        if width < _FEWEST_FEATURES:
            raise self._refused(f"its {width} outputs are too few to be features")
        return width

    def _refused(self, reason: str) -> ModelError:
        return ModelError(
            f"'{self._name}' is not a wav2vec 2.0 model that can be used: {reason}. Choose an ONNX "
            f"export with the input '{_INPUT}' and the output '{_OUTPUT}', or leave the field "
            "empty."
        )


@dataclass(frozen=True, eq=False)
class Adaptor:
    """A linear map between two kinds of features: (width, features) and (features,)."""

    matrix: Floats
    offset: Floats

    def __call__(self, features: Floats) -> Floats:
        """Return (n, features) of (n, width)."""
        adapted: Floats = features @ self.matrix + self.offset
        return adapted

    @classmethod
    def fitted(cls, given: Floats, wanted: Floats) -> "Adaptor":
        """Return the map from (n, width) to (n, features) rows, by ridge regression.

        The penalty is the one that does best on rows it was not fitted to.
        """
        part = len(given) // _TRIED_ON
        train, held = slice(None, -part), slice(-part, None)

        def error(penalty: float) -> float:
            guess = _ridge(given[train], wanted[train], penalty)(given[held])
            return float(np.mean((guess - wanted[held]) ** 2))

        return _ridge(given, wanted, min(_PENALTIES, key=error))


def own_method(
    path: Path, pieces: Callable[[], Iterable[Floats]], encoder: RowModel, mouth: RowModel
) -> KnownMethod:
    """Return what a mouth does by the features of a user's own model.

    pieces: gives the sound, 16,000 samples a second, anew each time it is called. encoder, mouth:
    the models `speech_encoder` and `speech_features_mouth`. Raises ModelError for a wrong file.
    """
    own = OwnEncoder(path)
    adaptor = Adaptor.fitted(*_paired(own, encoder))
    level = _level(pieces())
    features = [adaptor(rows) for rows in _heard(own, pieces(), level)]
    silent = whole(encoder, SILENT_ROW[None], SILENT_ROW)["features"][0]
    known = np.concatenate([np.zeros((0, mouth.width), np.float32), *features])
    return KnownMethod(heard_now(whole(mouth, known, silent)))


def count_of(samples: int) -> int:
    """Return how many features wav2vec 2.0 makes of so many samples."""
    return max((samples - _WINDOW) // _HOP + 1, 0)


def _paired(own: OwnEncoder, encoder: RowModel) -> tuple[Floats, Floats]:
    """Return the features of both models for the same moments of the bundled recording."""
    samples = read_samples(ADAPTOR_SOUND, SAMPLE_RATE)
    given = np.concatenate(list(_heard(own, [samples], _level([samples]))))
    wanted = whole(encoder, log_mel(samples), SILENT_ROW)["features"]
    return given, wanted[: len(given)]


def _level(pieces: Iterable[Floats]) -> tuple[float, float]:
    """Return mean and deviation of a sound."""
    count, total, squares = 0, 0.0, 0.0
    for samples in pieces:
        count += len(samples)
        total += float(samples.sum(dtype=np.float64))
        squares += float(np.square(samples, dtype=np.float64).sum())
    mean = total / max(count, 1)
    return mean, float(np.sqrt(max(squares / max(count, 1) - mean**2, 0)))


def _heard(
    own: OwnEncoder, pieces: Iterable[Floats], level: tuple[float, float]
) -> Iterator[Floats]:
    """Yield the features of a sound, chunk by chunk, each heard with a little of its neighbours."""
    mean, deviation = level
    before = 0
    for chunk, is_last in _chunks(pieces):
        rows = own.run((chunk - mean) / max(deviation, _LEAST_DEVIATION))
        first = before // _HOP
        yield rows[first:] if is_last else rows[first : first + _KEPT // _HOP]
        before = _OVERLAP


def _chunks(pieces: Iterable[Floats]) -> Iterator[tuple[Floats, bool]]:
    """Yield the chunks of a sound, which overlap, and whether each is the last."""
    waiting: Floats = np.zeros(0, np.float32)
    before = 0
    for samples in pieces:
        waiting = np.concatenate([waiting, samples])
        # What is kept of the last chunk must be long enough to be heard.
        while len(waiting) > before + _KEPT + 2 * _OVERLAP:
            yield waiting[: before + _KEPT + _OVERLAP], False
            waiting = waiting[before + _KEPT - _OVERLAP :]
            before = _OVERLAP
    if count_of(len(waiting)):
        yield waiting, True


def _ridge(given: Floats, wanted: Floats, penalty: float) -> Adaptor:
    mean, middle = given.mean(axis=0), wanted.mean(axis=0)
    scale = np.maximum(given.std(axis=0), _LEAST_DEVIATION)
    standard = ((given - mean) / scale).astype(np.float64)
    normal = standard.T @ standard + penalty * len(given) * np.eye(given.shape[1])
    matrix = np.linalg.solve(normal, standard.T @ (wanted - middle)) / scale[:, None]
    return Adaptor(matrix.astype(np.float32), (middle - mean @ matrix).astype(np.float32))


def _session(path: Path) -> "onnxruntime.InferenceSession":
    import onnxruntime

    if not path.is_file():
        raise ModelError(
            f"There is no file '{path.name}' in {path.parent}. Choose the wav2vec 2.0 model again, "
            "or leave the field empty."
        )
    try:
        return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime raises types of its own, without a common base
        raise ModelError(
            f"'{path.name}' is not an ONNX model. Choose an export of wav2vec 2.0, or leave the "
            "field empty."
        ) from error
