from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from facial_retarget.core.errors import ModelError, SpeechError
from facial_retarget.core.media import read_samples
from facial_retarget.core.speech import SpeechOptions, SpeechStream, animate_speech, methods
from facial_retarget.core.speech.features import MEL_BANDS, log_mel
from facial_retarget.core.speech.own_features import (
    ADAPTOR_SOUND,
    Adaptor,
    OwnEncoder,
    _heard,
    count_of,
    own_method,
)

DATA = Path(__file__).parent / "data"
# wav2vec 2.0's inputs, outputs and strides, but a few filters and no transformer.
TINY = DATA / "tiny_wav2vec.onnx"


class Thinned:
    """An encoder whose features are every other row of log-mel."""

    left, right, stride, grid, width = 4, 2, 2, 2, MEL_BANDS
    outputs = {"features": MEL_BANDS}

    def run(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        return {"features": rows[self.left : len(rows) - self.right : 2]}


class Shown:
    """A mouth that shows its features."""

    left, right, stride, grid, width = 2, 2, 1, 1, MEL_BANDS
    outputs = {"mouth": 13, "logits": 15}

    def run(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        own = rows[self.left : len(rows) - self.right]
        return {"mouth": own[:, ::5], "logits": own[:, :15]}


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    return read_samples(ADAPTOR_SOUND, 16000)


def test_a_model_is_known_by_its_names_and_shapes() -> None:
    own = OwnEncoder(TINY)
    assert own.width == 768
    assert own.run(np.zeros(16000, np.float32)).shape == (49, 768)


@pytest.mark.parametrize(
    ("file", "reason"),
    [("letters.onnx", "its 32 outputs are too few"), ("other.onnx", "it takes 'samples'")],
)
def test_other_models_are_refused_with_the_reason(file: str, reason: str) -> None:
    with pytest.raises(ModelError, match=rf"'{file}' is not a wav2vec 2.0 model .*{reason}"):
        OwnEncoder(DATA / file)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"'a\.onnx' is not an ONNX model"):
        OwnEncoder(tmp_path / "a.onnx")
    with pytest.raises(ModelError, match=r"There is no file 'b\.onnx'"):
        OwnEncoder(tmp_path / "b.onnx")


@pytest.mark.parametrize("seconds", [0.02, 0.3, 14.0, 14.6, 15.01, 29.0, 40.0])
def test_chunks_give_the_features_of_the_whole(speech: np.ndarray, seconds: float) -> None:
    own = OwnEncoder(TINY)
    samples = speech[: round(seconds * 16000)]
    pieces = np.split(samples, np.arange(50_000, len(samples), 50_000))
    made = list(_heard(own, pieces, (0.0, 1.0)))
    count = count_of(len(samples))
    assert sum(len(rows) for rows in made) == count
    if count:
        assert_allclose(np.concatenate(made), own.run(samples), atol=1e-4)


def test_an_adaptor_finds_a_linear_relation() -> None:
    rng = np.random.default_rng(0)
    given = rng.normal(0, [1, 5, 0.1, 2, 0], (1000, 5)).astype(np.float32)
    wanted = given @ rng.normal(0, 1, (5, 3)) + 7 + rng.normal(0, 0.01, (1000, 3))
    adapted = Adaptor.fitted(given, wanted.astype(np.float32))(given)
    assert_allclose(adapted, wanted, atol=0.1)


def test_a_users_model_is_brought_to_our_features(speech: np.ndarray) -> None:
    samples = speech[: 20 * 16000]
    method = own_method(TINY, lambda: [samples], Thinned(), Shown())
    mel = log_mel(samples)
    mouth = method.feed(mel).mouth
    assert len(mouth) == -(-len(mel) // 2)
    right = np.corrcoef(mouth[:, 3], mel[::2, 15])[0, 1]
    late = np.corrcoef(mouth[10:, 3], mel[:-20:2, 15])[0, 1]
    assert right > 0.8
    assert right > late + 0.2


def test_a_file_is_animated_with_a_users_model(
    tmp_path: Path,
    make_sound: Callable[..., Path],
    speech: np.ndarray,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    models = {"speech_encoder": Thinned, "speech_features_mouth": Shown}
    monkeypatch.setattr(methods, "named_model", lambda name: models[name]())
    path = make_sound(tmp_path / "a.wav", speech[: 3 * 16000])
    clip = animate_speech(path, SpeechOptions(wav2vec=str(TINY)))
    assert clip.duration == pytest.approx(3, abs=0.1)
    assert np.isfinite(clip.values).all()


@pytest.mark.parametrize(
    ("options", "field"),
    [(SpeechOptions(wav2vec=str(TINY)), "wav2vec"), (SpeechOptions(script="hello"), "script")],
)
def test_live_speech_takes_neither_a_users_model_nor_a_script(
    options: SpeechOptions, field: str
) -> None:
    with pytest.raises(SpeechError, match=rf"{field}.* empty to speak live"):
        SpeechStream(options)
