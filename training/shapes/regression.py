"""Who looks alike here moves alike here: kernel ridge regression, patch by patch.

For each patch of the face a new face is written as a mixture of the people learned from, by how
their neutral faces differ from the mean within the patch; the same mixture of how their shapes
differ from the mean shape is the personal part of the prediction. With the few people there are
it beats a ridge on the whole face's principal components, and any network that was tried.

Source: C. Saunders et al., "Ridge regression learning algorithm in dual variables", ICML 1998.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from facial_retarget.core.mesh import FaceMesh, Floats

from .arrays import Array, Mask
from .storing import in_bytes, in_steps, smallest

# A mixture never strays farther than this from the people: whoever is like nobody gets the mean.
_MOST: Final = 4.0


@dataclass(frozen=True)
class RegressionConfig:
    """width: of a patch, in eye distances. ridge: share of the people's variance added to it.

    components: how many ways of being different the personal part is stored as. tangential: how
    much differences along the surface count beside those across it, which a fit finds better.
    """

    patches: int = 120
    components: int = 16
    width: float = 0.24
    ridge: float = 0.002
    tangential: float = 0.2


@dataclass(frozen=True, eq=False)
class Patches:
    """Overlapping regions of the face.

    mean: (n, 3) the mean face; normals: (n, 3) of it. centers: (p, 3) of the patches; width: of a
    patch, in eye distances. moving: (n,) 1 for the vertices by which faces are compared, else 0.
    """

    mean: Floats
    normals: Floats
    centers: Floats
    width: float
    moving: Floats

    @classmethod
    def spread(cls, face: FaceMesh, moving: Mask, config: RegressionConfig) -> "Patches":
        """Spread patches over the vertices of the mean face that move."""
        mean = face.vertices.astype(np.float32)
        centers = mean[farthest_points(mean, moving, config.patches)]
        return cls(mean, face.normals, centers, config.width, moving.astype(np.float32))

    def steadied(self, away: Floats, tangential: float) -> Floats:
        """Return (..., n, 3) differences with their part along the surface scaled down."""
        across = np.einsum("...ni,ni->...n", away, self.normals)[..., None] * self.normals
        steadied: Floats = across + np.float32(tangential) * (away - across)
        return steadied


class PatchRegression(nn.Module):  # type: ignore[misc]  # torch is not there when types are checked
    """A fitted face and places on it in; displacements and doubts there out."""

    def __init__(
        self,
        faces: Floats,
        shapes: Floats,
        personal: Floats,
        patches: Patches,
        doubt: Floats,
        config: RegressionConfig,
    ) -> None:
        """Learn.

        faces: (people, n, 3) neutral. shapes: (s, n, 3) what everyone does. personal: (people, s,
        n, 3) what each does besides. doubt: (s, n) 0 to 1.
        """
        super().__init__()
        mean = patches.mean
        away = patches.steadied((faces - mean).astype(np.float32), config.tangential)
        # A new face is not steadied before it is compared: it is done twice to the people instead.
        twice = patches.steadied(away, config.tangential)
        self._width = patches.width
        self._keep(mean=mean, centers=patches.centers)
        compared = np.flatnonzero(patches.moving)
        steps, self._away_step = in_steps(twice[:, compared])
        self._keep(compared=smallest(compared), away=steps)
        likeness = self._likeness().numpy() * patches.moving[:, None]
        half, square = _symmetric(len(faces))
        solvers = _solvers(away, likeness, config.ridge)
        self._keep(solvers=solvers[:, half[0], half[1]], square=smallest(square))
        steps, self._shapes_step = in_steps(shapes)
        self._keep(shapes=steps, doubt=np.round(doubt * 255).astype(np.uint8))
        loads, ways = _principal(personal, config.components)
        # Of each shape only the vertices that it moves differently from person to person.
        of_shapes, ways_steps = in_bytes(ways.swapaxes(0, 1))
        row, vertex = _moved(of_shapes)
        moved = of_shapes[row, :, vertex]  # (moved, ways, 3)
        self._keep(loads=loads, row=smallest(row), vertex=smallest(vertex), ways=moved)
        self._keep(ways_steps=ways_steps.reshape(-1, 1))

    def _keep(self, **arrays: Array) -> None:
        for name, array in arrays.items():
            self.register_buffer(name, torch.from_numpy(np.ascontiguousarray(array)))

    def _likeness(self) -> Tensor:
        """Return (n, p) how much each vertex belongs to each patch."""
        squares = ((self.mean.unsqueeze(1) - self.centers) ** 2).sum(dim=2)
        return torch.exp(-squares / self._width**2)

    def forward(self, face: Tensor, corners: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """Take (n, 3), (p, 3) and (p, 3); return (s, p, 3) and (s, p)."""
        likeness, compared = self._likeness(), self.compared.long()
        away = self.away.float() * self._away_step
        alike = ((face - self.mean)[compared] * away).sum(dim=2) @ likeness[compared]
        people = self.loads.shape[0]
        solvers = self.solvers[:, self.square.long()].reshape(-1, people, people)
        shares = (solvers @ alike.T.unsqueeze(2)).squeeze(2)
        shares = shares / (shares.abs().sum(dim=1, keepdim=True) / _MOST).clamp_min(1)
        blend = likeness**2 + 1e-12
        blend = blend / blend.sum(dim=1, keepdim=True)
        mixture = blend @ (shares @ self.loads)  # (n, ways)
        row, vertex = self.row.long(), self.vertex.long()
        personal = (mixture[vertex].unsqueeze(2) * self.ways.float()).sum(dim=1)
        shapes = self.shapes.float() * self._shapes_step
        own = shapes[row, vertex] + personal * self.ways_steps[row]
        shapes = shapes.index_put((row, vertex), own)
        return _carried(shapes, corners, weights), _carried(
            self.doubt.float().unsqueeze(2) / 255, corners, weights
        ).squeeze(2)


def farthest_points(points: Floats, allowed: Mask, count: int) -> Array:
    """Return (count,) allowed points, each the farthest from those before it."""
    away = np.where(allowed, np.inf, -1.0)
    chosen = [int(np.flatnonzero(allowed)[0])]
    for _ in range(count - 1):
        away = np.minimum(away, np.linalg.norm(points - points[chosen[-1]], axis=1))
        away[~allowed] = -1
        chosen.append(int(away.argmax()))
    return np.array(chosen)


def _moved(ways: Array) -> tuple[Array, Array]:
    """Return the (moved,) rows and vertices of (s, w, n, 3) that are not zero, a shape's together.

    The first of all where none is: the runtime takes nothing that is empty.
    """
    row, vertex = np.nonzero(ways.any(axis=(1, 3)))
    if not len(row):
        row = vertex = np.zeros(1, np.int64)
    return row, vertex


def _symmetric(count: int) -> tuple[tuple[Array, Array], Array]:
    """Return the places of a symmetric matrix's half, and (count * count,) where in it each is."""
    half = np.triu_indices(count)
    square = np.empty((count, count), np.int64)
    square[half] = square.T[half] = np.arange(len(half[0]))
    return half, square.ravel()


def _principal(personal: Floats, count: int) -> tuple[Floats, Floats]:
    """Return (people, w) loads and (w, s, n, 3) ways whose product is nearly the personal part."""
    flat = personal.reshape(len(personal), -1)
    spread, axes = np.linalg.eigh((flat @ flat.T).astype(np.float64))
    loads = axes[:, np.argsort(spread)[::-1][:count]].astype(np.float32)
    return loads, (loads.T @ flat).reshape(-1, *personal.shape[1:])


def _solvers(away: Floats, likeness: Floats, ridge: float) -> Floats:
    """Return (p, people, people) the inverse of each patch's kernel with its ridge."""
    kernels = np.einsum("anc,bnc,np->pab", away, away, likeness, optimize=True)
    people = len(away)
    variance = np.trace(kernels, axis1=1, axis2=2) / people
    steady = (ridge * variance + 1e-12)[:, None, None] * np.eye(people)
    return np.linalg.inv(kernels.astype(np.float64) + steady).astype(np.float32)


def _carried(values: Tensor, corners: Tensor, weights: Tensor) -> Tensor:
    carried = values[:, corners[:, 0]] * weights[:, 0, None]
    for corner in (1, 2):
        carried = carried + values[:, corners[:, corner]] * weights[:, corner, None]
    return carried
