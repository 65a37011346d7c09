"""Trains the solver on filmed frames, and on what they become with other motions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from facial_retarget.core.mesh import Floats
from facial_retarget.core.progress import Progress, ProgressListener, unheard

from ..shapes.arrays import Array
from ..shapes.stages import Arrays
from .config import TrainingConfig
from .loss import channel_balance, pace, weight_loss
from .motion import draw_motion
from .network import MOMENTS, NOW, SolverNetwork

Batch = tuple[Tensor, Tensor, Tensor, Tensor]  # motion, person, weights, known

_AHEAD: Final = torch.tensor(MOMENTS) > 0
_AHEAD_SHARE: Final = 0.6  # of the frames: those that may look ahead
_RATE: Final = 25  # of made-up motions, frames a second
_STEPS: Final = np.round(np.array(MOMENTS) * _RATE).astype(int)
_LENGTH: Final = 4 * _RATE
_CALM: Final = 1.2  # the sum of weights up to which a frame's own motion leaves a clean rest
_AT_ONCE: Final = 2000  # frames


class Frames:
    """A split's frames as tensors, each with the moments about it."""

    def __init__(self, arrays: Arrays, split: str) -> None:
        """Take the arrays of `preparing.prepare`."""

        def get(name: str) -> Tensor:
            return torch.tensor(np.asarray(arrays[f"{split}/{name}"], np.float32))

        self.seen, self.turns, self.weights = get("seen"), get("turns"), get("weights")
        self.sizes = get("sizes")[:, None]
        self.neutral, self.person = get("neutral"), get("person")
        self.neutral_turn, self.known = get("neutral_turn"), get("known").bool()
        self.sequence = get("sequence").long()
        self.before, self.after, self.share = _between(
            arrays[f"{split}/times"], arrays[f"{split}/sequence"]
        )

    def __len__(self) -> int:
        return len(self.seen)

    def at(self, frames: Tensor, ahead: Tensor) -> Callable[[Tensor], Tensor]:
        """Return what takes (all frames, columns) to (frames, moments, columns)."""
        hidden = _AHEAD & ~ahead[:, None]
        now = frames[:, None].expand(-1, len(MOMENTS))
        before = torch.where(hidden, now, self.before[frames])
        after = torch.where(hidden, now, self.after[frames])
        share = torch.where(hidden, 0.0, self.share[frames])[..., None]
        return lambda values: values[before] * (1 - share) + values[after] * share

    def features(self, frames: Tensor, neutral: Tensor, ahead: Tensor) -> tuple[Tensor, Tensor]:
        """Return (frames, moments, motion) and (frames, person) about the chosen neutrals."""
        mixed, owner = self.at(frames, ahead), self.sequence[frames]
        turns, rest = mixed(self.turns), self.neutral_turn[owner, neutral]
        motion = [mixed(self.seen) - self.neutral[owner, neutral][:, None], turns]
        person = [self.person[owner, neutral], rest, self.sizes[frames]]
        return torch.cat([*motion, turns - rest[:, None]], -1), torch.cat(person, -1)


def _between(times: Array, sequence: Array) -> tuple[Tensor, Tensor, Tensor]:
    before = np.zeros((len(times), len(MOMENTS)), np.int64)
    after, share = before.copy(), np.zeros(before.shape, np.float32)
    for number in np.unique(sequence):
        rows = np.flatnonzero(sequence == number)
        own = times[rows]
        wanted = np.clip(own[:, None] + np.array(MOMENTS), own[0], own[-1])
        later = np.clip(np.searchsorted(own, wanted), 1, len(own) - 1)
        before[rows], after[rows] = rows[later - 1], rows[later]
        share[rows] = (wanted - own[later - 1]) / (own[later] - own[later - 1])
    return torch.tensor(before), torch.tensor(after), torch.tensor(share)


class Mixtures:
    """Filmed frames with their own motion taken off and another one put on.

    What is left of a frame is what the tracker does on its own; a motion is what geometry says of
    a person, as the tracker shows it.
    """

    def __init__(self, frames: Frames, arrays: Arrays, config: TrainingConfig) -> None:
        self._frames, self._config = frames, config
        self._motions = torch.tensor(arrays["motions"])
        self._row = torch.tensor(arrays["train/motion"]).long()
        calm = (frames.weights.sum(1) < _CALM) & (self._row[frames.sequence] >= 0)
        self._calm = calm.nonzero()[:, 0]
        self._known = torch.zeros(len(self._motions), frames.known.shape[1], dtype=torch.bool)
        mine = self._row >= 0
        self._known[self._row[mine]] = frames.known[mine]
        self._performances = torch.tensor(_performances(config))

    def drawn(self, count: int) -> Batch:
        """Draw some."""
        frames = self._calm[torch.randint(len(self._calm), (count,))]
        neutral = torch.randint(self._frames.neutral.shape[1], (count,))
        ahead = torch.rand(count) < _AHEAD_SHARE
        motion, person = self._frames.features(frames, neutral, ahead)
        own = self._row[self._frames.sequence[frames]]
        others = torch.randint(len(self._motions), (count,))
        whose = torch.where(torch.rand(count) < self._config.swapped, others, own)
        weights = self._weights(ahead) * self._known[whose][:, None]
        moved = torch.einsum("bmc,bck->bmk", weights, self._motions[whose])
        moved -= torch.einsum(
            "bmc,bck->bmk", self._frames.at(frames, ahead)(self._frames.weights), self._motions[own]
        )
        motion[:, :, : moved.shape[2]] += moved
        return motion, person, weights[:, NOW], self._known[whose]

    def _weights(self, ahead: Tensor) -> Tensor:
        """Return (batch, moments, 52) of made-up performances."""
        count = len(ahead)
        which = torch.randint(len(self._performances), (count,))[:, None]
        steps = torch.where(_AHEAD & ~ahead[:, None], 0, torch.tensor(_STEPS))
        moment = (torch.randint(_LENGTH, (count,))[:, None] + steps).clamp(0, _LENGTH - 1)
        return self._performances[which, moment]


def _performances(config: TrainingConfig) -> Floats:
    rng = np.random.default_rng(config.seed)
    times, known = np.arange(_LENGTH) / _RATE, np.ones(52)
    return np.stack([draw_motion(rng, times, known).weights for _ in range(config.performances)])


@dataclass(frozen=True, eq=False)
class Judged:
    """weights: (frames, 52) read; true and known alike; errors: (frames, 52) foretold."""

    weights: Floats
    errors: Floats
    true: Floats
    known: Array


def train(
    arrays: Arrays, config: TrainingConfig, heard: ProgressListener = unheard
) -> SolverNetwork:
    """Train a network on what `preparing.prepare` gave. The same seed gives the same network."""
    torch.manual_seed(config.seed)
    frames = Frames(arrays, "train")
    mixtures = Mixtures(frames, arrays, config)
    sample = torch.randint(len(frames), (4000,))
    first, sure = torch.zeros(4000, dtype=torch.long), torch.ones(4000, dtype=torch.bool)
    motion, person = frames.features(sample, first, sure)
    network = SolverNetwork.fitting(arrays, config)
    network.adapt(motion, person, frames.seen.shape[1])
    optimiser = torch.optim.AdamW(network.parameters(), lr=config.rate, weight_decay=0.02)
    made_up = int(config.batch * config.made_up)
    balance = channel_balance(frames.weights, frames.known[frames.sequence])
    for step in range(config.steps):
        for group in optimiser.param_groups:
            group["lr"] = config.rate * pace(step, config.steps)
        filmed = _filmed(frames, config.batch - made_up)
        batch = [torch.cat(pair) for pair in zip(filmed, mixtures.drawn(made_up), strict=True)]
        motion, person, true, known = batch
        loss = weight_loss(network(motion, person), true, known, balance, config.moved)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        heard(Progress("Training the solver", step + 1, config.steps))
    network.eval()
    return network


def judge(network: SolverNetwork, frames: Frames, *, ahead: bool = True) -> Judged:
    """Let a network read a split, each sequence about what is usual in it."""
    parts = []
    with torch.no_grad():
        for start in range(0, len(frames), _AT_ONCE):
            rows = torch.arange(start, min(start + _AT_ONCE, len(frames)))
            first = torch.zeros(len(rows), dtype=torch.long)
            looks = torch.full((len(rows),), ahead)
            parts.append(network(*frames.features(rows, first, looks)))
    weights, doubts = (torch.cat(each) for each in zip(*parts, strict=True))
    known = frames.known[frames.sequence].numpy()
    true: Floats = frames.weights.numpy()
    return Judged(weights.clamp(0, 1).numpy(), doubts.exp().numpy(), true, known)


def _filmed(frames: Frames, count: int) -> Batch:
    rows = torch.randint(len(frames), (count,))
    neutral = torch.randint(frames.neutral.shape[1], (count,))
    motion, person = frames.features(rows, neutral, torch.rand(count) < _AHEAD_SHARE)
    return motion, person, frames.weights[rows], frames.known[frames.sequence[rows]]
