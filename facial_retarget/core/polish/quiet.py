"""The moments in which a face is at rest, or next to it."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .smooth import GaussianMean

Array = NDArray[np.float64]

_QUIET_SHARE: Final = 0.1
_SHORTEST_QUIET: Final = 0.3  # seconds


def quietest(times: Array, values: Array, around: GaussianMean) -> NDArray[np.intp]:
    """Return the frames in which least moves and least is raised, both against the usual.

    times: (frames,) seconds, more than one. values: (frames, channels), all known. around: the
    local mean by which noise is told from motion.
    """
    motion = around(np.abs(np.gradient(values, times, axis=0)).sum(axis=1, keepdims=True))
    raised = (values - np.percentile(values, 5, axis=0)).sum(axis=1, keepdims=True)
    unrest = sum(each / max(float(np.median(each)), 1e-9) for each in (motion, raised))
    share = max(_QUIET_SHARE, min(_SHORTEST_QUIET / float(np.ptp(times)), 1.0))
    return np.argsort(np.ravel(unrest), kind="stable")[: max(1, round(share * len(times)))]
