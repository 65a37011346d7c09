"""What of a character can be animated, and what each of its controls moves."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import RigError
from ..mesh import FaceMesh, Floats, MeshObject

Kind = Literal["shape key", "bone", "property"]

_AXES: Final = {"x": "X", "y": "Y", "z": "Z"}
_VERBS: Final = {"location": "move along", "rotation": "turn about", "scale": "scale along"}
_SEPARATOR: Final = "|"
_SHOWN: Final = 3  # controls named in a sentence before it says how many more


@dataclass(frozen=True)
class Control:
    """Anything of a character that can be animated, by a string unique in that character.

    name: of a shape key its own; of a bone "<bone>|<what>|<axis>", where what is location (metres
    along the bone's own axis), rotation (radians about it) or scale; of a custom property
    "<bone>|property|<name>", of the armature object itself "|property|<name>".
    least, greatest: the values that it may take. rest: its value while the face is neutral.
    """

    name: str
    kind: Kind
    least: float
    greatest: float
    rest: float = 0.0

    @property
    def label(self) -> str:
        """What a person reads: "jaw: turn about X"."""
        if self.kind == "shape key":
            return self.name
        # A bone may have the separator in its name, its degree of freedom never.
        if self.kind == "bone":
            bone, what, axis = self.name.rsplit(_SEPARATOR, 2)
            return f"{bone}: {_VERBS[what]} {_AXES[axis]}"
        owner, _, name = self.name.partition(f"{_SEPARATOR}property{_SEPARATOR}")
        return f"{owner}: {name}" if owner else name

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the greatest value."""
        return self.least, self.greatest

    @property
    def is_free(self) -> bool:
        """Tell whether it can be moved from rest at all."""
        return self.least < self.rest or self.greatest > self.rest


@dataclass(frozen=True, eq=False)
class ProbedRig:
    """What each control of a character moves, measured on the face itself.

    face: the neutral face. raised and lowered: (controls, n, 3) its displacement in metres, in
    the axes of `face`, when a control goes from its rest to its greatest and to its least value;
    zeros where that is no way to go. smooth: names of controls that do not change at rest what
    they do, as bones that no driver reads: where both ends differ, it is because the way is bent.
    """

    face: FaceMesh
    controls: tuple[Control, ...]
    raised: Floats
    lowered: Floats
    smooth: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        shape = (len(self.controls), len(self.face.vertices), 3)
        if self.raised.shape != shape or self.lowered.shape != shape:
            raise ValueError(
                f"raised {self.raised.shape} and lowered {self.lowered.shape} should both have "
                f"the shape {shape}"
            )
        if len({control.name for control in self.controls}) != len(self.controls):
            raise ValueError("a control is named twice")

    @property
    def names(self) -> tuple[str, ...]:
        """The controls' names."""
        return tuple(control.name for control in self.controls)

    def check(self) -> None:
        """Raise RigError with the user's sentence where nothing can be understood of this."""
        if not self.controls:
            raise RigError(
                "The character has nothing to animate. Generate shape keys for its face, or "
                "choose a mesh with shape keys or with the bones of a face."
            )
        if not any(control.is_free for control in self.controls):
            raise RigError(
                "Every control of the character is locked or driven by others. Unlock the shape "
                "keys or bones that are to be animated."
            )
        if exploded := self._exploded():
            raise RigError(
                f"{_listed(exploded)} {'throws' if len(exploded) == 1 else 'throw'} the mesh to "
                "positions that are not a number. Mute or mend what they drive, then try again."
            )

    def _exploded(self) -> tuple[str, ...]:
        sound = _finite(self.raised) & _finite(self.lowered)
        return tuple(name for name, fine in zip(self.names, sound, strict=True) if not fine)

    def save(self, path: Path) -> None:
        """Write an .npz file."""
        header = {
            "objects": [asdict(each) for each in self.face.objects],
            "controls": [asdict(control) for control in self.controls],
            "smooth": sorted(self.smooth),
        }
        np.savez(
            path,
            header=np.array(json.dumps(header)),
            vertices=self.face.vertices,
            triangles=self.face.triangles,
            raised=self.raised,
            lowered=self.lowered,
        )

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file that `save` wrote."""
        with np.load(path, allow_pickle=False) as data:
            header = json.loads(str(data["header"]))
            objects = tuple(MeshObject(**each) for each in header["objects"])
            face = FaceMesh(data["vertices"], data["triangles"], objects)
            controls = tuple(Control(**each) for each in header["controls"])
            smooth = frozenset(header["smooth"])
            return cls(face, controls, data["raised"], data["lowered"], smooth)


def _finite(fields: Floats) -> NDArray[np.bool_]:
    """Tell of which of (c, n, 3) fields all values are numbers, without a copy of them."""
    return np.array([bool(np.isfinite(field).all()) for field in fields], np.bool_)


def _listed(names: tuple[str, ...]) -> str:
    """Return "'a', 'b' and 2 more"."""
    shown = [f"'{name}'" for name in names[:_SHOWN]]
    if more := len(names) - len(shown):
        shown.append(f"{more} more")
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
