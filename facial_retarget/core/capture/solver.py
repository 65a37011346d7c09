"""ARKit weights from the tracker's points: a small network in the person's own calibrated space.

The tracker's own scores miss what its points show: puffed cheeks, a sneer, a jaw to the side. The
network was trained on drawn heads of known weights (training/retarget); it sees how far a face is
from its neutral now, a third of a second back and a little ahead.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import NDArray

from ..channels import ARKIT_CHANNELS
from ..clip import Floats
from ..runtime import onnx_session
from .face_space import Faces

if TYPE_CHECKING:
    import onnxruntime

MODEL: Final = "face_solver"
_FRAMES_AT_ONCE: Final = 128  # 5 MB of features
# What turns less than this (radians) tells nothing about how the points shift when a head turns.
_TURN_NOISE: Final = 0.02
_NEUTRAL_FRAMES: Final = 1500  # a median is taken over no more than these

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Observations:
    """What a tracker saw of one face without a gap. times: (frames,) seconds, rising."""

    times: Array
    faces: Faces

    def __len__(self) -> int:
        return len(self.times)


@dataclass(frozen=True, eq=False)
class NeutralFace:
    """A person at rest, as this tracker and this camera show them.

    points: (478 * 3,) cm in face space. turn: (3,) radians. shift: (3, 478 * 3) how far the
    points seem to move when the head turns, in cm per radian.
    """

    points: Floats
    turn: Floats
    shift: Floats

    @classmethod
    def of(cls, faces: Faces) -> Self:
        """Take what is usual in some frames: their median, once the head's turning is taken off."""
        rows = np.linspace(0, len(faces) - 1, min(len(faces), _NEUTRAL_FRAMES)).astype(np.intp)
        flat = faces.points[rows].reshape(len(rows), -1)
        turn = faces.turns[rows].mean(axis=0)
        turned = (faces.turns[rows] - turn).astype(np.float64)
        spread = turned.T @ turned / len(rows) + _TURN_NOISE**2 * np.eye(3)
        moved = turned.T @ (flat - flat.mean(axis=0)) / len(rows)
        shift = np.linalg.solve(spread, moved).astype(np.float32)
        still = flat - turned.astype(np.float32) @ shift
        return cls(np.median(still, axis=0).astype(np.float32), turn, shift)

    def moved(self, faces: Faces) -> Floats:
        """Return (frames, 478 * 3) cm: how far points are from neutral, without the head's turn."""
        turned = faces.turns - self.turn
        moved = faces.points.reshape(len(faces), -1) - turned @ self.shift - self.points
        return np.asarray(moved, np.float32)


@dataclass(frozen=True, eq=False)
class Solved:
    """weights: (frames, 52) from 0 to 1. errors: (frames, 52) by how much they may be off."""

    weights: Floats
    errors: Floats


class ChannelReader:
    """A network that reads channels, behind numpy: what its metadata says of them."""

    def __init__(self, session: "onnxruntime.InferenceSession") -> None:
        self._session = session

    @cached_property
    def reliability(self) -> Floats:
        """(52,) how well each channel is read on people never seen, 0 (not at all) to 1."""
        figures = self._properties["reliability"].split(",")
        return np.array([float(each) for each in figures], np.float32)

    @cached_property
    def solved(self) -> NDArray[np.bool_]:
        """(52,) the channels read here; of the others the tracker's scores are the better ones."""
        left = self._properties["tracker"].split(",")
        return np.array([channel not in left for channel in ARKIT_CHANNELS])

    @cached_property
    def _properties(self) -> dict[str, str]:
        properties: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        return properties


class FaceSolver(ChannelReader):
    """The network that reads points."""

    @classmethod
    def opened(cls) -> Self:
        """Open the model. Raises ModelError where it is missing."""
        return cls(onnx_session(MODEL, threads=1))

    @cached_property
    def moments(self) -> Array:
        """Seconds, before and after a frame, at which the network looks at the face."""
        return np.array([float(each) for each in self._properties["moments"].split(",")])

    def solve(self, seen: Observations, neutral: NeutralFace) -> Solved:
        """Return the weights of each frame."""
        parts = list(self._parts(seen, neutral))
        weights, errors = (np.concatenate(values) for values in zip(*parts, strict=True))
        return Solved(weights, errors)

    def _parts(self, seen: Observations, neutral: NeutralFace) -> Iterator[tuple[Floats, Floats]]:
        features = _features(seen.faces, neutral)
        between = _Between.of(seen.times, self.moments)
        sizes = np.log(seen.faces.sizes)
        person = np.concatenate([neutral.points, neutral.turn])
        for start in range(0, len(seen), _FRAMES_AT_ONCE):
            rows = slice(start, start + _FRAMES_AT_ONCE)
            people = np.column_stack([np.tile(person, (len(sizes[rows]), 1)), sizes[rows]])
            given = {"moments": between.mixed(features, rows), "person": people.astype(np.float32)}
            weights, errors = self._session.run(["weights", "errors"], given)
            yield weights, errors


def _features(faces: Faces, neutral: NeutralFace) -> Floats:
    """Return (frames, 478 * 3 + 6): how far the points are from neutral, and how the head is."""
    turned = faces.turns - neutral.turn
    features = np.concatenate([neutral.moved(faces), faces.turns, turned], axis=1)
    return np.asarray(features, np.float32)


@dataclass(frozen=True, eq=False)
class _Between:
    """For each frame and moment, the frames before and after it and how far it lies between."""

    before: NDArray[np.intp]
    after: NDArray[np.intp]
    share: Floats

    @classmethod
    def of(cls, times: Array, moments: Array) -> Self:
        wanted = np.clip(times[:, None] + moments, times[0], times[-1])
        after = np.clip(np.searchsorted(times, wanted), min(1, len(times) - 1), len(times) - 1)
        before = np.maximum(after - 1, 0)
        step = np.where(after > before, times[after] - times[before], 1.0)
        return cls(before, after, ((wanted - times[before]) / step).astype(np.float32))

    def mixed(self, features: Floats, rows: slice) -> Floats:
        """Return (rows, moments, features)."""
        share = self.share[rows, :, None]
        earlier, later = features[self.before[rows]], features[self.after[rows]]
        mixed: Floats = earlier + share * (later - earlier)
        return mixed
