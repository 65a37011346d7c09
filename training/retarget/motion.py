"""Made-up performances whose every weight is known: some at random, some as faces really move."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from facial_retarget.core.channels import ARKIT_CHANNELS, mirrored, side_of
from facial_retarget.core.mesh import Floats

from ..shapes.arrays import Array

_TABLE: Final = Path(__file__).parents[1] / "data" / "expressions.json"
_COLUMN: Final = {channel: column for column, channel in enumerate(ARKIT_CHANNELS)}
_BOTH_SIDES: Final = 0.65
_RESTS: Final = 0.85  # share of the sequences in which the face comes to rest
_OPPOSED: Final = (
    *((f"eyeLookUp{side}", f"eyeLookDown{side}") for side in ("Left", "Right")),
    *((f"eyeLookIn{side}", f"eyeLookOut{side}") for side in ("Left", "Right")),
    ("jawLeft", "jawRight"),
    ("mouthLeft", "mouthRight"),
)


@dataclass(frozen=True, eq=False)
class Motion:
    """A performance. times: (frames,) seconds. weights: (frames, 52) from 0 to 1.

    turn: (frames, 3) the head's yaw, pitch and roll in radians. shift: (frames, 3) in distances
    between the eyes.
    """

    times: Array
    weights: Floats
    turn: Array
    shift: Array


def draw_motion(rng: np.random.Generator, times: Array, known: Array) -> Motion:
    """Draw what a face and its head do at (frames,) times; known: (52,) what the face can do."""
    weights: Array = np.zeros((len(times), len(ARKIT_CHANNELS)))
    kind = rng.random()
    if kind < 0.6:
        _add_mixtures(weights, times, rng)
    if kind > 0.4:
        _add_life(weights, times, rng)
    weights = np.clip(weights, 0, 1) * known
    if rng.random() < _RESTS:
        _add_rests(weights, times, rng)
    if rng.random() < 0.7:
        _opposed_apart(weights)
    jaw, close = weights[:, _COLUMN["jawOpen"]], weights[:, _COLUMN["mouthClose"]]
    weights[:, _COLUMN["jawOpen"]] = np.maximum(jaw, close * rng.uniform(0.6, 1.0))
    weights[:, _COLUMN["mouthClose"]] = np.minimum(close, weights[:, _COLUMN["jawOpen"]])
    turn, shift = _head(times, rng)
    return Motion(times, weights.astype(np.float32), turn, shift)


def _add_rests(weights: Array, times: Array, rng: np.random.Generator) -> None:
    """Let the face come to rest now and then: only its eyes wander on."""
    wander = np.array([channel.startswith("eyeLook") for channel in ARKIT_CHANNELS])
    for start in rng.uniform(times[0] - 0.2, times[-1], int(rng.integers(1, 4))):
        length = rng.uniform(0.3, 1.0)
        inside = np.minimum(times - start, start + length - times) / 0.15
        awake = 1 - np.clip(inside + 0.5, 0, 1)
        weights[:, ~wander] *= awake[:, None]


def _add_mixtures(weights: Array, times: Array, rng: np.random.Generator) -> None:
    """Add a few channels at a time, whichever they are, one mixture after the other."""
    start, tempo = times[0] + rng.uniform(-0.3, 0.3), rng.uniform(0.3, 1.2)
    boosted = np.array([3.0 if name in _table()["rare"] else 1.0 for name in ARKIT_CHANNELS])
    while start < times[-1]:
        length = tempo * rng.uniform(0.6, 1.6)
        pulse = _pulse(times, start, length, rng.uniform(0, 0.6))
        count = int(rng.integers(1, 6))
        chosen = rng.choice(len(ARKIT_CHANNELS), count, replace=False, p=boosted / boosted.sum())
        for column in chosen:
            strength = rng.uniform(0.2, 1.0)
            channel = ARKIT_CHANNELS[column]
            _raise(weights, column, strength * pulse)
            if side_of(channel) and rng.random() < _BOTH_SIDES:
                other = _COLUMN[mirrored(channel)]
                _raise(weights, other, np.clip(strength * rng.normal(1, 0.1), 0, 1) * pulse)
            if channel == "mouthClose":
                _raise(weights, _COLUMN["jawOpen"], strength * pulse)
        start += length * rng.uniform(0.9, 1.3) if rng.random() < 0.85 else length + 0.5


def _add_life(weights: Array, times: Array, rng: np.random.Generator) -> None:
    """Add what faces do: speak, blink, look about, smile, wonder, sneer."""
    if rng.random() < 0.6:
        _add_speech(weights, times, rng)
    for start in _moments(times, rng, 2.5):
        blink = _pulse(times, start, rng.uniform(0.15, 0.4), 0.2) * rng.uniform(0.7, 1.0)
        for side in ("Left", "Right"):
            _raise(weights, _COLUMN[f"eyeBlink{side}"], blink)
    _add_gaze(weights, times, rng)
    expressions = list(_table()["expressions"].values())
    for start in _moments(times, rng, 1.8):
        pulse = _pulse(times, start, rng.uniform(0.4, 2.5), rng.uniform(0, 0.7))
        expression = expressions[rng.integers(len(expressions))]
        _perform(weights, expression, rng.uniform(0.3, 1.1) * pulse, rng)


def _add_speech(weights: Array, times: Array, rng: np.random.Generator) -> None:
    visemes = list(_table()["visemes"].values())
    start = times[0] - 0.2
    loudness = rng.uniform(0.5, 1.3)
    while start < times[-1]:
        if rng.random() < 0.08:
            start += rng.uniform(0.2, 0.8)
        length = rng.uniform(0.12, 0.35)
        pulse = _pulse(times, start, length, 0.2)
        _perform(weights, visemes[rng.integers(len(visemes))], loudness * pulse, rng)
        start += length * rng.uniform(0.4, 0.7)


def _perform(
    weights: Array, expression: Mapping[str, float], pulse: Array, rng: np.random.Generator
) -> None:
    """Raise an expression, a little different every time; a name in Both means both sides."""
    lopsided = rng.normal(0, 0.15) if rng.random() < 0.8 else rng.choice([-1, 1])
    for name, weight in expression.items():
        strength = weight * np.clip(rng.normal(1, 0.3), 0, 2)
        stem = name.removesuffix("Both")
        if stem == name:
            _raise(weights, _COLUMN[name], strength * pulse)
            continue
        for side, more in (("Left", 1 + lopsided), ("Right", 1 - lopsided)):
            _raise(weights, _COLUMN[stem + side], strength * np.clip(more, 0, 1.2) * pulse)


def _add_gaze(weights: Array, times: Array, rng: np.random.Generator) -> None:
    """Let both eyes jump together, and the lids follow."""
    knots = np.array([times[0], *_moments(times, rng, 0.8)])
    places = rng.normal(0, rng.choice([0.1, 0.4]), (len(knots), 2))
    at = np.searchsorted(knots, times, side="right") - 1
    aside, up = _eased(places[np.maximum(at, 0)].T)
    for value, names in (
        (up, ("eyeLookUpLeft", "eyeLookUpRight")),
        (-up, ("eyeLookDownLeft", "eyeLookDownRight")),
        (aside, ("eyeLookOutLeft", "eyeLookInRight")),
        (-aside, ("eyeLookInLeft", "eyeLookOutRight")),
    ):
        for name in names:
            _raise(weights, _COLUMN[name], np.clip(value, 0, 1))


def _eased(values: Array) -> Array:
    padded = np.pad(values, ((0, 0), (1, 1)), "edge")
    mean: Array = (padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]) / 4
    return mean


def _raise(weights: Array, column: int, values: Array) -> None:
    weights[:, column] = np.maximum(weights[:, column], values)


def _pulse(times: Array, start: float, length: float, hold: float) -> Array:
    """Return a rise from 0 to 1 and back within `length` seconds, held for a share of it."""
    place = (times - start) / length
    ramp = (1 - hold) / 2
    share = np.clip(np.minimum(place, 1 - place) / ramp, 0, 1)
    pulse: Array = np.sin(np.pi / 2 * share) ** 2
    return pulse


def _moments(times: Array, rng: np.random.Generator, apart: float) -> list[float]:
    moments, moment = [], times[0] + rng.exponential(apart)
    while moment < times[-1]:
        moments.append(float(moment))
        moment += max(rng.exponential(apart), 0.2)
    return moments


def _opposed_apart(weights: Array) -> None:
    for first, second in _OPPOSED:
        one, other = _COLUMN[first], _COLUMN[second]
        smaller = np.minimum(weights[:, one], weights[:, other])
        weights[:, one] -= smaller
        weights[:, other] -= smaller


def _head(times: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    still = rng.random() < 0.3
    reach = np.radians([14, 8, 6]) * (0.08 if still else rng.uniform(0.2, 1.2))
    turn = _wander(times, rng, 3) * reach + np.radians([9, 7, 5]) * rng.normal(0, 1, 3).clip(-2, 2)
    shift = _wander(times, rng, 3) * (0.03 if still else 0.25) + rng.normal(0, 0.15, 3)
    return turn, shift


def _wander(times: Array, rng: np.random.Generator, count: int) -> Array:
    """Return (frames, count) slow smooth motions of size 1."""
    speeds = rng.uniform(0.5, 6.0, (3, count))
    phases = rng.uniform(0, 2 * np.pi, (3, count))
    shares = rng.dirichlet(np.ones(3), count).T
    waves: Array = np.sum(shares * np.sin(times[:, None, None] * speeds + phases), axis=1)
    return waves


def _table() -> dict[str, Any]:
    return _LOADED


_LOADED: Final[dict[str, Any]] = json.loads(_TABLE.read_text(encoding="utf-8"))
