"""How identities are drawn: weights for a family's modes, within what its maker allows."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from facial_retarget.core.mesh import Floats

_RACES: Final = ("african", "asian", "caucasian")
_SEXES: Final = ("female", "male")
# The corners between which an age runs from 0 to 1.
_AGES: Final = ("child", "young", "old")
_BUILDS: Final = ("min", "average", "max")

# Modes that leave what the shapes were sculpted for.
_NEVER: Final = ("Mouth_NoTeeth", "Fantasy_NoNose")
_RARE: Final = ("Fantasy_", "Age_", "Body_", "BodyType_", "Generic_", "Gender_")


def standard_normal(rng: np.random.Generator, modes: Sequence[str]) -> Floats:
    """Draw each mode of a principal component model, whole faces now milder, now stronger."""
    strength = rng.uniform(0.7, 1.3)
    return (strength * rng.standard_normal(len(modes))).astype(np.float32)


def makehuman_mix(rng: np.random.Generator, modes: Sequence[str]) -> Floats:
    """Mix race, sex, age and build as MakeHuman's sliders do, then add some details."""
    race = dict(zip(_RACES, rng.dirichlet((0.7, 0.7, 0.7)), strict=True))
    sex = _between(_SEXES, rng.beta(0.5, 0.5))
    age = _between(_AGES, rng.uniform())
    muscle = _between(_BUILDS, rng.beta(4, 4))
    weight = _between(_BUILDS, rng.beta(3, 3))
    macro: dict[str, float] = {}
    for s, of_sex in sex.items():
        for a, of_age in age.items():
            share = of_sex * of_age
            macro |= {f"{r}-{s}-{a}": share * of_race for r, of_race in race.items()}
            macro |= {
                f"universal-{s}-{a}-{m}muscle-{w}weight": share * of_muscle * of_weight
                for m, of_muscle in muscle.items()
                for w, of_weight in weight.items()
            }
    return _named(macro, modes) + _makehuman_details(rng, modes)


def charmorph_mix(rng: np.random.Generator, modes: Sequence[str]) -> Floats:
    """Draw a few races, some features, and now and then an age, a build or a style."""
    weights = np.zeros(len(modes))
    races = [number for number, name in enumerate(modes) if name.startswith("Race_")]
    chosen = rng.choice(races, 2, replace=False)
    weights[chosen] = rng.dirichlet((1, 1)) * rng.uniform(0, 1)
    for number, name in enumerate(modes):
        if name.startswith(("Race_", *_NEVER)):
            continue
        if name.startswith(_RARE):
            weights[number] = (rng.uniform() < 0.12) * rng.uniform(0.1, 0.5)
        else:
            weights[number] = (rng.uniform() < 0.3) * np.clip(rng.normal(0, 0.2), -0.5, 0.5)
    return weights.astype(np.float32)


def _makehuman_details(rng: np.random.Generator, modes: Sequence[str]) -> Floats:
    details = [number for number, name in enumerate(modes) if "/" in name]
    weights = np.zeros(len(modes), np.float32)
    chosen = rng.choice(details, int(rng.integers(5, 30)), replace=False)
    for number in chosen:
        weight = min(abs(rng.normal(0, 0.5)), 1.0)
        weights[number] = weight
        if rng.uniform() < 0.85:  # faces are nearly symmetric
            weights[modes.index(_mirrored(modes[number]))] = weight
    return weights


def _mirrored(name: str) -> str:
    """Name the same detail of the other side; itself where it has no side."""
    folder, slash, detail = name.partition("/")
    sides = {"l-": "r-", "r-": "l-"}
    return folder + slash + sides.get(detail[:2], detail[:2]) + detail[2:]


def _between(corners: Sequence[str], place: float) -> dict[str, float]:
    """Weigh the corners on both sides of a place, 0 to 1 along all of them."""
    position = place * (len(corners) - 1)
    distances = np.abs(np.arange(len(corners)) - position)
    weights = np.maximum(1 - distances, 0)
    return {name: float(w) for name, w in zip(corners, weights, strict=True) if w}


def _named(weights: Mapping[str, float], modes: Sequence[str]) -> Floats:
    return np.array([weights.get(name, 0.0) for name in modes], np.float32)
