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

# A mixture never strays farther than this from the people: whoever is like nobody gets the mean.
_MOST: Final = 4.0
# Eye distances: less than a hundredth of a millimetre.
_STILL: Final = 1e-4


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
        self.register_buffer("mean", torch.from_numpy(mean))
        self.register_buffer("away", _halves(twice))
        self.register_buffer("centers", torch.from_numpy(patches.centers))
        self.register_buffer("compared", torch.from_numpy(patches.moving[:, None]))
        self._width = patches.width
        likeness = (self._likeness() * self.compared).numpy()
        self.register_buffer("solvers", torch.from_numpy(_solvers(away, likeness, config.ridge)))
        self.register_buffer("shapes", _halves(shapes))
        self.register_buffer("doubt", torch.from_numpy(np.round(doubt * 255).astype(np.uint8)))
        moving = _rows(np.abs(personal).max(axis=(0, 1, 3)) > _STILL)
        varied = _rows(np.abs(personal).max(axis=(0, 2, 3)) > _STILL)
        loads, ways = _principal(personal[:, varied][:, :, moving], config.components)
        scale = np.abs(ways).max(axis=(0, 2, 3), initial=1e-9) / 127
        steps = np.round(ways / scale[:, None, None]).astype(np.int8)
        self.register_buffer("moving", torch.from_numpy(moving))
        self.register_buffer("place", torch.from_numpy(_places(moving, len(mean))))
        self.register_buffer("row", torch.from_numpy(_places(varied, len(shapes))))
        self.register_buffer("loads", torch.from_numpy(loads))
        # (moving, ways, varied * 3): one byte a number, a step of a 127th of the largest
        steps = np.ascontiguousarray(steps.transpose(2, 0, 1, 3))
        self.register_buffer("steps", torch.from_numpy(steps.reshape(*steps.shape[:2], -1)))
        self.register_buffer("scale", torch.from_numpy(scale.astype(np.float32)))

    def _likeness(self) -> Tensor:
        """Return (n, p) how much each vertex belongs to each patch."""
        squares = ((self.mean.unsqueeze(1) - self.centers) ** 2).sum(dim=2)
        return torch.exp(-squares / self._width**2)

    def forward(self, face: Tensor, corners: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """Take (n, 3), (p, 3) and (p, 3); return (s, p, 3) and (s, p)."""
        likeness = self._likeness()
        alike = ((face - self.mean) * self.away.float()).sum(dim=2) @ (likeness * self.compared)
        shares = (self.solvers @ alike.T.unsqueeze(2)).squeeze(2)
        shares = shares / (shares.abs().sum(dim=1, keepdim=True) / _MOST).clamp_min(1)
        blend = likeness[self.moving] ** 2 + 1e-12
        blend = blend / blend.sum(dim=1, keepdim=True)
        mixture = blend @ (shares @ self.loads)  # (moving, ways)
        personal = (mixture.unsqueeze(1) @ self.steps.float()).squeeze(1)
        personal = personal.reshape(len(self.moving), -1, 3) * self.scale[:, None]
        everywhere = _with_nothing(personal)[self.place].permute(1, 0, 2)
        shapes = self.shapes.float() + _with_nothing(everywhere)[self.row]
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


def _rows(chosen: Mask) -> Array:
    """Return the chosen rows; the first where none is: the runtime takes nothing that is empty."""
    rows: Array = np.flatnonzero(chosen)
    return rows if len(rows) else np.zeros(1, np.int64)


def _places(rows: Array, count: int) -> Array:
    """Return (count,) where each number stands among the rows; past their end where it does not."""
    places = np.full(count, len(rows), np.int64)
    places[rows] = np.arange(len(rows))
    return places


def _with_nothing(values: Tensor) -> Tensor:
    """Append a row of zeros, for what has none of its own."""
    return torch.cat([values, 0 * values[:1]])


def _principal(personal: Floats, count: int) -> tuple[Floats, Floats]:
    """Return (people, w) loads and (w, s, n, 3) ways whose product is nearly the personal part."""
    flat = personal.reshape(len(personal), -1)
    spread, axes = np.linalg.eigh((flat @ flat.T).astype(np.float64))
    loads = axes[:, np.argsort(spread)[::-1][:count]].astype(np.float32)
    return loads, (loads.T @ flat).reshape(-1, *personal.shape[1:])


def _halves(values: Floats) -> Tensor:
    return torch.from_numpy(values.astype(np.float16))


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
