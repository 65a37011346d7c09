"""What is trained, in order: each stage hears what an earlier one made of the tracks."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from facial_retarget.core.errors import FacialRetargetError
from facial_retarget.core.speech.features import SILENT_ROW, loudness
from facial_retarget.core.speech.methods import AHEAD
from facial_retarget.core.speech.visemes import SILENCE, VISEMES

from .animating import Animating, Halves, Lessons, true_mouths
from .config import RunConfig, SpeechConfig
from .contrasting import Contrasting
from .crops import whole
from .networks.encoder import FEATURES, Encoder, Pretraining
from .networks.mouth import (
    VISEME_INPUTS,
    FeaturesAttention,
    FeaturesCNN,
    FeaturesFedBack,
    MouthCNN,
    MouthMLP,
)
from .networks.recogniser import Recogniser
from .networks.tuned import TunedFeatures
from .recognising import Recognising, recognised
from .tracks import Tracks
from .trainer import Place, load_network, train

# The ways from what is heard to a mouth, by method.
MOUTHS: Final[dict[str, dict[str, Callable[[], nn.Module]]]] = {
    "visemes": {"mlp": MouthMLP, "cnn": MouthCNN},
    "features": {
        "cnn": lambda: FeaturesCNN(FEATURES),
        "cnn_fed_back": lambda: FeaturesFedBack(FEATURES),
        "cnn_attention": lambda: FeaturesAttention(FEATURES),
    },
    "tuned": {"cnn": lambda: TunedFeatures(Encoder())},
}
# How much the viseme that is said counts beside the mouth that says it.
_HONESTY: Final = {"visemes": 0.1, "features": 0.1, "tuned": 1.5}
STAGES: Final = (
    "recogniser",
    *(f"visemes_{name}" for name in MOUTHS["visemes"]),
    "encoder",
    *(f"features_{name}" for name in MOUTHS["features"]),
    "tuned_cnn",
)


@dataclass(frozen=True, eq=False)
class Studio:
    """A folder with tracks, in which the networks are trained, one folder each."""

    folder: Path
    config: SpeechConfig

    @cached_property
    def training(self) -> Tracks:
        """The tracks that are learned from."""
        return self.tracks("train")

    @cached_property
    def validation(self) -> Tracks:
        """Those by which ways are compared."""
        return self.tracks("validation")

    def tracks(self, split: str) -> Tracks:
        """Return what `prepare` made. Raises FacialRetargetError where it did not yet."""
        path = self.folder / "tracks" / f"{split}.npz"
        if not path.is_file():
            raise FacialRetargetError(
                f"There is no {path}. Make it: python -m training speech prepare"
            )
        return Tracks.read(path)

    def train(self, stage: str, place: Place, say: Callable[[str], None]) -> None:
        """Train one network, or go on where it was stopped."""
        out, seed = self.folder / "networks" / stage, self.config.seed
        if (out / "network.pt").is_file():
            say(f"{stage} is trained already.")
            return
        if stage == "recogniser":
            run = self.config.recogniser
            task = Recognising(self.training, self.validation, run.batch, seed, place)
            train(task, run, out, place, say)
        elif stage == "encoder":
            run = self.config.encoder
            train(self._contrasting(run, place), run, out, place, say)
        else:
            self._train_mouth(stage, out, place, say)

    def _train_mouth(self, stage: str, out: Path, place: Place, say: Callable[[str], None]) -> None:
        method, _, way = stage.partition("_")
        torch.manual_seed(self.config.seed)
        network = MOUTHS[method][way]()
        if isinstance(network, TunedFeatures):
            network.encoder.load_state_dict(self.encoder().state_dict())
        run = self.config.tuned if method == "tuned" else self.config.mouth
        lessons = self.lessons(method, "train"), self.lessons(method, "validation")
        mouth = Animating(network, lessons, run.batch, _HONESTY[method], place)
        train(mouth, run, out, place, say)

    def network(self, stage: str) -> nn.Module:
        """Return a trained network. Raises FacialRetargetError where it is not trained yet."""
        made: nn.Module
        if stage == "recogniser":
            made = Recogniser()
        elif stage == "encoder":
            made = Pretraining()
        else:
            method, _, way = stage.partition("_")
            made = MOUTHS[method][way]()
        try:
            return load_network(made, self.folder / "networks" / stage)
        except FileNotFoundError as error:
            raise FacialRetargetError(
                f"'{stage}' is not trained yet. Run: python -m training speech train {stage}"
            ) from error

    def recogniser(self) -> Recogniser:
        """Return the trained recogniser. Raises FacialRetargetError as `network` does."""
        return cast(Recogniser, self.network("recogniser"))

    def encoder(self) -> Encoder:
        """Return the encoder as it learned without labels. Raises as `network` does."""
        return cast(Pretraining, self.network("encoder")).encoder

    def lessons(self, method: str, split: str) -> Lessons:
        """Return what the mouths of a method hear of a split, and what they should make of it."""
        tracks = self.training if split == "train" else self.tracks(split)
        makers = {"visemes": self._visemes, "features": self._features, "tuned": _mel}
        heard, silent = makers[method](tracks, split)
        return Lessons(
            heard=heard,
            silent=silent,
            mouth=true_mouths(tracks),
            labels=tracks.labels[::2],
            first=tracks.first // 2,
            stride=1 if method == "features" else 2,
        )

    def _contrasting(self, run: RunConfig, place: Place) -> Contrasting:
        seed, steps = self.config.seed, run.steps
        return Contrasting(self.training, self.validation, run.batch, seed, steps, place)

    def _visemes(self, tracks: Tracks, split: str) -> tuple[Halves, NDArray[np.float32]]:
        recogniser = self.recogniser()
        heard = self._kept("recogniser", split, lambda: viseme_inputs(recogniser, tracks))
        return heard, silent_visemes()

    def _features(self, tracks: Tracks, split: str) -> tuple[Halves, NDArray[np.float32]]:
        encoder = self.encoder()
        heard = self._kept("encoder", split, lambda: features_of(encoder, tracks))
        return heard, silent_features(encoder)

    def _kept(self, stage: str, split: str, make: Callable[[], Halves]) -> Halves:
        path = self.folder / "networks" / stage / f"heard_{split}.npy"
        if not path.is_file():
            np.save(path, make(), allow_pickle=False)
        kept: Halves = np.load(path, allow_pickle=False)
        return kept


def _mel(tracks: Tracks, _split: str) -> tuple[Halves, NDArray[np.float32]]:
    return tracks.mel, SILENT_ROW


def viseme_inputs(recogniser: Recogniser, tracks: Tracks) -> Halves:
    """Return (rows, VISEME_INPUTS) of every track: what the mouth networks hear of visemes."""
    return np.concatenate(
        [
            viseme_rows(recogniser, tracks.mel[first:last].astype(np.float32)).astype(np.float16)
            for first, last in zip(tracks.first[:-1], tracks.first[1:], strict=True)
        ]
    )


def viseme_rows(recogniser: Recogniser, mel: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (rows, VISEME_INPUTS): both answers of the recogniser, loudness now and AHEAD."""
    now, ahead = (_softmax(logits) for logits in recognised(recogniser, mel))
    loud = loudness(mel)
    later = np.append(loud, np.zeros(AHEAD, np.float32))[AHEAD:]
    return np.column_stack([now, ahead, loud, later]).astype(np.float32)


def silent_visemes() -> NDArray[np.float32]:
    """Return (VISEME_INPUTS,) that says silence."""
    row = np.zeros(VISEME_INPUTS, np.float32)
    row[[SILENCE, len(VISEMES) + SILENCE]] = 1
    return row


def features_of(encoder: Encoder, tracks: Tracks) -> Halves:
    """Return (frames, FEATURES) at 50 a second."""
    made = []
    with torch.no_grad():
        for first, last in zip(tracks.first[:-1], tracks.first[1:], strict=True):
            mel = whole(tracks.mel[first:last].astype(np.float32), encoder.context, SILENT_ROW)
            made.append(encoder(torch.from_numpy(mel)[None])[0].numpy().astype(np.float16))
    return np.concatenate(made)


def silent_features(encoder: Encoder) -> NDArray[np.float32]:
    """Return the (FEATURES,) of long silence."""
    context = encoder.context
    mel = np.repeat(SILENT_ROW[None], context.left + context.right + 2, axis=0)
    with torch.no_grad():
        silent: NDArray[np.float32] = encoder(torch.from_numpy(mel)[None])[0, 0].numpy()
    return silent


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: NDArray[np.float32] = raised / raised.sum(axis=1, keepdims=True)
    return shares
