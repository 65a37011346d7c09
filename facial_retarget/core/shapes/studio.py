"""A studio's own model: the shapes of a new character of the one topology it was trained on.

The idea of ml_blendshapes (F. Benicourt, 2024): one small network a target, from the neutral's
vertices, each coordinate brought to -1..1, to that target's displacements, scaled, where those
differ between characters. `python -m training studio train` makes such a folder:

    studio_model.json   number of vertices, targets with their measured errors, hashes of the rest
    normalisation.npz   see Normalisation and Targets
    NAME.onnx           identity (1, k) -> displacement (1, m), one for each target that varies
"""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import MeshError, ModelError
from ..mesh import Floats
from ..progress import Progress, ProgressListener, unheard
from .shape_set import ShapeSet

if TYPE_CHECKING:
    import onnxruntime

INDEX_FILE: Final = "studio_model.json"
NORMALISATION_FILE: Final = "normalisation.npz"
CHECKPOINT_FILE: Final = "checkpoint.json"
FORMAT: Final = "facial-retarget studio model 1"
# What differs by less between characters says nothing of them; in the unit of the data.
SMALLEST_RANGE: Final = 1e-5

# How far from the trained characters' places a typical vertex may lie, as a share of their size:
# beyond, the unit, the axes or the order of the vertices is another.
_FARTHEST: Final = 0.1


@dataclass(frozen=True, eq=False)
class Normalisation:
    """From a neutral to the few numbers that tell one character from the others.

    minimum, maximum: (3n,) of each coordinate over the characters trained on. basis: (k, varying)
    the directions in which those differ, offset: (k,); identity = basis @ normalised + offset.
    """

    minimum: Floats
    maximum: Floats
    basis: Floats
    offset: Floats

    @property
    def varying(self) -> NDArray[np.bool_]:
        """(3n,) which coordinates differ between the characters."""
        varying: NDArray[np.bool_] = np.abs(self.maximum - self.minimum) > SMALLEST_RANGE
        return varying

    def normalised(self, neutral: Floats) -> Floats:
        """Bring (n, 3) vertices to (3n,): -1 at the minimum, 1 at the maximum, 0 without a range.

        A new character may lie outside of -1..1.
        """
        varying, positions = self.varying, neutral.ravel()
        normalised: Floats = np.zeros_like(positions)
        low, high = self.minimum[varying], self.maximum[varying]
        normalised[varying] = 2 * (positions[varying] - low) / (high - low) - 1
        return normalised

    def identity(self, neutral: Floats) -> Floats:
        """Return the (k,) input of the networks for (n, 3) vertices."""
        identity: Floats = self.basis @ self.normalised(neutral)[self.varying] + self.offset
        return identity

    def confidence(self, neutral: Floats) -> Floats:
        """(n,) 1 within the range of the characters trained on, less the farther outside."""
        farthest = np.abs(self.normalised(neutral)).reshape(-1, 3).max(axis=1)
        confidence: Floats = (1 / np.maximum(farthest, 1)).astype(np.float32)
        return confidence

    def is_far(self, neutral: Floats) -> bool:
        """Tell whether (n, 3) vertices lie where none of the trained characters has them."""
        low, high = self.minimum.reshape(-1, 3), self.maximum.reshape(-1, 3)
        outside = np.maximum(low - neutral, 0) + np.maximum(neutral - high, 0)
        size = np.linalg.norm(high.max(axis=0) - low.min(axis=0))
        return bool(np.median(np.linalg.norm(outside, axis=1)) > _FARTHEST * size)


@dataclass(frozen=True, eq=False)
class Targets:
    """What the networks' outputs become.

    mean: (t, 3n) displacement, averaged over the characters: all there is where mask is off.
    mask: (t, 3n) where the displacement differs between characters, which the network predicts.
    scale: (t,) by which its outputs are multiplied.
    """

    mean: Floats
    mask: NDArray[np.bool_]
    scale: Floats

    def displacement(self, target: int, outputs: Floats) -> Floats:
        """Return the (n, 3) displacement of a target from its network's (m,) outputs."""
        displacement = self.mean[target].copy()
        displacement[self.mask[target]] = self.scale[target] * outputs
        points: Floats = displacement.reshape(-1, 3)
        return points


@dataclass(frozen=True, eq=False)
class StudioModel:
    """A trained folder, opened. targets: name -> its entry in the index."""

    folder: Path
    targets: Mapping[str, Mapping[str, Any]]
    strength: float
    _normalisation: Normalisation
    _targets: Targets

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open a folder. Raises ModelError where a file is missing, altered or of another kind."""
        index = _index(folder)
        try:
            entry = index["normalisation"]
            with np.load(
                io.BytesIO(_checked(folder, entry["file"], entry["sha256"])), allow_pickle=False
            ) as arrays:
                normalisation = Normalisation(
                    *(arrays[item.name] for item in fields(Normalisation))
                )
                targets = Targets(*(arrays[item.name] for item in fields(Targets)))
            if len(index["targets"]) != len(targets.scale):
                raise ValueError("the index names other targets than the arrays hold")
            return cls(folder, index["targets"], index["strength"], normalisation, targets)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(_damaged(folder)) from error

    @property
    def vertex_count(self) -> int:
        """How many vertices a neutral must have."""
        return len(self._normalisation.minimum) // 3

    def predict(
        self, neutral: Floats, name: str = "The mesh", progress: ProgressListener = unheard
    ) -> ShapeSet:
        """Return the shapes of (n, 3) vertices, in the order, unit and axes trained on.

        The confidence of a shape is one minus its relative error on characters held out; 0 where
        none could be. `name` is what an error calls the mesh. Raises MeshError, ModelError.
        """
        self._check(neutral, name)
        identity = self._normalisation.identity(neutral)
        deltas = np.empty((len(self.targets), *neutral.shape), np.float32)
        for number, (target, entry) in enumerate(self.targets.items()):
            progress(Progress("Predicting the shapes", number, len(self.targets)))
            outputs = self._outputs(entry, identity)
            deltas[number] = self._targets.displacement(number, outputs)
            if not np.isfinite(deltas[number]).all():
                raise ModelError(f"The model's shape {target} is not finite. Train it again.")
        return ShapeSet(
            names=tuple(self.targets),
            deltas=deltas * np.float32(self.strength),
            confidence=np.array(
                [_confidence(entry) for entry in self.targets.values()], np.float32
            ),
            vertex_confidence=self._normalisation.confidence(neutral),
        )

    def _check(self, neutral: Floats, name: str) -> None:
        if len(neutral) != self.vertex_count:
            raise MeshError(
                f"This model was trained for {self.vertex_count:,} vertices; {name} has "
                f"{len(neutral):,}. Choose a mesh of the topology it was trained on."
            )
        if not np.isfinite(neutral).all():
            raise MeshError(
                f"{name} has vertices without a position (not a number or infinite). "
                "Export it again."
            )
        if self._normalisation.is_far(neutral):
            raise MeshError(
                f"The vertices of {name} lie far from those of the characters this model was "
                "trained on. Give it in the same unit, axes, place and vertex order."
            )

    def _outputs(self, entry: Mapping[str, Any], identity: Floats) -> Floats:
        if entry["file"] is None:
            return np.empty(0, np.float32)
        session = _session(_checked(self.folder, entry["file"], entry["sha256"]), self.folder)
        outputs: Floats = session.run(None, {"identity": identity[None]})[0][0]
        return outputs


def _confidence(entry: Mapping[str, Any]) -> float:
    held_out = entry["held_out"]
    if held_out is None or not held_out["length"]:
        return 0.0
    return float(min(max(1 - held_out["error"] / held_out["length"], 0), 1))


def _index(folder: Path) -> dict[str, Any]:
    try:
        index = json.loads((folder / INDEX_FILE).read_text(encoding="utf-8"))
    except OSError as error:
        if (folder / CHECKPOINT_FILE).is_file():
            raise ModelError(
                f"The training of the model in {folder.name} has not ended. Run the same "
                "training command again: it goes on where it stopped."
            ) from error
        raise ModelError(
            f"'{folder}' holds no studio model: there is no {INDEX_FILE} in it. Choose the folder "
            "that the training wrote."
        ) from error
    except ValueError as error:
        raise ModelError(_damaged(folder)) from error
    if not isinstance(index, dict) or index.get("format") != FORMAT:
        raise ModelError(
            f"The model in {folder.name} is of a kind that this version cannot read. "
            "Train it again."
        )
    return index


def _checked(folder: Path, file: str, sha256: str) -> bytes:
    """Return a file of the folder whole: a path would fail where a user's name is not ASCII."""
    if Path(file).name != file:
        raise ModelError(_damaged(folder))
    try:
        data = (folder / file).read_bytes()
    except OSError as error:
        raise ModelError(
            f"The model's file {file} is missing in {folder.name}. Copy the whole folder again."
        ) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ModelError(
            f"The model's file {file} was altered since it was trained. Copy the whole folder "
            "again, or train the model again."
        )
    return data


def _session(data: bytes, folder: Path) -> "onnxruntime.InferenceSession":
    import onnxruntime

    try:
        return onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime raises types of its own, without a common base
        raise ModelError(_damaged(folder)) from error


def _damaged(folder: Path) -> str:
    return f"The model in {folder.name} is damaged. Copy the whole folder again, or train it again."
