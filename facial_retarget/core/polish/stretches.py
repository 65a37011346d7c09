"""Which frames were seen: cut into stretches that are worked on one by one."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def stretches(mask: Mask) -> list[slice]:
    """Return each run of True in a (frames,) mask as a slice, in order."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    return [
        slice(int(start), int(stop)) for start, stop in zip(edges[::2], edges[1::2], strict=True)
    ]


def alike(seen: Mask) -> Iterator[tuple[NDArray[np.intp], Mask]]:
    """Group the columns of (frames, columns) that were seen at the same frames.

    Yields the numbers of the columns and their (frames,) mask. A face is mostly seen whole, so
    there are few groups, and each is worked on in one go.
    """
    groups: dict[bytes, list[int]] = {}
    for column, mask in enumerate(seen.T):
        groups.setdefault(mask.tobytes(), []).append(column)
    for columns in groups.values():
        yield np.array(columns), seen[:, columns[0]]
