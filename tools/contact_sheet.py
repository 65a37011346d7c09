"""Render the demo's head in its poses, from the front and from the side, to one PNG.

python -m tools.contact_sheet -o sheet.png --head Kofi --keys jawOpen mouthFunnel
"""

import argparse
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from facial_retarget.blender.render.pixels import still_renderer
from facial_retarget.blender.render.title import draw_title
from facial_retarget.blender.scene.character import Character, controls_of, find_character
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.demo.head import DemoHead, build_head
from facial_retarget.demo.makehuman import identities, identity
from facial_retarget.demo.stage import set_stage
from tools.pictures import write_picture

Image = NDArray[np.uint8]

ROOT: Final = Path(__file__).parents[1]
NEUTRAL: Final = "neutral"
KEYS: Final = (
    *("jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthSmileLeft", "mouthFrownRight"),
    *("mouthRollLower", "mouthUpperUpLeft", "cheekPuff", "tongueOut", "eyeBlinkLeft"),
    *("eyeLookDownRight", "eyeWideLeft", "browInnerUp", "noseSneerLeft"),
)
VIEWS: Final = (0.0, 40.0)  # degrees around the head
COLUMNS: Final = 4  # poses side by side
LABEL_HEIGHT: Final = 20  # pixels


def contact_sheet(head: DemoHead, keys: Iterable[str], size: int) -> Image:
    """Return all poses in rows, the neutral one first; each from every view, `size` pixels wide."""
    cells = [_cell(head, key, size) for key in (NEUTRAL, *keys)]
    cells += [np.zeros_like(cells[0])] * (-len(cells) % COLUMNS)
    rows = [cells[start : start + COLUMNS] for start in range(0, len(cells), COLUMNS)]
    return np.concatenate([np.concatenate(row, axis=1) for row in rows])


def _cell(head: DemoHead, key: str, size: int) -> Image:
    # mouthClose only makes sense on an open jaw, and a tongue needs a way out.
    support = {"mouthClose": {"jawOpen": 1.0}, "tongueOut": {"jawOpen": 0.5}}.get(key, {})
    _pose(find_character(head.face), {**support, key: 1.0})
    views = np.concatenate([_seen_from(head, angle) for angle in VIEWS], axis=1)
    label = draw_title(key, size * len(VIEWS), LABEL_HEIGHT)
    return np.concatenate([np.repeat(label[..., None], 3, axis=2), views])


def _pose(character: Character, values: dict[str, float]) -> None:
    for key in character.keys:
        for name, block in controls_of(key).items():
            block.value = values.get(name, 0.0)


def _seen_from(head: DemoHead, angle: float) -> Image:
    scene: Any = bpy.context.scene
    front = scene.camera.matrix_world.copy()
    to_eyes = Matrix.Translation(head.eyes[:])
    turn = Matrix.Rotation(math.radians(angle), 4, "Z")
    scene.camera.matrix_world = to_eyes @ turn @ to_eyes.inverted() @ front
    with still_renderer(scene) as render:
        image = render()
    scene.camera.matrix_world = front
    return image


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "out" / "contact_sheet.png")
    parser.add_argument("--head", choices=list(identities()), default=next(iter(identities())))
    parser.add_argument("--keys", nargs="+", choices=ARKIT_CHANNELS, default=KEYS, metavar="KEY")
    parser.add_argument("--size", type=int, default=160, help="of one picture, in pixels")
    arguments = parser.parse_args()
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    scene, view_layer = bpy.context.scene, bpy.context.view_layer
    assert scene is not None
    assert view_layer is not None
    head = build_head(scene, ROOT / "build" / "assets", identity(arguments.head))
    set_stage(scene, head.eyes, arguments.size)
    view_layer.update()
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    write_picture(contact_sheet(head, arguments.keys, arguments.size), arguments.output)
    print(arguments.output)


if __name__ == "__main__":
    main()
