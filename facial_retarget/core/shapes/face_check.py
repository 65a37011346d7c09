"""Tells a face from what the Face Landmarker merely takes for one."""

from typing import Final

import numpy as np

from ..mesh import Floats
from .landmark_table import line, mirrored_numbers

# All in distances between the eyes. The false finds at the backs of heads and on necks, upside
# down, had these at best; of 90 heads of four makers the worst had .018, .035 and .02.
_DISAGREEMENT: Final = 0.048  # by which the rays of several views miss each other
_OFF_SURFACE: Final = 0.110  # between where they meet and the surface
_LOPSIDED: Final = 0.074  # between a point and the mirror image of its partner
# What share of these three, in the mean, a face may have: ogres have .63.
_STRANGENESS: Final = 0.75
_NOSE: Final = 0.12  # how far the tip stands out before the cheeks beside it
_BACK: Final = 0.15  # how far the jaw's ends lie behind the corners of the eyes

_TIP: Final = 4
_CHEEKS: Final = [36, 266, 205, 425]


def is_face(points: Floats, miss: Floats, off_surface: Floats) -> bool:
    """Tell whether (468, 3) landmarks in face space can be those of a face.

    miss: (468,) how far rays of the views miss each other there. off_surface: (468,) how far the
    mesh's surface is from there.
    """
    inner = np.setdiff1d(np.arange(len(points)), np.concatenate([line("jaw"), line("forehead")]))
    mirror = points[mirrored_numbers()] * np.array([-1, 1, 1], np.float32)
    lopsided = np.median(np.linalg.norm(points - mirror, axis=1))
    lids = [line(f"lid_{edge}_{side}") for edge in ("upper", "lower") for side in ("left", "right")]
    eyes, mouth = points[np.concatenate(lids)], points[line("lips_inner_upper")]
    upright = eyes[:, 2].mean() > points[_TIP, 2] > mouth[:, 2].mean() > points[152, 2]
    stands_out = points[_CHEEKS, 1].mean() - points[_TIP, 1]
    behind = points[[234, 454], 1].mean() - eyes[:, 1].mean()
    strange = (
        lopsided / _LOPSIDED,
        np.median(miss[inner]) / _DISAGREEMENT,
        np.median(off_surface[inner]) / _OFF_SURFACE,
    )
    return bool(
        upright
        and stands_out > _NOSE
        and behind > _BACK
        and max(strange) < 1
        and np.mean(strange) < _STRANGENESS
    )
