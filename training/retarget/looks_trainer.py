"""Trains the network that looks at a face, with what a camera and a light may do to it."""

from typing import Final

import numpy as np
import torch
from torch import Tensor

from facial_retarget.core.capture.face_crop import SIDE
from facial_retarget.core.progress import Progress, ProgressListener, unheard

from ..shapes.arrays import Array
from .config import TrainingConfig
from .dataset import MIRRORED_CHANNELS
from .looks_data import Looks
from .looks_network import LooksNetwork
from .loss import channel_balance, pace, weight_loss
from .trainer import Judged

Given = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]  # crops, neutrals, read, doubts, turns

_AT_ONCE: Final = 512  # frames
_SHIFT: Final = 2  # pixels of a crop by which both pictures may lie elsewhere
_TURN_FLIP: Final = torch.tensor([-1.0, 1, -1, -1, 1, -1])
_MIRRORED: Final = torch.tensor(MIRRORED_CHANNELS)


def train_looks(
    looks: Looks, config: TrainingConfig, heard: ProgressListener = unheard
) -> LooksNetwork:
    """Train a network. The same seed gives the same network."""
    torch.manual_seed(config.seed)
    network = LooksNetwork(config.width, config.hidden, config.dropout)
    optimiser = torch.optim.AdamW(network.parameters(), lr=config.rate, weight_decay=0.05)
    balance = channel_balance(
        torch.from_numpy(looks.weights), torch.from_numpy(looks.known_frames).float()
    )
    for step in range(config.steps):
        for group in optimiser.param_groups:
            group["lr"] = config.rate * pace(step, config.steps)
        rows = torch.randint(len(looks), (config.batch,)).numpy()
        neutral = torch.randint(looks.neutrals.shape[1], (config.batch,)).numpy()
        given, true, known = _drawn(looks, rows, neutral)
        loss = weight_loss(network(*given), true, known, balance, config.moved)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        heard(Progress("Training the network that looks", step + 1, config.steps))
    network.eval()
    return network


def judge_looks(network: LooksNetwork, looks: Looks) -> Judged:
    """Let a network read a split, each sequence about what is usual in it."""
    parts = []
    with torch.no_grad():
        for start in range(0, len(looks), _AT_ONCE):
            rows = np.arange(start, min(start + _AT_ONCE, len(looks)))
            parts.append(network(*_given(looks, rows, np.zeros(len(rows), int))))
    weights, doubts = (torch.cat(each) for each in zip(*parts, strict=True))
    return Judged(
        weights.clamp(0, 1).numpy(), doubts.exp().numpy(), looks.weights, looks.known_frames
    )


def _given(looks: Looks, rows: Array, neutral: Array) -> Given:
    pictures = looks.crops[rows], looks.neutrals[looks.sequence[rows], neutral]
    others = looks.read[rows], looks.doubts[rows], looks.turns[rows]
    crops, neutrals, read, doubts, turns = (
        torch.from_numpy(each.astype(np.float32)) for each in (*pictures, *others)
    )
    return crops, neutrals, read, doubts, turns


def _drawn(looks: Looks, rows: Array, neutral: Array) -> tuple[Given, Tensor, Tensor]:
    """Return frames as other cameras would have taken them, half of them in a mirror."""
    crops, neutrals, read, doubts, turns = _given(looks, rows, neutral)
    true = torch.from_numpy(looks.weights[rows])
    known = torch.from_numpy(looks.known[looks.sequence[rows]])
    crops, neutrals = _filmed_otherwise(crops, neutrals)
    half = len(rows) // 2
    for each in (crops, neutrals):
        each[:half] = each[:half].flip(2)
    for values in (read, doubts, true, known):
        values[:half] = values[:half, _MIRRORED]
    turns[:half] *= _TURN_FLIP
    return (crops, neutrals, read, doubts, turns), true, known


def _filmed_otherwise(crops: Tensor, neutrals: Tensor) -> tuple[Tensor, Tensor]:
    """Change light, exposure, sharpness, noise and place of both pictures."""
    count = len(crops)

    def drawn(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(count, 1, 1)

    place = torch.linspace(-1, 1, SIDE)
    slope = 0.4 * torch.randn(count, 2, 1, 1)
    light = torch.exp(slope[:, 0] * place[:, None] + slope[:, 1] * place)
    gamma, gain = drawn(0.7, 1.5), torch.exp(drawn(-0.4, 0.3))
    both = torch.stack([crops, neutrals], 1) / 255
    both = gain[:, None] * light[:, None] * both ** gamma[:, None]
    both[:, 0] *= torch.exp(drawn(-0.06, 0.06))  # exposure goes on by itself
    soft = torch.rand(count) < 0.3
    both[soft] = torch.nn.functional.avg_pool2d(both[soft], 3, 1, 1, count_include_pad=False)
    noise = drawn(0, 0.03) * (torch.rand(count, 1, 1) < 0.5)
    both[:, 0] += noise * torch.randn(count, SIDE, SIDE)
    across, down = (int(each) for each in torch.randint(-_SHIFT, _SHIFT + 1, (2,)))
    moved = (255 * both).clamp(0, 255).roll((down, across), (2, 3))
    return moved[:, 0].clone(), moved[:, 1].clone()
