"""Families as training reads them: one topology each, its identities, shapes and landmarks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from facial_retarget.core.errors import MeshError, OutputError
from facial_retarget.core.mesh import FaceMesh, Floats, Integers
from facial_retarget.core.progress import Progress, ProgressListener, unheard
from facial_retarget.core.shapes.mesh_landmarks import LANDMARK_COUNT, MeshLandmarks

from .arrays import Array, Mask
from .attachment import Attachment
from .families import Family, ModalFamily, PeopleFamily, Person
from .folds import folds
from .remesh import remesh

FindLandmarks = Callable[[FaceMesh], MeshLandmarks]

_DRAWS: Final = 4000  # that tell how a family's modes vary together
_MODES: Final = 100
_VARIANCE: Final = 0.9995
_REMESHING: Final = (0.3, 0.8)
_MOVES: Final = 0.05  # of the largest displacement
_TURN: Final = 0.25  # radians


def find_landmarks(mesh: FaceMesh) -> MeshLandmarks:
    """Find a face's landmarks as the add-on does."""
    from facial_retarget.core.shapes.landmarks import find_landmarks as found

    return found(mesh)


@dataclass(frozen=True)
class PrepareOptions:
    """people: whose landmarks are found, in each family; none leaves landmarks out."""

    people: int
    seed: int = 0


def prepare(
    family: Family,
    options: PrepareOptions,
    find: FindLandmarks = find_landmarks,
    progress: ProgressListener = unheard,
) -> dict[str, Array]:
    """Return a family's arrays, of its skin alone; lengths in metres, Blender's axes.

    name, licence. triangles (t, 3). vertices (n,): their numbers in the family's own topology.
    shape_names (s,). arkit (52, s) and arkit_known (52,). Modal families: mean (n, 3), modes
    (k, n, 3) each one standard deviation, deltas (s, n, 3), deltas_grow: whether they grow with
    the distance between the eyes. Families of people: people (p, n, 3), deltas (p, s, n, 3), ids,
    groups and folds (p,). With landmarks, all on these vertices: landmark_corners, landmark_weights
    (468, 3) the median place; landmark_noise (d, 468, 3) what each detection missed it by on the
    mean head; landmark_scatter (468, 3, 3) their covariance; detection_people (d,);
    detection_corners, detection_weights (d, 468, 3) each detection on its own person.
    """
    rng = np.random.default_rng(options.seed)
    skin, triangles = skin_of(family)
    arrays = {
        "name": np.array(family.name),
        "licence": np.array(family.licence),
        "triangles": triangles,
        "vertices": skin.astype(np.int32),
        "shape_names": np.array(family.shape_names),
        "arkit": family.arkit.matrix,
        "arkit_known": family.arkit.known & moving_channels(family),
        **_identities(family, skin, rng),
    }
    if options.people:
        mean = arrays["mean"] if "mean" in arrays else arrays["people"].mean(axis=0)
        surface = FaceMesh(mean.astype(np.float32), triangles)
        found: list[Detection] = []
        for number, person in enumerate(_people(family, rng, options.people)):
            progress(Progress(f"Finding landmarks of {family.name}", number, options.people))
            own = FaceMesh(person.vertices[skin], triangles)
            found += [
                Detection(person.name, Attachment.closest(points, own))
                for points in _found(family, person, find, rng)
            ]
        arrays |= landmarks_of(family.name, surface, found)
    return arrays


def skin_of(family: Family) -> tuple[Array, Integers]:
    """Return (n,) the vertices of a family's skin and (t, 3) triangles that number them anew."""
    skin = np.flatnonzero(family.skin)
    numbers = np.full(len(family.skin), -1, np.int32)
    numbers[skin] = np.arange(len(skin))
    triangles = numbers[family.triangles]
    return skin, triangles[(triangles >= 0).all(axis=1)]


def moving_channels(family: Family) -> Mask:
    """Tell which of the 52 channels move anything: some makers leave a shape empty."""
    moved = np.abs(family.arkit.deltas(family.average().deltas)).max(axis=(1, 2))
    return np.asarray(moved > 0)


def save(arrays: dict[str, Array], folder: Path) -> Path:
    """Write a family's arrays to the folder. Raises OutputError where that fails."""
    path = folder / f"{arrays['name']}.npz"
    unfinished = path.with_suffix(".part.npz")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(unfinished, allow_pickle=False, **arrays)
        unfinished.replace(path)  # a training that runs beside this never reads half a file
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror}).") from error
    return path


def _identities(family: Family, skin: Array, rng: np.random.Generator) -> dict[str, Array]:
    if isinstance(family, PeopleFamily):
        split = folds(family.groups)
        return {
            "people": family.vertices[:, skin],
            "deltas": (family.deltas_mm[:, :, skin].astype(np.float32) / 1000).astype(np.float16),
            "ids": np.array(family.names),
            "groups": np.array([family.groups[name] for name in family.names]),
            "folds": np.array([split[name] for name in family.names], np.int32),
        }
    if not isinstance(family, ModalFamily):
        raise TypeError(f"{type(family).__name__} is no kind of family that is known here")
    mean, modes = principal_modes(family, skin, rng)
    return {
        "mean": mean,
        "modes": modes.astype(np.float16),
        "deltas": family.deltas[:, skin].astype(np.float16),
        "deltas_grow": np.array(family.eyes is not None),
    }


def principal_modes(
    family: ModalFamily, skin: Array, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return (n, 3) the mean and (k, n, 3) the principal modes of a family's drawn identities.

    Found from how the weights vary together and how the modes overlap: no drawn head is built.
    Place and size are left out: an age moves a head far more than it changes the face.
    """
    weights = np.stack([family.draw(rng, family.mode_names) for _ in range(_DRAWS)])
    own = _without_place_and_size(family, skin).reshape(len(family.modes), -1)
    average = weights.mean(axis=0)
    spread, directions = np.linalg.eigh(np.cov(weights.astype(np.float64), rowvar=False))
    root = directions * np.sqrt(np.maximum(spread, 0))  # weights = average + root @ normal
    overlap = root.T @ (own @ own.T).astype(np.float64) @ root
    strengths, axes = np.linalg.eigh(overlap)
    strengths, axes = strengths[::-1], axes[:, ::-1]
    enough = np.searchsorted(np.cumsum(strengths), _VARIANCE * strengths.sum()) + 1
    kept = (root @ axes[:, : min(_MODES, int(enough))]).astype(np.float32)
    mean = family.neutral[skin] + (average @ own).reshape(-1, 3)
    return mean.astype(np.float32), (kept.T @ own).reshape(-1, len(skin), 3)


def _without_place_and_size(family: ModalFamily, skin: Array) -> Floats:
    """Return (k, n, 3) modes that neither shift nor scale the part of the face that moves."""
    reach = np.linalg.norm(family.deltas[:, skin], axis=2).max(axis=0)
    face = reach > _MOVES * reach.max()
    neutral, modes = family.neutral[skin], family.modes[:, skin]
    center = neutral[face].mean(axis=0)
    modes = modes - modes[:, face].mean(axis=1, keepdims=True)
    away = neutral - center
    growth = np.einsum("kni,ni->k", modes[:, face], away[face]) / np.square(away[face]).sum()
    still: Floats = modes - growth[:, None, None] * away
    return still


def _people(family: Family, rng: np.random.Generator, count: int) -> Iterator[Person]:
    real = [str(name) for name in rng.permutation(family.people())[:count]]
    yield from (family.person(name) for name in real)
    yield from (family.sample(rng) for _ in range(count - len(real)))


@dataclass(frozen=True)
class Detection:
    """Where the landmarks of a person were found: (468,) places on the skin."""

    person: str
    places: Attachment


def _found(
    family: Family, person: Person, find: FindLandmarks, rng: np.random.Generator
) -> Iterator[Floats]:
    """Find a person's landmarks as it is, remeshed and turned; a refused one is left out."""
    whole = family.mesh(person)
    other = remesh(person.vertices, family.triangles, rng.uniform(*_REMESHING), rng).mesh
    turn = rotation(rng.normal(0, _TURN, 3))
    turned = FaceMesh((person.vertices @ turn.T).astype(np.float32), family.triangles)
    for mesh, back in ((whole, np.eye(3)), (other, np.eye(3)), (turned, turn)):
        try:
            yield (find(mesh).points @ back).astype(np.float32)
        except MeshError:
            continue


def rotation(vector: Array) -> Array:
    """Return (3, 3) the turn about a vector by its length in radians (Rodrigues)."""
    angle = float(np.linalg.norm(vector))
    x, y, z = vector / max(angle, 1e-12)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    turn: Array = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return turn


def landmarks_of(name: str, surface: FaceMesh, found: list[Detection]) -> dict[str, Array]:
    """Bring all detections onto one head and tell how they scatter about their median there.

    The arrays are those that `prepare` describes. Raises MeshError where nothing was found.
    """
    if not found:
        raise MeshError(f"No landmarks were found on any head of {name}.")
    places = np.stack([detection.places.carry(surface.vertices) for detection in found])
    median = Attachment.closest(np.median(places, axis=0).astype(np.float32), surface)
    noise = places - median.carry(surface.vertices)
    spread = np.einsum("dli,dlj->lij", noise, noise) / max(len(found) - 1, 1)
    shape = (len(found), LANDMARK_COUNT, 3)
    return {
        "landmark_corners": median.corners,
        "landmark_weights": median.weights,
        "landmark_noise": noise.astype(np.float16),
        "landmark_scatter": spread.astype(np.float32),
        "detection_people": np.array([detection.person for detection in found]),
        "detection_corners": np.stack([one.places.corners for one in found]).reshape(shape),
        "detection_weights": np.stack([one.places.weights for one in found]).astype(np.float16),
    }
