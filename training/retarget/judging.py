"""What a solver is worth on people it has not seen, beside the tracker and a linear one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.mesh import Floats

from ..shapes.arrays import Array, Mask
from .dataset import sequences
from .network import NOW
from .trainer import Frames

# What the tracker's own scores lack.
HARD: Final = ("cheekPuff", "noseSneerLeft", "noseSneerRight", "mouthClose", "jawLeft", "jawRight")

_MOVED: Final = 0.05
_FEWEST: Final = 50  # frames: with less a channel is not judged
_HELD_BACK: Final = 0.1  # of the linear solver, in the tracker's noise
_AT_ONCE: Final = 2000


@dataclass(frozen=True, eq=False)
class Figures:
    """(52,) each, NaN where a channel never moved: correlation with the truth, and mean error.

    errors: of the frames in which the channel is raised. at_rest: what is read in the others.
    """

    correlations: Array
    errors: Array
    at_rest: Array

    @classmethod
    def of(cls, read: Floats, true: Floats, known: Mask) -> "Figures":
        """Compare (frames, 52) weights, where `known` (frames, 52) says that there is a truth."""
        rows = [
            _figures(read[known[:, column], column], true[known[:, column], column])
            for column in range(true.shape[1])
        ]
        return cls(*np.array(rows).T)

    def line(self, name: str) -> str:
        """Return the means as a row of a table in Markdown."""
        hard = [ARKIT_CHANNELS.index(channel) for channel in HARD]
        means = (
            np.nanmean(self.correlations),
            np.nanmean(self.correlations[hard]),
            np.nanmean(self.errors),
            np.nanmean(self.at_rest),
        )
        return f"| {name} | {' | '.join(f'{mean:.3f}' for mean in means)} |"


HEADING: Final = (
    "| | correlation, all channels | of " + ", ".join(HARD) + " | error where moved | at rest |\n"
    "|---|---|---|---|---|"
)


def tracker_scores(folder: Path, split: str, fewest: int) -> Floats:
    """Return (frames, 52) of a split: the tracker's scores, what is usual in a sequence taken off.

    fewest: frames of a sequence that counts.
    """
    found = [each.scores for each in sequences(folder, split) if len(each.times) >= fewest]
    taken_off = [np.clip(scores - np.median(scores, axis=0), 0, 1) for scores in found]
    scores: Floats = np.concatenate(taken_off).astype(np.float32)
    return scores


def with_best_gains(read: Floats, true: Floats, known: Mask) -> Floats:
    """Return each channel times the single gain that brings it closest to the truth."""
    there = np.where(known, read, 0)
    gains = (there * true).sum(axis=0) / np.maximum(np.square(there).sum(axis=0), 1e-9)
    gained: Floats = np.clip(gains * read, 0, 1).astype(np.float32)
    return gained


def linear_solver(train: Frames, held_out: Frames) -> Floats:
    """Return what ridge regression on single frames reads from a split, the simplest solver."""
    given, wanted = _single(train), train.weights.numpy()
    mean, target = given.mean(axis=0), wanted.mean(axis=0)
    spread = (given - mean).T @ (given - mean) / len(given)
    together = (given - mean).T @ (wanted - target) / len(given)
    held_back = _HELD_BACK * np.eye(len(spread))
    weights = np.linalg.solve(spread + held_back, together)
    read: Floats = np.clip((_single(held_out) - mean) @ weights + target, 0, 1)
    return read.astype(np.float32)


def _single(frames: Frames) -> Floats:
    import torch

    parts = []
    for start in range(0, len(frames), _AT_ONCE):
        rows = torch.arange(start, min(start + _AT_ONCE, len(frames)))
        first = torch.zeros(len(rows), dtype=torch.long)
        motion, _ = frames.features(rows, first, torch.ones(len(rows), dtype=torch.bool))
        parts.append(motion[:, NOW].numpy())
    return np.concatenate(parts)


def _figures(read: Floats, true: Floats) -> tuple[float, float, float]:
    if len(true) < _FEWEST or true.std() < 1e-4:
        return (np.nan,) * 3
    moved = true > _MOVED
    agree = np.corrcoef(read, true)[0, 1] if read.std() > 1e-6 else 0.0
    return float(agree), float(np.abs(read - true)[moved].mean()), float(read[~moved].mean())
