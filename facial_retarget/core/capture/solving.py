"""What a clip's channels are taken from: the solver where it reads a face better than the tracker.

Weights are about the person's neutral, which the whole clip shows. An expression held all the time
looks like a person's own face: what the tracker is sure of is added again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..channels import ARKIT_CHANNELS, side_of
from ..clip import Floats
from ..landmarks import LandmarkTrack
from ..polish.calibrate import believable
from ..polish.smooth import GaussianMean
from ..polish.stretches import stretches
from .crop_track import CropTrack
from .face_space import Faces, in_face_space
from .fit import FaceFit
from .looks import FaceLooks, SeenLooks
from .solver import ChannelReader, FaceSolver, NeutralFace, Observations, Solved

# A clip that shows less of a person tells nothing about their neutral: the scores must do.
_SHORTEST: Final = 0.5  # seconds
_FRAMES_AT_ONCE: Final = 1000  # 6 MB of points
_MOST_FOR_NEUTRAL: Final = 1500
_MOST_CROPS: Final = 300
_USELESS: Final = 0.5  # an error that says no more than that a channel is somewhere
_MOST_DOUBT: Final = 0.9  # without any confidence a frame would be a gap, and be eased over

# A channel that strays by no more than the first from its mean over this many seconds about a
# frame trembles; one that strays by more than the second moves. The width is a Gaussian's.
_CALM_WIDTH: Final = 0.8
_TREMBLES: Final = 0.02
_MOVES: Final = 0.05

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Readers:
    """The networks that read a clip: by its points, and by its crops too where there are any.

    fit: what brings all that was read to agree with the points.
    """

    points: FaceSolver
    looks: FaceLooks | None = None
    fit: FaceFit | None = None

    @classmethod
    def opened(cls) -> Self:
        """Open the models. Raises ModelError where one is missing."""
        return cls(FaceSolver.opened(), FaceLooks.opened(), FaceFit.opened())

    @property
    def last(self) -> ChannelReader:
        """The one whose word is final."""
        return self.looks or self.points


@dataclass(frozen=True, eq=False)
class Film:
    """All that a tracker saw of a clip.

    times: (frames,) seconds. seen: (frames,) where there was a face. size: the picture's width and
    height in pixels. scores: (frames, 52) the tracker's. crops: for readers that look at them.
    """

    track: LandmarkTrack
    times: Array
    seen: Mask
    size: tuple[int, int]
    scores: Floats
    crops: CropTrack | None = None

    def faces(self, frames: slice) -> Faces:
        """Return the faces of some frames in which all were seen."""
        return in_face_space(self.track.read(frames.start, frames.stop), self.size)

    def neutral(self) -> NeutralFace:
        """Return the person at rest."""
        found = np.flatnonzero(self.seen)
        chosen = _spread(found, _MOST_FOR_NEUTRAL)
        if len(chosen) == len(found):
            whole = self.track.read(int(found[0]), int(found[-1]) + 1)
            return NeutralFace.of(in_face_space(whole[found - found[0]], self.size))
        points = np.concatenate([self.track.read(int(row), int(row) + 1) for row in chosen])
        return NeutralFace.of(in_face_space(points, self.size))

    def pieces(self, moments: Array) -> Iterator[tuple[slice, slice]]:
        """Yield frames to be looked at, none of them without a face, and those wanted of them."""
        for stretch in stretches(self.seen):
            for start in range(stretch.start, stretch.stop, _FRAMES_AT_ONCE):
                stop = min(start + _FRAMES_AT_ONCE, stretch.stop)
                reach = self.times[[start, stop - 1]] + moments[[0, -1]]
                before, after = np.searchsorted(self.times, reach).tolist()
                around = slice(max(before - 1, stretch.start), min(after + 2, stretch.stop))
                yield around, slice(start, stop)


def solve_track(readers: Readers, film: Film) -> Solved | None:
    """Solve all frames in which a face was seen, NaN in the others; None for too short a clip.

    Where no network reads a channel better, the tracker's scores are kept, up to what the points
    say of them.
    """
    found = np.flatnonzero(film.seen)
    if len(found) < 2 or film.times[found[-1]] - film.times[found[0]] < _SHORTEST:
        return None
    neutral = film.neutral()
    solved = _read(readers, film, neutral)
    weights, seen = solved.weights, film.seen
    _calm(weights, film)
    weights[seen] = np.where(readers.last.solved, weights[seen], film.scores[seen])
    if readers.fit is not None:
        _fit(readers.fit, weights, film, neutral)
        _calm(weights, film)
    return solved


def _read(readers: Readers, film: Film, neutral: NeutralFace) -> Solved:
    """Return what networks tell of each frame."""
    looks = None
    if readers.looks is not None and film.crops is not None:
        usual = film.crops.usual(_spread(np.flatnonzero(film.seen), _MOST_CROPS))
        looks = SeenLooks(readers.looks, film.crops, usual)
    shape = len(film.times), len(ARKIT_CHANNELS)
    solved = Solved(*(np.full(shape, np.nan, np.float32) for _ in range(2)))
    for frames, wanted in film.pieces(readers.points.moments):
        faces = film.faces(frames)
        part = readers.points.solve(Observations(film.times[frames], faces), neutral)
        if looks is not None:
            part = looks.correct(part, frames, faces, neutral)
        inner = slice(wanted.start - frames.start, wanted.stop - frames.start)
        solved.weights[wanted], solved.errors[wanted] = part.weights[inner], part.errors[inner]
    return solved


def _fit(fit: FaceFit, weights: Floats, film: Film, neutral: NeutralFace) -> None:
    """Bring weights to agree with the points."""
    usual = np.median(weights[film.seen], axis=0)
    for _, frames in film.pieces(np.zeros(1)):
        weights[frames] = fit.fit(neutral.moved(film.faces(frames)), weights[frames], usual)


def _calm(weights: Floats, film: Film) -> None:
    for rows in stretches(film.seen):
        weights[rows] = calmed(film.times[rows], weights[rows])


def calmed(times: Array, weights: Floats) -> Floats:
    """Return (frames, channels) weights without the trembling of a face that is still.

    What moves stays as sharp as it was. As in J.-S. Lee, "Digital image enhancement and noise
    filtering by use of local statistics", IEEE PAMI 2, 1980, but for noise of a known size: the
    tracker's own smoothing makes it look like slow motion.
    """
    values, around = weights.astype(np.float64), GaussianMean(times, _CALM_WIDTH)
    mean = around(values)
    strays = np.sqrt(np.maximum(around(np.square(values - mean)), 0))
    share = np.clip((strays - _TREMBLES) / (_MOVES - _TREMBLES), 0, 1)
    still: Floats = np.clip(mean + share * (values - mean), 0, 1).astype(np.float32)
    return still


def held(scores: Floats) -> Floats:
    """Return (channels,) what a face holds through all (frames, channels) of a clip.

    That is what the tracker reads in most frames and is too much for a neutral face.
    """
    usual = np.nan_to_num(np.median(scores, axis=0))
    kept: Floats = (usual - believable(usual, ARKIT_CHANNELS)).astype(np.float32)
    return kept


def confidence_of(reader: ChannelReader, solved: Solved, facing: dict[str, Floats]) -> Floats:
    """Return (frames, 52) confidences, 0 where no face was seen.

    What a channel is worth on people never seen, less the more the network doubts this very frame,
    and less the more its side is turned away; facing: as `head.facing` gives it.
    """
    doubt = np.clip(solved.errors / _USELESS, 0, _MOST_DOUBT)
    sides = np.stack([facing[side_of(channel)] for channel in ARKIT_CHANNELS], axis=1)
    trust: Floats = np.nan_to_num(reader.reliability * (1 - doubt) * sides).astype(np.float32)
    return trust


def _spread(found: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """Return at most so many of some frames, spread evenly."""
    return found[np.linspace(0, len(found) - 1, min(len(found), most)).astype(np.intp)]
