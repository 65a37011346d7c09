"""Where rays from several cameras meet."""

from typing import Final

import numpy as np

from ..mesh import Floats

_ROUNDS: Final = 6
_DOUBT: Final = 1e-3  # of a ray's weight goes to staying where the points are: single rays suffice


def meeting_points(
    origins: Floats, directions: Floats, weights: Floats, tolerance: float
) -> tuple[Floats, Floats]:
    """Return (k, 3) points where rays come closest together, and (k,) by how much they miss.

    origins: (v, 3) of the views. directions: (v, k, 3) unit. weights: (v, k). A ray that misses
    by more than `tolerance` counts for less and less (Cauchy's weights, iterated).
    """
    across = np.eye(3, dtype=np.float32) - directions[..., :, None] * directions[..., None, :]
    counted = weights
    for _ in range(_ROUNDS):
        system = np.einsum("vk,vkij->kij", counted, across)
        system += _DOUBT * counted.sum(axis=0)[:, None, None] * np.eye(3, dtype=np.float32)
        wanted = np.einsum("vk,vkij,vj->ki", counted, across, origins)
        points = np.linalg.solve(system, wanted[..., None])[..., 0].astype(np.float32)
        steps = np.einsum("vkij,vkj->vki", across, points - origins[:, None])
        miss = np.linalg.norm(steps, axis=2)
        counted = weights / (1 + np.square(miss / tolerance))
    total = np.maximum(weights.sum(axis=0), 1e-9)
    return points, np.sqrt((weights * np.square(miss)).sum(axis=0) / total)
