"""What a face's points hold of its motion, and what a picture of it holds, whoever reads them.

Somebody is filmed again and again; a ridge regression learns from most of the takes how this very
person in this light is read, and reads the others. No network that has to do without knowing the
person can be expected to tell much more of a single frame.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from facial_retarget.core.capture.face_space import in_face_space
from facial_retarget.core.capture.solver import NeutralFace
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.mesh import Floats

from ..shapes.arrays import Array, Mask
from .config import FramesConfig
from .filming import Seen, Shot, draw_shot, film, track
from .frames import FilmCrew, Job
from .heads import FilmedHead
from .judging import Figures
from .motion import Motion, draw_motion

SOURCES: Final = ("tracker's scores", "points", "picture")

_RATE: Final = 12.5
_FRAMES: Final = 78  # of a take
_SIZE: Final = 256  # pixels
_FACE: Final = 0.48  # of the picture, the width of a face
_FOCAL: Final = 3.0
_TURN: Final = np.radians(6)  # to each side
_TURN_FRAMES: Final = 37
_LEARNED: Final = 0.75  # of the takes
_HELD_BACK: Final = 10.0 ** np.arange(-5, 0)  # tried, of the mean strength
_FEATURES: Final = 400  # principal components


@dataclass(frozen=True, eq=False)
class _Takes:
    """All takes of somebody. features: by SOURCES, (frames, n). weights: (frames, 52)."""

    features: dict[str, Floats]
    weights: Floats
    take: Array


def observe(config: FramesConfig, people: int, takes: int) -> Iterator[dict[str, Figures]]:
    """Film validation people; yield for each of them what each of SOURCES tells."""
    crew = FilmCrew(config)
    for number in range(people):
        job = Job("validation", number)
        rng = np.random.default_rng(job.seeds(config.seed))
        head, _ = crew.head(job, rng)
        filmed = _filmed(head, takes, rng)
        learned = filmed.take < round(takes * _LEARNED)
        true = filmed.weights[~learned]
        known = np.broadcast_to(head.known, true.shape)
        read = {SOURCES[0]: filmed.features[SOURCES[0]][~learned]}
        for source in SOURCES[1:]:
            read[source] = _read(filmed.features[source], filmed.weights, learned)
        yield {source: Figures.of(values, true, known) for source, values in read.items()}


def table(found: list[dict[str, Figures]]) -> str:
    """Return each channel's correlations, mean of all people, as a table in Markdown."""
    lines = [f"| channel | {' | '.join(SOURCES)} |", "|---" * (len(SOURCES) + 1) + "|"]
    means = np.array(
        [np.nanmean([each[source].correlations for each in found], axis=0) for source in SOURCES]
    )
    rows = [("mean", np.nanmean(means, axis=1)), *zip(ARKIT_CHANNELS, means.T, strict=True)]
    for name, values in rows:
        lines.append(f"| {name} | {' | '.join(f'{value:.2f}' for value in values)} |")
    return "\n".join(lines)


def _filmed(head: FilmedHead, takes: int, rng: np.random.Generator) -> _Takes:
    frames = np.arange(_FRAMES)
    yaw = _TURN * np.sin(2 * np.pi * frames / _TURN_FRAMES)
    turn = np.stack([yaw, np.zeros_like(yaw), np.zeros_like(yaw)], axis=1)
    shot = _as_in_a_benchmark(draw_shot(head, rng), head)
    parts, weights = [], []
    for _ in range(takes):
        motion = draw_motion(rng, frames / _RATE, head.known)
        motion = Motion(motion.times, motion.weights, turn, np.zeros_like(turn))
        parts.append(_features(track(film(head, motion, shot, _RATE, rng), motion.times)))
        weights.append(motion.weights)
    features = {name: np.concatenate([part[name] for part in parts]) for name in SOURCES}
    return _Takes(features, np.concatenate(weights), np.repeat(np.arange(takes), _FRAMES))


def _as_in_a_benchmark(shot: Shot, head: FilmedHead) -> Shot:
    """Return a shot as sharp, and with a face as large, as in benchmarks.closed_loop."""
    return replace(
        shot, drawn=_SIZE, size=_SIZE, focal=_FOCAL, distance=head.scale * 2.3 * _FOCAL / _FACE,
        place=np.zeros(2), noise=0.0, blur=0.0, quality=20,
        background=np.full((_SIZE, _SIZE, 3), 0.05, np.float32),
    )  # fmt: skip


def _features(seen: Seen) -> dict[str, Floats]:
    """Return what is seen of a take, each about what is usual in it."""
    faces = in_face_space(seen.points, (seen.size, seen.size))
    neutral = NeutralFace.of(faces)
    turned = faces.turns - neutral.turn
    moved = faces.points.reshape(len(faces), -1) - turned @ neutral.shift - neutral.points
    scores = np.nan_to_num(seen.scores)
    crops = seen.crops.astype(np.float32)
    every = crops.reshape(len(crops), crops.shape[1] // 2, 2, crops.shape[2] // 2, 2)
    small = every.mean(axis=(2, 4)).reshape(len(crops), -1)
    values = (np.clip(scores - np.median(scores, axis=0), 0, 1), moved, small)
    return {
        name: each if name == SOURCES[0] else each - np.median(each, axis=0)
        for name, each in zip(SOURCES, values, strict=True)
    }


def _read(features: Floats, weights: Floats, learned: Mask) -> Floats:
    """Return (frames, 52) of the takes that were not learned from."""
    strengths, axes = np.linalg.eigh(np.cov(features[learned].T))
    best = axes[:, np.argsort(-strengths)[:_FEATURES]]
    seen = (features @ best).astype(np.float64)
    rows = np.flatnonzero(learned)
    first, last = np.split(rows, [round(len(rows) * _LEARNED)])
    misses = [
        np.square(_ridge(seen, weights, first, last, share) - weights[last]).mean()
        for share in _HELD_BACK
    ]
    share = float(_HELD_BACK[int(np.argmin(misses))])
    return _ridge(seen, weights, rows, np.flatnonzero(~learned), share)


def _ridge(seen: Array, weights: Floats, given: Array, asked: Array, share: float) -> Floats:
    middle, usual = seen[given].mean(axis=0), weights[given].mean(axis=0)
    known = seen[given] - middle
    inner = known.T @ known
    inner += share * np.trace(inner) / len(inner) * np.eye(len(inner))
    response = np.linalg.solve(inner, known.T @ (weights[given] - usual))
    read: Floats = np.clip((seen[asked] - middle) @ response + usual, 0, 1).astype(np.float32)
    return read
