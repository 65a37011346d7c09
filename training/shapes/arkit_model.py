"""The model that ships: all makers on one template, what they agree on, and what is personal.

Each maker's topology is brought to the template once, through its mean face; whoever has that
topology then has a place for every vertex of the template. The makers' shapes are brought to one
size and averaged by how well each agrees with the others; VALID's people, the only ones whose
shapes differ from person to person, give the personal part.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

import facial_retarget.core.shapes
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.mesh import FaceMesh, Floats
from facial_retarget.core.progress import Progress, ProgressListener, unheard
from facial_retarget.core.shapes.face_model import FaceModel
from facial_retarget.core.shapes.fit import fit_face
from facial_retarget.core.shapes.identity import IdentityModel
from facial_retarget.core.shapes.matching import Oriented, place_on, rings_of
from facial_retarget.core.shapes.registration import Part
from facial_retarget.core.shapes.template import Template

from .arrays import Mask
from .attachment import Attachment
from .config import ShapesConfig
from .consensus import consensus, norm
from .export import export
from .morphable import Topology, aligned, morphable_face
from .prepared import Prepared
from .regression import Patches, PatchRegression
from .stages import Arrays, Input, Keep, made_anew, source_of
from .stylise import stylised

_FIRST: Final = "makehuman"  # the template's own maker: its people say how the template varies
_MOST_MODES: Final = 64
_MOVES: Final = 0.002  # eye distances
_STILL: Final = 1e-4
# Other code brings people to the template otherwise.
_CODE: Final = source_of(
    Path(facial_retarget.core.shapes.__file__).parent,
    *(Path(__file__).with_name(f"{name}.py") for name in ("arkit_model", "morphable", "prepared")),
)


@dataclass(frozen=True, eq=False)
class OnTemplate:
    """A maker's people on the template's skin, in face space.

    faces: (p, n, 3). deltas: (p or 1, 52, n, 3). known: (52,) what the maker has.
    """

    name: str
    faces: Floats
    deltas: Floats
    known: Mask

    @property
    def mean_deltas(self) -> Floats:
        """(52, n, 3)."""
        mean: Floats = self.deltas.mean(axis=0)
        return mean


def learn_arkit(
    families: Sequence[Prepared],
    path: Path,
    config: ShapesConfig,
    keep: Keep = made_anew,
    progress: ProgressListener = unheard,
) -> FaceModel:
    """Learn from all the families given; the predictor is exported to `path`.

    keep: what keeps each family's people on the template for another run.
    """
    template = Template.load()
    moving = _moving(template)
    makers = bring_to_template(families, template, config, keep, progress)
    progress(Progress("Learning", 0, 0))
    whole = [maker for maker in makers if maker.name not in config.masks]
    faces = np.concatenate([maker.faces for maker in whole])
    identity = _identity(_and_stylised(faces, template, moving, config), template, moving)
    skin = template.skin_count
    shapes, doubt = consensus(makers, moving, template.skin_triangles, template.mirror[:skin])
    own = (maker for maker in makers if maker.name == config.personal and len(maker.deltas) > 1)
    personal_maker = next(own, None)
    if personal_maker is None:
        people, personal = faces[:1], np.zeros((1, *shapes.shape), np.float32)
    else:
        people, personal = personal_maker.faces, _personal(personal_maker, shapes)
    mean = FaceMesh(people.mean(axis=0), identity.triangles)
    patches = Patches.spread(mean, moving, config.regression)
    network = PatchRegression(people, shapes, personal, patches, doubt, config.regression)
    return FaceModel(identity, export(network, ARKIT_CHANNELS, path))


def bring_to_template(
    families: Sequence[Prepared],
    template: Template,
    config: ShapesConfig,
    keep: Keep = made_anew,
    progress: ProgressListener = unheard,
) -> list[OnTemplate]:
    """Bring every family's people to the template's skin.

    The template varies as its own maker's people do until the others are on it too.
    """
    ordered = sorted(families, key=lambda family: family.name != _FIRST)
    moving = _moving(template)
    makers: list[OnTemplate] = []
    for number, family in enumerate(ordered):
        progress(Progress("Bringing makers to the template", number, len(ordered)))
        first = [maker.faces for maker in makers[:1]]

        def bring(family: Prepared = family, first: Sequence[Floats] = first) -> Arrays:
            if first:
                target = _fitted_template(family, _identity(first[0], template, moving))
            else:
                target = _warped_template(family, template)
            rng = np.random.default_rng([config.seed, *family.name.encode()])
            return _on_template(family, target, template, config.drawn, rng)

        inputs: list[Input] = [
            _CODE,
            f"{config.seed} {config.drawn}",
            *family.arrays.values(),
            *first,
        ]
        makers.append(OnTemplate(family.name, **keep(f"{family.name}_on_template", inputs, bring)))
    return makers


def _warped_template(family: Prepared, template: Template) -> tuple[Oriented, Oriented]:
    """Return the template's skin, and the family's warped onto it."""
    registration = family.registration
    skin, marks = slice(0, template.skin_count), template.landmarks
    normals = template.mesh.normals[skin]
    own = Oriented.of(template.vertices[skin], normals, template.sides[skin], marks)
    normals = FaceMesh(registration.canonical, family.triangles).normals
    return own, Oriented.of(registration.canonical, normals, registration.sides, marks)


def _fitted_template(family: Prepared, identity: IdentityModel) -> tuple[Oriented, Oriented]:
    """Return the template fitted to the family's mean face, and that face."""
    registration = family.registration
    normals = FaceMesh(registration.points, family.triangles).normals
    marks = registration.frame.to_face(family.landmarks.carry(family.mean))
    skin = Oriented.of(registration.points, normals, registration.sides, marks)
    fitted = fit_face(identity, skin, marks)
    return identity.oriented(fitted.vertices), fitted.brought(skin)


def _on_template(
    family: Prepared,
    target: tuple[Oriented, Oriented],
    template: Template,
    drawn: int,
    rng: np.random.Generator,
) -> Arrays:
    """Return the faces, deltas and known channels of an OnTemplate."""
    own, surface = target
    skin = np.isin(family.registration.parts, (Part.SKIN,))
    triangles = family.triangles[skin[family.triangles].all(axis=1)]
    places = place_on(own, surface, triangles, rings_of(triangles, len(surface.points)))
    faces = places.carry(family.faces(drawn, rng))
    arkit = np.einsum("cs,psni->pcni", family.arrays["arkit"], family.deltas, optimize=True)
    deltas = np.stack([places.carry(person) for person in arkit])
    lone = len(deltas) == 1
    pairs = np.repeat(deltas, len(faces), axis=0) if lone else deltas
    skin_there = template.vertices[: template.skin_count]
    faces, pairs = aligned(faces, pairs, skin_there, _moving(template))
    if lone:
        pairs = pairs.mean(axis=0, keepdims=True)
    known = family.arrays["arkit_known"].astype(bool)
    return {"faces": faces, "deltas": pairs.astype(np.float32), "known": known}


def _identity(faces: Floats, template: Template, moving: Mask) -> IdentityModel:
    skin, triangles = template.skin_count, template.skin_triangles
    surface = FaceMesh(template.vertices[:skin], triangles)
    landmarks = Attachment.closest(template.landmarks, surface)
    scatter = np.zeros(len(template.landmarks), np.float32)
    sides = template.sides[:skin]
    topology = Topology(triangles, sides, moving, landmarks, scatter)
    return morphable_face(faces, topology, _MOST_MODES)


def _and_stylised(faces: Floats, template: Template, moving: Mask, config: ShapesConfig) -> Floats:
    """Add bent faces: a stylised character is fitted far better by a face that knows such."""
    if not config.stylised:
        return faces
    bent = stylised(faces, moving, config.stylised, np.random.default_rng(config.seed))
    still = np.zeros((len(bent), 0, *bent.shape[1:]), np.float32)
    bent, _ = aligned(bent, still, template.vertices[: template.skin_count], moving)
    return np.concatenate([faces, bent])


def _moving(template: Template) -> Mask:
    skin = slice(0, template.skin_count)
    moved = np.linalg.norm(template.deltas[:, skin], axis=2).max(axis=0) > _MOVES
    moving: Mask = moved & (template.reach[skin] > 0)
    return moving


def _personal(maker: OnTemplate, shapes: Floats) -> Floats:
    """Return (p, 52, n, 3) what each person does besides the mean, at the consensus's size."""
    mean = maker.mean_deltas
    personal = maker.deltas - mean
    for number in range(len(shapes)):
        size = norm(mean[number])
        personal[:, number] *= np.float32(norm(shapes[number]) / size if size > _STILL else 0)
    return personal
