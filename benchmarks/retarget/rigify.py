"""Rigify's face, solved for: how much of the wanted surface motion its bones reproduce.

`python -m benchmarks.retarget.rigify` prints the table, in about two minutes; `--save FOLDER`
also keeps the scenes, to look at.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import bpy
import numpy as np
from bpy.types import Object
from numpy.typing import NDArray

from benchmarks.retarget.rigify_head import Kind, bind_to_rigify
from benchmarks.row import Row, table
from facial_retarget.blender.scene.character import find_character, mesh_of
from facial_retarget.blender.scene.mesh_reading import read_meshes
from facial_retarget.blender.scene.neutral import find_neutral
from facial_retarget.blender.scene.probing import probe
from facial_retarget.blender.scene.write import write_performance
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.clip import Clip
from facial_retarget.core.performance import Curve, Performance, Summary
from facial_retarget.core.retarget import Mapping, retarget, understand_rig
from facial_retarget.core.shapes.generate import GeneratedShapes, generate_shapes
from facial_retarget.demo.head import DemoHead, build_head
from facial_retarget.demo.makehuman import identities

ASSETS: Final = Path(__file__).parents[2] / "build" / "assets"

# Each movement that ARKit knows of the skin, both halves at once; lips close while the jaw is open.
_MOVEMENTS: Final = tuple(
    """
    browDown browInnerUp browOuterUp cheekPuff cheekSquint eyeBlink eyeLookDown eyeSquint eyeWide
    jawForward jawLeft jawOpen jawRight mouthClose mouthDimple mouthFrown mouthFunnel mouthLeft
    mouthLowerDown mouthPress mouthPucker mouthRight mouthRollLower mouthRollUpper mouthShrugLower
    mouthShrugUpper mouthSmile mouthStretch mouthUpperUp noseSneer
    """.split()  # noqa: SIM905
)
_HELD: Final = 9  # frames for which each pose is held

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Played:
    """What a rig made of the poses.

    explained: (poses,) the share of the wanted motion's energy, 1 - |missed|^2 / |wanted|^2 over
    the skin. seconds: what probing took. controls: how many.
    """

    explained: Array
    seconds: float
    controls: int


def poses() -> Array:
    """Return (30, 52) poses on ARKit's channels."""
    values = np.zeros((len(_MOVEMENTS), len(ARKIT_CHANNELS)))
    for row, movement in zip(values, _MOVEMENTS, strict=True):
        for column, channel in enumerate(ARKIT_CHANNELS):
            row[column] = channel in (movement, f"{movement}Left", f"{movement}Right")
        row[ARKIT_CHANNELS.index("jawOpen")] += movement == "mouthClose"
    return values


def rows() -> list[Row]:
    """Measure both kinds of face that Rigify has."""
    found = []
    kinds: tuple[Kind, ...] = ("face", "skin face")
    for kind in kinds:
        played = play(kind)
        name = f"Rigify's {kind}, {played.controls} controls"
        found += [
            Row(
                f"{name}: surface motion reproduced, mean of {len(_MOVEMENTS)} poses",
                100 * float(played.explained.mean()),
                "%",
                70,
                85,
                more_is_better=True,
            ),
            Row(f"{name}: probing", played.seconds, "s"),
        ]
    return found


def play(kind: Kind, save: Path | None = None) -> Played:
    """Build the rig, let it play the poses, and look how its skin moves."""
    head, generated = _neutral_head()
    _bind(head, generated, kind)
    character, scene = find_character(head.face), bpy.context.scene
    began = time.perf_counter()
    rig = probe(character, scene).rig
    seconds = time.perf_counter() - began
    mapping = understand_rig(rig, generated.shapes, landmarks=generated.landmarks)
    limits = {control.name: control.limits for control in rig.controls}
    write_performance(character, _performance(mapping, limits))
    skin = rig.face.objects[0].vertices
    seen = _seen(head.face)
    wanted = np.einsum("pc,cnk->pnk", poses(), _shapes(generated)[:, skin])
    missed = (wanted - seen).reshape(len(seen), -1)
    explained = 1 - (missed**2).sum(axis=1) / (wanted.reshape(len(seen), -1) ** 2).sum(axis=1)
    if save is not None:
        bpy.ops.wm.save_as_mainfile(filepath=str(save.absolute()))
    return Played(explained, seconds, len(rig.controls))


def _neutral_head() -> tuple[DemoHead, GeneratedShapes]:
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    person = next(iter(identities().values()))
    head = build_head(bpy.context.scene, ASSETS, person, keyed=False)
    neutral = find_neutral(head.face)
    return head, generate_shapes(read_meshes(neutral.face, neutral.companions).mesh)


def _bind(head: DemoHead, generated: GeneratedShapes, kind: Kind) -> None:
    landmarks = generated.landmarks.points + np.array(head.face.matrix_world.translation)
    bind_to_rigify(head, landmarks.astype(np.float32), kind)


def _shapes(generated: GeneratedShapes) -> Array:
    """Return (52, n, 3) shapes in the order of the channels; zeros for one that is not there."""
    shapes = generated.shapes
    none = np.zeros_like(shapes.deltas[0])
    names = set(shapes.names)
    return np.stack([shapes.delta(each) if each in names else none for each in ARKIT_CHANNELS])


def _performance(mapping: Mapping, limits: dict[str, tuple[float, float]]) -> Performance:
    """Hold each pose for some frames, from frame 1 on."""
    values = np.repeat(poses(), _HELD, axis=0).astype(np.float32)
    times = np.arange(len(values)) / 24
    clip = Clip(ARKIT_CHANNELS, times, values, np.ones_like(values))
    driven = retarget(clip, mapping, limits)
    frames = np.arange(1, len(values) + 1, dtype=np.float32)
    curves = tuple(
        Curve(control, frames, driven.values[:, column])
        for column, control in enumerate(driven.channels)
    )
    return Performance("poses", curves, frames, None, None, (), Summary(len(frames), 1.0, (), 0))


def _seen(face: Object) -> Array:
    """Return (poses, n, 3) how far the skin is from neutral in the middle of each pose."""
    scene = bpy.context.scene
    for modifier in face.modifiers:
        modifier.show_viewport = modifier.type == "ARMATURE"
    scene.frame_set(-10)  # before the layer, where all is at rest
    neutral = _points(face)
    looks = []
    for number in range(len(_MOVEMENTS)):
        scene.frame_set(1 + number * _HELD + _HELD // 2)
        looks.append(_points(face) - neutral)
    return np.stack(looks)


def _points(face: Object) -> Array:
    mesh = mesh_of(face.evaluated_get(bpy.context.evaluated_depsgraph_get()))
    flat = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", flat)
    matrix = np.array(face.matrix_world)
    return np.asarray(flat.reshape(-1, 3) @ matrix[:3, :3].T)


def _told(played: Played) -> str:
    pairs: Sequence[tuple[float, str]] = sorted(zip(played.explained, _MOVEMENTS, strict=True))
    return "  ".join(f"{name} {share:.2f}" for share, name in pairs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=("face", "skin face"), help="one kind, pose by pose")
    parser.add_argument("--save", type=Path, help="keep the scene of that kind in this .blend")
    arguments = parser.parse_args()
    if arguments.kind:
        played = play(arguments.kind, arguments.save)
        print(f"{played.explained.mean():.3f} of {played.controls} controls: {_told(played)}")
    else:
        print(table(rows()))


if __name__ == "__main__":
    main()
