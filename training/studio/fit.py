"""Fits one small network to one target, and measures it on characters held out."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from facial_retarget.core.mesh import Floats, Integers
from facial_retarget.core.shapes.studio import SMALLEST_RANGE, Normalisation

# Directions in which the characters differ by less than this share of the strongest are noise.
_LEAST_STRENGTH: Final = 1e-4
# The vertices that count in an error move by at least this share of the shape's largest motion.
_MOVING: Final = 0.05


@dataclass(frozen=True)
class FitOptions:
    """How a network is trained.

    hidden, layers: its width, and how many hidden layers. rate: the learning rate at the start.
    folds: into how many parts the characters are split to measure errors; 0 measures none.
    """

    epochs: int = 300
    seed: int = 0
    hidden: int = 64
    layers: int = 2
    rate: float = 1e-3
    folds: int = 5


@dataclass(frozen=True, eq=False)
class Layer:
    """A fully connected layer: weight (outputs, inputs), bias (outputs,)."""

    weight: Floats
    bias: Floats


@dataclass(frozen=True, eq=False)
class Spread:
    """How (r, 3n) displacements of one target are spread; core.shapes.studio.Targets has more."""

    mean: Floats
    mask: NDArray[np.bool_]
    scale: float

    @classmethod
    def of(cls, displacements: Floats) -> Self:
        """Measure them. The scale is their largest coordinate, so that outputs are in -1..1."""
        return cls(
            displacements.mean(axis=0),
            np.ptp(displacements, axis=0) > SMALLEST_RANGE,
            float(np.abs(displacements).max(initial=0)) or 1.0,
        )


@dataclass(frozen=True, eq=False)
class FittedTarget:
    """A target's network; without layers where its characters do not differ."""

    spread: Spread
    layers: tuple[Layer, ...]

    def predict(self, identity: Floats) -> Floats:
        """Return the (3n,) displacement for a (k,) identity."""
        predicted = self.spread.mean.copy()
        if self.layers:
            *hidden, last = self.layers
            for layer in hidden:
                identity = np.maximum(layer.weight @ identity + layer.bias, 0)
            outputs = last.weight @ identity + last.bias
            predicted[self.spread.mask] = self.spread.scale * outputs
        return predicted


@dataclass(frozen=True)
class HeldOut:
    """Mean distances between vertices on characters not seen, over the vertices that move.

    In the unit of the data. error: of the network. mean_error: of copying the mean displacement
    of the others. length: of the true displacement.
    """

    error: float
    mean_error: float
    length: float

    @property
    def relative(self) -> float:
        """The network's error as a share of the motion."""
        return self.error / max(self.length, 1e-12)


def fit_normalisation(neutrals: Floats) -> Normalisation:
    """Measure (c, 3n) neutrals: the range of each coordinate, and the directions they differ in.

    c characters differ in c - 1 directions at most, so the basis loses nothing of them; what a
    new one has beside them no network could know of. Identities are 1 long on average over
    their numbers.
    """
    low, high = neutrals.min(axis=0), neutrals.max(axis=0)
    empty = np.zeros((0, 0), np.float32)
    plain = Normalisation(low, high, empty, empty)
    rows = np.stack([plain.normalised(neutral) for neutral in neutrals])[:, plain.varying]
    center = rows.mean(axis=0)
    strengths, directions = np.linalg.svd(rows - center, full_matrices=False)[1:]
    kept = strengths > _LEAST_STRENGTH * strengths.max(initial=0)
    size = np.sqrt(np.square(strengths[kept]).sum() / max(kept.sum() * len(rows), 1))
    basis = (directions[kept] / max(size, 1e-12)).astype(np.float32)
    return Normalisation(low, high, basis, (-basis @ center).astype(np.float32))


def fit_target(identities: Floats, displacements: Floats, options: FitOptions) -> FittedTarget:
    """Train a network from (r, k) identities to (r, 3n) displacements, where those differ.

    It begins at their mean.
    """
    spread = Spread.of(displacements)
    if not spread.mask.any() or not identities.shape[1]:
        return FittedTarget(spread, ())
    wanted = torch.from_numpy(displacements[:, spread.mask] / np.float32(spread.scale))
    network = _trained(torch.from_numpy(identities), wanted, options)
    layers = tuple(
        Layer(module.weight.detach().numpy(), module.bias.detach().numpy())
        for module in network
        if isinstance(module, nn.Linear)
    )
    return FittedTarget(spread, layers)


def training_error(fitted: FittedTarget, identities: Floats, truths: Floats) -> float:
    """Return the mean error on (r, k) identities whose displacements are (r, 3n) truths."""
    pairs = zip(identities, truths, strict=True)
    return float(np.mean([_error(fitted.predict(identity), truth) for identity, truth in pairs]))


def held_out_errors(neutrals: Floats, truths: Floats, options: FitOptions) -> HeldOut | None:
    """Train anew without some of the characters, and measure on those, until each was left out.

    neutrals, truths: (r, 3n). The normalisation too is fitted to those that stay. None where
    there are too few, or folds are not wanted.
    """
    errors, copied, lengths = [], [], []
    for stays, leaves in _folds(len(truths), options):
        normalisation = fit_normalisation(neutrals[stays])
        known = identities_of(normalisation, neutrals[stays])
        fitted = fit_target(known, truths[stays], options)
        for row in leaves:
            predicted = fitted.predict(normalisation.identity(neutrals[row]))
            errors.append(_error(predicted, truths[row]))
            copied.append(_error(fitted.spread.mean, truths[row]))
            lengths.append(_error(np.zeros_like(predicted), truths[row]))
    if not errors:
        return None
    return HeldOut(*(float(np.mean(values)) for values in (errors, copied, lengths)))


def identities_of(normalisation: Normalisation, neutrals: Floats) -> Floats:
    """Return the (r, k) identities of (r, 3n) neutrals."""
    return np.stack([normalisation.identity(neutral) for neutral in neutrals])


def _trained(inputs: torch.Tensor, wanted: torch.Tensor, options: FitOptions) -> nn.Sequential:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(options.seed)
        network = _network(inputs.shape[1], wanted.mean(dim=0), options)
    optimizer = torch.optim.Adam(network.parameters(), options.rate, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, options.epochs)
    for _ in range(options.epochs):
        loss = nn.functional.mse_loss(network(inputs), wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return network


def _network(inputs: int, mean: torch.Tensor, options: FitOptions) -> nn.Sequential:
    sizes = [inputs, *[options.hidden] * options.layers]
    modules: list[nn.Module] = []
    for before, after in itertools.pairwise(sizes):
        modules += [nn.Linear(before, after), nn.ReLU()]
    last = nn.Linear(sizes[-1], len(mean))
    with torch.no_grad():
        last.bias.copy_(mean)
        last.weight.mul_(0.1)
    return nn.Sequential(*modules, last)


def _folds(count: int, options: FitOptions) -> Iterator[tuple[Integers, Integers]]:
    """Give the rows that stay and those that leave, so that each leaves once and two stay."""
    folds = min(options.folds, count)
    if folds < 2 or count < 3:
        return
    order = np.random.default_rng(options.seed).permutation(count).astype(np.int32)
    for leaves in np.array_split(order, folds):
        yield np.setdiff1d(order, leaves), leaves


def _error(predicted: Floats, truth: Floats) -> float:
    lengths = np.linalg.norm(truth.reshape(-1, 3), axis=1)
    moving = lengths > _MOVING * lengths.max()
    if not moving.any():
        return float(np.linalg.norm(predicted.reshape(-1, 3), axis=1).mean())
    return float(np.linalg.norm((predicted - truth).reshape(-1, 3), axis=1)[moving].mean())
