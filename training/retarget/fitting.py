"""What brings weights to agree with the points that were seen, as a network without training."""

from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.mesh import Floats

from ..shapes.arrays import Array, Mask
from .response import Response
from .solver_export import left_to_the_tracker, looks_tell

_SKIN: Final = 468  # landmarks; the others are irises
_PLANE: Final = np.array([True, True, False])  # depth is the tracker's guess
# How far what was read may be off. All figures here were chosen on five heads drawn by Cycles, on
# 40 people drawn here and on three real clips.
_DOUBT: Final = 0.1
_DOUBT_OF_LOOKS: Final = 0.085
_DOUBT_OF_BLINKS: Final = 0.05
# The network that looks plays down what it is unsure of; what is read of points alone is best taken
# for a little less, as points tell it once more here.
_STRENGTH_OF_LOOKS: Final = 1.2
_STRENGTH_OF_POINTS: Final = 0.85
# Of all that moves besides: taken as if it were alike in every point, and in no two together.
_ALIKE: Final = 0.95
_FLOOR: Final = 1e-4  # square cm
# The steps of core.retarget.bounded, written out: what captures a face knows nothing of rigs.
_STEPS: Final = 60
_HOLD: Final = 0.3
_OVERSHOOT: Final = 1.6


def moved_by_fit() -> Mask:
    """Return (52,) the channels that points of the skin can tell."""
    return np.array([not name.startswith(("eyeLook", "tongue")) for name in ARKIT_CHANNELS])


class FaceFit(nn.Module):
    """The weights likeliest by what was read and by where points were seen, within 0 to 1.

    Takes (frames, 478 * 3) cm that points have moved by from neutral, (frames, 52) weights read,
    and (1, 52) those of the neutral face; returns (frames, 52) weights.

    Both are taken for normally distributed, so it is least squares within bounds: S. Boyd and
    others, "Distributed optimization and statistical learning via the alternating direction method
    of multipliers", 2011, section 5.2, in so many steps.
    """

    def __init__(self, response: Response) -> None:
        super().__init__()
        free = moved_by_fit()
        gain, gram = _by_points(response)
        precision = 1 / _doubts() ** 2
        # What points cannot tell stays as it was read.
        tied = np.where(free[:, None] & free, gram + np.diag(precision), np.eye(len(free)))
        parts = _parts()
        tied = parts.T @ tied @ parts
        size = np.sqrt(np.diag(tied))
        unit = tied / np.outer(size, size) + _HOLD * np.eye(len(free))
        pull_of_read = np.diag(np.where(free, precision, 1)) - gram * (free[:, None] & ~free)
        for name, values in (
            ("gain", gain * free @ parts),
            ("of_read", pull_of_read.T @ parts),
            ("of_neutral", (gram * free[:, None]).T @ parts),
            ("inverse", np.linalg.inv(unit)),
            ("strength", _strengths()),
            ("size", size),
            ("parts", parts.T),
            ("whole", np.linalg.inv(parts).T),
        ):
            self.register_buffer(name, torch.tensor(values, dtype=torch.float32))

    def forward(self, moved: Tensor, read: Tensor, neutral: Tensor) -> Tensor:
        """Return (frames, 52) weights."""
        read, neutral = ((each * self.strength).clamp(max=1) for each in (read, neutral))
        pull = moved @ self.gain + read @ self.of_read + neutral @ self.of_neutral
        pull = pull / self.size
        held = (read @ self.whole).clamp(min=0) * self.size
        debt = torch.zeros_like(read)
        for _ in range(_STEPS):
            free = (pull + _HOLD * (held - debt)) @ self.inverse
            ahead = _OVERSHOOT * free + (1 - _OVERSHOOT) * held + debt
            held = torch.minimum(ahead.clamp(min=0), self.size)
            debt = ahead - held
        fitted: Tensor = (held / self.size @ self.parts).clamp(max=1)
        return fitted


def _by_points(response: Response) -> tuple[Floats, Array]:
    """Return (478 * 3, 52) what points pull each channel by, and (52, 52) against each other."""
    rows = np.flatnonzero(np.tile(_PLANE, _SKIN))
    left = response.left[np.ix_(rows, rows)]
    alike = _ALIKE * np.trace(response.left) / len(response.left) + _FLOOR
    spread = (1 - _ALIKE) * left + alike * np.eye(len(rows))
    motions = response.motions[:, rows].astype(np.float64)
    told = np.linalg.solve(spread, motions.T)
    gain = np.zeros(response.motions.T.shape)
    gain[rows] = told
    return gain.astype(np.float32), motions @ told


def _parts() -> Array:
    """Return (52, 52) the parts, each 0 to 1, that weights are made of: parts to weights.

    Lips close no farther than the jaw opens, so a jaw opens by what lips close, and by what it
    opens besides.
    """
    parts = np.eye(len(ARKIT_CHANNELS))
    parts[ARKIT_CHANNELS.index("jawOpen"), ARKIT_CHANNELS.index("mouthClose")] = 1
    return parts


def _strengths() -> Array:
    """Return (52,) what each channel is multiplied by first, of those that networks read."""
    strengths = np.where(looks_tell(), _STRENGTH_OF_LOOKS, _STRENGTH_OF_POINTS)
    return np.where(moved_by_fit() & ~left_to_the_tracker(), strengths, 1)


def _doubts() -> Array:
    """Return (52,) how far each channel's weight, as it was read, may be off."""
    doubts = np.where(looks_tell(), _DOUBT_OF_LOOKS, _DOUBT)
    blinks = np.array([name.startswith("eyeBlink") for name in ARKIT_CHANNELS])
    return np.where(blinks, _DOUBT_OF_BLINKS, doubts)
