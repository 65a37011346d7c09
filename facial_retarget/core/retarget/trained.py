"""A user's own network, from landmarks straight to the values of one rig's controls.

`python -m training retarget train` makes such a file: ONNX, "landmarks" (1, frames, numbers) ->
"values" (1, frames, names), and under METADATA what a landmark is, which controls the values are of
and the mean face that landmarks are brought to before.
"""

import json
from collections.abc import Iterable
from collections.abc import Mapping as Table
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ..channels import ALL_CHANNELS
from ..clip import Clip, Floats
from ..errors import CaptureError, ModelError
from ..landmarks import POINTS
from .mapping import Mapping, MappingRow

if TYPE_CHECKING:
    import onnxruntime

METADATA: Final = "facial_retarget"
FORMAT: Final = "trained rig 1"
INPUT: Final = "landmarks"
OUTPUT: Final = "values"

Array = NDArray[np.float64]

_FRAMES_AT_ONCE: Final = 2000
_FRAMES_BESIDE: Final = 64  # what is read again on either side, more than any network looks
_SAME_RATE: Final = 0.02


@dataclass(frozen=True, eq=False)
class Description:
    """What a file says of itself.

    names: of the controls. shape: of a frame of landmarks, (points, 2 or 3) or (numbers,).
    reference: (points, 2 or 3) the mean face, None for plain numbers. rate: frames a second that
    were learned from, where frames beside one count; 0 where each is read alone.
    """

    names: tuple[str, ...]
    shape: tuple[int, ...]
    reference: Array | None
    rate: float

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        reference = None if self.reference is None else self.reference.tolist()
        return {**vars(self), "format": FORMAT, "reference": reference}

    @classmethod
    def from_json(cls, data: Table[str, Any]) -> Self:
        """Restore what to_json gave. Raises ValueError and its like where it is anything else."""
        if data["format"] != FORMAT:
            raise ValueError("another format")
        names, shape, reference = data["names"], data["shape"], data["reference"]
        points = None if reference is None else np.array(reference, np.float64)
        described = cls(tuple(names), tuple(shape), points, float(data["rate"]))
        described.check()
        return described

    def check(self) -> None:
        """Raise ValueError where the parts contradict one another."""
        if not self.names or len(set(self.names)) != len(self.names):
            raise ValueError("no names, or one twice")
        if not all(isinstance(name, str) for name in self.names):
            raise ValueError("a name is no text")
        if not all(isinstance(size, int) and size > 0 for size in self.shape):
            raise ValueError("a size is none")
        reference = self.reference
        if (reference is not None) != (len(self.shape) == 2) or len(self.shape) not in (1, 2):
            raise ValueError("points have a mean face, numbers none")
        if reference is not None and (
            reference.shape != self.shape or not np.isfinite(reference).all()
        ):
            raise ValueError("the mean face is of another shape")
        if not 0 <= self.rate < 1e4:
            raise ValueError("no rate")


@dataclass(frozen=True, eq=False)
class Trained:
    """An opened file."""

    file: str
    about: Description
    session: "onnxruntime.InferenceSession"

    @classmethod
    def load(cls, path: Path) -> Self:
        """Open a file. Raises ModelError where it is missing or no network of this kind."""
        import onnxruntime

        try:
            data = path.read_bytes()
        except OSError as error:
            raise ModelError(
                f"'{path.name}' cannot be opened: {error.strerror or error}."
            ) from error
        try:
            # From bytes, so that no other file can be referred to.
            session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
            about = json.loads(session.get_modelmeta().custom_metadata_map[METADATA])
            return cls(path.name, Description.from_json(about), session)._checked()
        except ModelError:
            raise
        except Exception as error:  # the runtime raises types of its own, without a common base
            raise ModelError(
                f"'{path.name}' is no network that 'python -m training retarget train' made. "
                "Choose another file, or train it again."
            ) from error

    def values(self, landmarks: NDArray[np.floating], rate: float = 0.0) -> Floats:
        """Return (frames, names) values for (frames, *shape) landmarks; NaN for frames with a NaN.

        rate: their frames a second, for a network that looks at frames beside one; 0 takes them
        as they are. Raises ModelError where the landmarks are of another shape.
        """
        if landmarks.shape[1:] != self.about.shape:
            raise ModelError(
                f"'{self.file}' was trained on {_told(self.about.shape)} a frame, "
                f"and here are {_told(landmarks.shape[1:])}. Train it on landmarks such as these."
            )
        result = np.full((len(landmarks), len(self.about.names)), np.nan, np.float32)
        seen = np.isfinite(landmarks).reshape(len(landmarks), -1).all(axis=1)
        if not seen.any():
            return result
        rows = prepared(landmarks[seen], self.about.reference)
        if self.about.rate:
            whole = _between_seen(rows, seen)
            own_rate = (
                rate if rate and abs(rate / self.about.rate - 1) > _SAME_RATE else self.about.rate
            )
            result[seen] = self._at_rate(whole, self.about.rate / own_rate)[seen]
        else:
            result[seen] = self._run(rows)
        return result

    def _at_rate(self, rows: Floats, ratio: float) -> Floats:
        """Run on rows that are laid `ratio` times as dense, and come back to their own times."""
        if ratio == 1.0:
            return self._run(rows)
        own = np.arange(len(rows), dtype=np.float64)
        dense = np.arange(int((len(rows) - 1) * ratio) + 2) / ratio
        return _resampled(self._run(_resampled(rows, own, dense)), dense, own)

    def _run(self, rows: Floats) -> Floats:
        pieces = []
        for start in range(0, len(rows), _FRAMES_AT_ONCE):
            first = max(start - _FRAMES_BESIDE, 0)
            stop = min(start + _FRAMES_AT_ONCE, len(rows))
            piece = rows[first : min(stop + _FRAMES_BESIDE, len(rows))]
            (values,) = self.session.run([OUTPUT], {INPUT: piece[None]})
            pieces.append(values[0, start - first : stop - first])
        return np.concatenate(pieces)

    def _checked(self) -> Self:
        """Return itself. Raises ModelError where the network is of another shape than it says."""
        (takes,), (gives,) = self.session.get_inputs(), self.session.get_outputs()
        wanted = (INPUT, [1, int(np.prod(self.about.shape))]), (OUTPUT, [1, len(self.about.names)])
        found = tuple((it.name, [it.shape[0], it.shape[-1]]) for it in (takes, gives))
        if found != wanted or len(takes.shape) != 3 or len(gives.shape) != 3:
            raise ModelError(
                f"The network in '{self.file}' takes {takes.shape[-1]} numbers and gives "
                f"{gives.shape[-1]}, where {wanted[0][1][1]} and {wanted[1][1][1]} should be. "
                "Train it again."
            )
        return self


def apply_trained(path: Path, clip: Clip) -> Clip:
    """Return the clip with the rig's controls as its channels, in place of those it has.

    Head, gaze, markers and source stay. Raises ModelError where the file is no network for such
    landmarks, and CaptureError where the clip has none.
    """
    trained = Trained.load(path)
    if clip.landmarks is None:
        raise CaptureError(
            f"{clip.source.name or 'The source'} has no landmarks, which '{path.name}' reads. "
            "Choose a video, or a clip that was captured from one."
        )
    points = clip_points(clip, trained.about.shape)
    if points is None:
        raise ModelError(
            f"'{path.name}' was trained on {_told(trained.about.shape)} a frame, and a video gives "
            f"{POINTS} points in 3 dimensions. Train it on landmarks of videos."
        )
    values = trained.values(points, clip.frame_rate)
    return Clip(
        channels=trained.about.names,
        times=clip.times,
        values=values,
        confidence=np.isfinite(values).astype(np.float32),
        head=clip.head,
        gaze=clip.gaze,
        landmarks=clip.landmarks,
        markers=clip.markers,
        source=clip.source,
    )


def with_own_controls(mapping: Mapping, channels: Iterable[str]) -> Mapping:
    """Return a character's mapping for a clip that has channels named as its controls.

    Each of those drives the control of its name, whatever drove it before, unless that was said by
    hand; channels of faces and voices stay what they are.
    """
    own = {
        channel: MappingRow(channel, ((channel, 1.0),), how="exact", confidence=1.0)
        for channel in channels
        if channel not in ALL_CHANNELS
    }
    rows = (row if row.how == "manual" else own.get(row.control, row) for row in mapping.rows)
    return replace(mapping, rows=tuple(rows))


def clip_points(clip: Clip, shape: tuple[int, ...]) -> Floats | None:
    """Return a clip's landmarks as (frames, *shape), None where they cannot be of that shape.

    x, y and z are all in widths of the picture, y downwards. Fewer than three dimensions leave z
    out; fewer points leave the irises out, which are the last.
    """
    if clip.landmarks is None or len(shape) != 2 or shape[1] not in (2, 3):
        return None
    if shape[0] not in (POINTS, POINTS - 10):
        return None
    points = clip.landmarks.read()[:, : shape[0], : shape[1]].copy()
    if clip.source.width and clip.source.height:
        points[..., 1] *= clip.source.height / clip.source.width
    return points


def prepared(landmarks: NDArray[np.floating], reference: Array | None) -> Floats:
    """Return (frames, numbers) as the network takes them, from (frames, ...) landmarks.

    Points are turned, moved and scaled onto the reference as nearly as that can be (Umeyama 1991,
    without reflection), frame by frame: where the head is and how it is turned says nothing of the
    face. Plain numbers stay as they are.
    """
    if reference is None:
        return landmarks.reshape(len(landmarks), -1).astype(np.float32)
    points = landmarks.astype(np.float64)
    points -= points.mean(axis=1, keepdims=True)
    goal = reference - reference.mean(axis=0)
    turned_by, strengths, onto = np.linalg.svd(np.einsum("fpi,pj->fij", points, goal))
    flips = np.sign(np.linalg.det(turned_by) * np.linalg.det(onto))
    strengths[:, -1] *= flips
    turned_by[:, :, -1] *= flips[:, None]
    sizes = np.maximum(np.square(points).sum(axis=(1, 2)), 1e-12)
    scales = strengths.sum(axis=1) / sizes
    aligned = points @ (turned_by @ onto) * scales[:, None, None]
    rows: Floats = aligned.reshape(len(points), -1).astype(np.float32)
    return rows


def _told(shape: tuple[int, ...]) -> str:
    if len(shape) == 2:
        return f"{shape[0]} points in {shape[1]} dimensions"
    return f"{' x '.join(map(str, shape))} numbers"


def _between_seen(rows: Floats, seen: NDArray[np.bool_]) -> Floats:
    """Return rows for all frames: those without a face lie between their neighbours."""
    return _resampled(rows, np.flatnonzero(seen).astype(np.float64), np.arange(len(seen)))


def _resampled(rows: Floats, times: Array, wanted: NDArray[Any]) -> Floats:
    """Return (n, columns) rows at (n,) wanted times, linear in between and held beyond."""
    after = np.clip(np.searchsorted(times, wanted), 0, len(times) - 1)
    before = np.maximum(after - 1, 0)
    step = np.where(after > before, times[after] - times[before], 1.0)
    share = np.clip((wanted - times[before]) / step, 0, 1).astype(np.float32)[:, None]
    mixed: Floats = rows[before] * (1 - share) + rows[after] * share
    return mixed
