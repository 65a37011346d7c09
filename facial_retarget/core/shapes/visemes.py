"""Mouth shapes of speech, as weighted sums of ARKit shapes."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from .shape_set import ShapeSet

VISEME_SETS: Final = ("oculus", "vrm")
_TABLE: Final = Path(__file__).parents[2] / "data" / "shapes" / "visemes.json"
# In the table a name that ends so stands for the left and the right shape alike.
_BOTH: Final = "Both"


def viseme_weights(set_name: str) -> Mapping[str, Mapping[str, float]]:
    """Return viseme -> ARKit channel -> weight. Raises KeyError for an unknown set."""
    return _tables()[set_name]


def viseme_shapes(shapes: ShapeSet, set_name: str) -> ShapeSet:
    """Return the visemes of a set ("oculus" or "vrm") as combinations of ARKit shapes.

    A viseme is as sure as its channels, by their weights; one of which channels are missing is
    made of the others, and that much less sure. Raises KeyError for an unknown set.
    """
    table = viseme_weights(set_name)
    deltas = np.zeros((len(table), *shapes.deltas.shape[1:]), np.float32)
    confidence = np.zeros(len(table), np.float32)
    for row, weights in enumerate(table.values()):
        for channel, weight in weights.items():
            if channel in shapes.names:
                number = shapes.names.index(channel)
                deltas[row] += np.float32(weight) * shapes.deltas[number]
                confidence[row] += weight * shapes.confidence[number]
        confidence[row] /= sum(weights.values())
    return ShapeSet(tuple(table), deltas, confidence, shapes.vertex_confidence)


@functools.cache
def _tables() -> dict[str, dict[str, dict[str, float]]]:
    sets = json.loads(_TABLE.read_text(encoding="utf-8"))["sets"]
    return {
        set_name: {viseme: _spelled_out(weights) for viseme, weights in table.items()}
        for set_name, table in sets.items()
    }


def _spelled_out(weights: Mapping[str, float]) -> dict[str, float]:
    spelled: dict[str, float] = {}
    for name, weight in weights.items():
        if name.endswith(_BOTH):
            stem = name.removesuffix(_BOTH)
            spelled |= {f"{stem}Left": weight, f"{stem}Right": weight}
        else:
            spelled[name] = weight
    return spelled
