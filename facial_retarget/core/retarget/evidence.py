"""What speaks for what each motion of a character is: its surface, its shapes, its signatures."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..channels import ARKIT_CHANNELS
from ..errors import MeshError
from ..mesh import FaceMesh, Floats
from ..progress import Progress, ProgressListener, unheard
from ..shapes.mesh_landmarks import MeshLandmarks
from ..shapes.shape_set import ShapeSet
from .controls import ProbedRig
from .motions import MovedSurface, area_weights, weighted_fields
from .prototypes import meanings, meant, prototypes, unit, variants
from .signatures import Patches, SignatureReader
from .visible import Visible

_STEP: Final = "Comparing what the controls move"
_SAME: Final = 0.9995  # cosine from which on two motions are one
# What a single affine map of the whole head may leave of a motion, in squares, to be one of it.
_RIGID: Final = 0.02
# What all channels leave of a motion, in squares, that is made of them point for point; and how
# many times that, and how much more, the likest of them alone leaves of a mix.
_EXACTLY: Final = 0.02
_FAR: Final = 10.0
_NEAR: Final = 0.005


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known of a character's motions (m) and of the 52 channels on its face.

    visible: what eyes see of its fields. wanted: (52, 3n) fields of the channels, weighted as the
    surface's are; zero for those that its shapes lack. signatures: (m, s) of unit length. known:
    (variants, meanings, s) signatures of what they may be, the character's own first.
    """

    surface: MovedSurface
    visible: Visible
    wanted: Floats
    signatures: Floats
    known: Floats

    @classmethod
    def of(
        cls,
        rig: ProbedRig,
        shapes: ShapeSet | None = None,
        landmarks: MeshLandmarks | None = None,
        makers: Floats | None = None,
        progress: ProgressListener = unheard,
    ) -> Self:
        """Gather it; shapes and landmarks are found where they are not given.

        makers: what makers mean, other than prototypes(). Raises MeshError where the mesh is no
        face and its shapes are not given.
        """
        if shapes is None:
            from ..shapes.generate import generate_shapes

            generated = generate_shapes(rig.face, landmarks=landmarks, progress=progress)
            shapes, landmarks = generated.shapes, generated.landmarks
        progress(Progress(_STEP, 0, 2))
        weights = area_weights(rig.face)
        surface = MovedSurface.of(rig, weights)
        channels = _by_channel(shapes)
        wanted = weighted_fields(channels, weights)
        visible = Visible.of(rig.face, weights, landmarks)
        reader = _reader(rig.face, landmarks)
        progress(Progress(_STEP, 1, 2))
        if reader is None:
            return cls(surface, visible, wanted, unit(surface.fields), _by_vertex(wanted))
        own = variants(meant(reader(channels), Patches.load()), Patches.load())
        others = prototypes() if makers is None else makers
        known = np.concatenate([np.stack(list(own)), others])
        return cls(surface, visible, wanted, unit(reader(surface.displacements)), known)

    def same_as(self) -> dict[int, int]:
        """Return motion -> an earlier one that moves the face in the same way."""
        fields = unit(self.surface.fields)
        alike = np.triu(fields @ fields.T > _SAME, 1)
        found: dict[int, int] = {}
        for first, second in np.argwhere(alike):
            if int(first) not in found:
                found.setdefault(int(second), int(first))
        return found

    def made_of_several(self) -> NDArray[np.bool_]:
        """Tell which motions are, point for point, made of several of the wanted ones, and no one.

        No maker's own key is that, for none moves just as generated shapes do.
        """
        fields = unit(self.surface.fields)
        wanted = unit(self.wanted[self.wanted.any(axis=1)])
        gram = (wanted @ wanted.T).astype(np.float64)
        products = (wanted @ fields.T).astype(np.float64)
        weights = np.linalg.lstsq(gram, products, rcond=1e-6)[0]
        left = 1 - (weights * products).sum(axis=0)
        one = _by_vertex(self.wanted)[0] @ fields.T
        other = 1 - one.max(axis=0, initial=0.0) ** 2
        several: NDArray[np.bool_] = (left < _EXACTLY) & (other > _FAR * left + _NEAR)
        return several

    def of_the_whole_head(self, face: FaceMesh) -> NDArray[np.bool_]:
        """Tell which motions carry the head as one piece, and everything on it along."""
        weights = self.surface.weights[:, None]
        points = np.concatenate([face.vertices, np.ones((len(face.vertices), 1))], axis=1)
        basis = np.linalg.qr(points.astype(np.float64) * weights)[0]
        fields = self.surface.fields.reshape(-1, len(face.vertices), 3)
        told = np.einsum("nk,mnc->mkc", basis, fields, optimize=True)
        squares = np.square(fields).sum(axis=(1, 2))
        whole: NDArray[np.bool_] = np.square(told).sum(axis=(1, 2)) > (1 - _RIGID) * squares
        return whole


def _by_channel(shapes: ShapeSet) -> Floats:
    """Return (52, n, 3), zero for channels that the shapes lack."""
    channels = np.zeros((len(ARKIT_CHANNELS), *shapes.deltas.shape[1:]), np.float32)
    for name, delta in zip(shapes.names, shapes.deltas, strict=True):
        if name in ARKIT_CHANNELS:
            channels[ARKIT_CHANNELS.index(name)] = delta
    return channels


def _reader(face: FaceMesh, landmarks: MeshLandmarks | None) -> SignatureReader | None:
    """Bring the face together with the template; None where nobody would find a face in it."""
    from ..shapes.landmarks import find_landmarks

    try:
        return SignatureReader.of(face, landmarks or find_landmarks(face))
    except MeshError:
        return None


def _by_vertex(wanted: Floats) -> Floats:
    """Return (1, meanings, 3n) of whole channels and both sides, without what makers know."""
    own = unit(wanted)
    known = np.zeros((1, len(meanings()), wanted.shape[1]), np.float32)
    for number, meaning in enumerate(meanings()):
        rows = [ARKIT_CHANNELS.index(channel) for channel in meaning.channels]
        if not meaning.part and own[rows].any(axis=1).all():
            known[0, number] = unit(own[rows].sum(axis=0))
    return known
