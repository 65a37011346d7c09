"""The closed loop as a picture: what was drawn, what the tracker's scores make of it, and ours.

`python -m benchmarks.retarget.closed_loop_picture docs/solver.jpg`
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.closed_loop import Take, Weights, drawn, measure
from facial_retarget.blender.render.layout import Image

_SIZE: Final = 256
_COLUMNS: Final = ("jawLeft", "mouthClose", "noseSneerLeft", "cheekPuff", "browOuterUpLeft")


def sheet(take: Take) -> Image:
    """Return three rows: drawn, by the tracker's scores, by the solver; a column for a moment.

    The moments are those in which one channel each is raised most.
    """
    frames = [int(np.argmax(take.known[channel])) for channel in _COLUMNS]
    rows = (take.known, take.tracker, take.solver)
    return np.concatenate([_row(take, weights, frames) for weights in rows])


def _row(take: Take, weights: Weights, frames: Sequence[int]) -> Image:
    chosen = {channel: np.nan_to_num(values[list(frames)]) for channel, values in weights.items()}
    # As a bake does: lips close no farther than the jaw opens.
    chosen["mouthClose"] = np.minimum(chosen["mouthClose"], chosen["jawOpen"])
    return np.concatenate(list(drawn(take.identity, chosen, _SIZE)), axis=1)


def main() -> None:
    """Measure, and write the picture of the first head."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", type=Path)
    from matplotlib.image import imsave

    imsave(parser.parse_args().picture, sheet(measure().takes[0]))


if __name__ == "__main__":
    main()
