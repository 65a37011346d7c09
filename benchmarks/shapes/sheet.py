"""A picture of shapes at 1 on heads of different makers, one head a row, the neutral first.

python -m benchmarks.shapes.sheet -o docs/shapes.jpg
"""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.shapes.drawing import Framing, Image, draw
from benchmarks.shapes.generated import generated
from benchmarks.shapes.heads import ROOT, SKIN, Keys, MakerHead
from benchmarks.shapes.shared_heads import heads_of_all_makers
from benchmarks.shapes.simplified import simplified
from facial_retarget.blender.render.title import draw_title
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.mesh import Floats
from facial_retarget.core.shapes.shading import Lights
from tools.pictures import write_picture

SHAPES: Final = (
    *("jawOpen", "mouthClose", "mouthSmileLeft", "mouthFrownRight", "mouthFunnel", "mouthPucker"),
    *("mouthLeft", "cheekPuff", "noseSneerLeft", "eyeBlinkLeft", "eyeLookOutLeft", "browInnerUp"),
)
_HEADS: Final = ("ICT 1", "VALID AIAN_F_1", "Vitruvian neutral", "MakeHuman old man", "Pip")
_SIMPLIFIED: Final = "MakeHuman child"
_SHARE: Final = 0.5  # of its triangles
_SKINS: Final = (
    *((0.62, 0.42, 0.32), (0.84, 0.66, 0.56), (0.46, 0.29, 0.21)),
    *((0.82, 0.58, 0.48), (0.88, 0.68, 0.52), (0.70, 0.48, 0.36)),
)
# Lashes are cards for a texture: drawn plain they would look like ink.
_FRAMING: Final = Framing(
    width=3.7,
    below_eyes=0.3,
    lights=Lights(key_strength=0.72, fill_strength=0.2, ambient=0.1),
    backdrop=(38, 40, 44),
    hidden=("lashes",),
)
_ACROSS: Final = (0.2, 0.94)  # of a picture's width is kept: a turned head lies off the middle
# mouthClose only makes sense on an open jaw, and a tongue needs a way out.
_SUPPORT: Final[Mapping[str, Mapping[str, float]]] = {
    "mouthClose": {"jawOpen": 1.0},
    "tongueOut": {"jawOpen": 0.5},
}
_LABEL_HEIGHT: Final = 22  # pixels
_FINER: Final = 2  # each pixel is the mean of a square of this many


def heads() -> list[MakerHead]:
    """Return the heads of the picture whose data is there; their licences let it be shown."""
    there = {head.name: head for head in heads_of_all_makers(people=2)}
    found = [there[name] for name in _HEADS if name in there]
    found.append(simplified(there[_SIMPLIFIED], _SHARE))
    return [_with_skin(head, color) for head, color in zip(found, _SKINS, strict=False)]


def _with_skin(head: MakerHead, color: tuple[float, float, float]) -> MakerHead:
    is_skin = (head.colors == np.array(SKIN, np.float32)).all(axis=1)
    colors = np.where(is_skin[:, None], np.array(color, np.float32), head.colors)
    return replace(head, colors=colors)


def sheet(
    heads: Iterable[MakerHead], keys_of: Keys, shapes: Sequence[str], turn: float, size: int
) -> Image:
    """Return the picture, each head `size` pixels high, seen `turn` degrees from its own left."""
    width = len(range(size)[_across(size)])
    labels = [_label(text, width) for text in ("neutral", *(_caption(name) for name in shapes))]
    rows = [np.concatenate(labels, axis=1)]
    for head in heads:
        keys = keys_of(head)
        shifts = [None, *(_shift(keys, name) for name in shapes)]
        drawn = (draw(head, shift, turn, size * _FINER, _FRAMING) for shift in shifts)
        cells = [_averaged(image)[:, _across(size)] for image in drawn]
        rows.append(np.concatenate(cells, axis=1))
    return np.concatenate(rows)


def _across(size: int) -> slice:
    left, right = _ACROSS
    return slice(round(left * size), round(right * size))


def _caption(shape: str) -> str:
    return " + ".join([shape, *_SUPPORT.get(shape, {})])


def _shift(keys: Mapping[str, Floats], shape: str) -> Floats | None:
    """Return what a key and those it needs do together; nothing where the head has no such key."""
    weights = {**_SUPPORT.get(shape, {}), shape: 1.0}
    if shape not in keys:
        return None
    moved = np.zeros_like(keys[shape])
    for name, weight in weights.items():
        moved += np.float32(weight) * keys[name]
    return moved


def _averaged(image: Image) -> Image:
    side = len(image) // _FINER
    mean: Image = image.reshape(side, _FINER, side, _FINER, 3).mean(axis=(1, 3)).astype(np.uint8)
    return mean


def _label(text: str, size: int) -> Image:
    return np.repeat(draw_title(text, size, _LABEL_HEIGHT)[..., None], 3, axis=2)


def main() -> None:
    """Draw the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs" / "shapes.jpg")
    parser.add_argument(
        "--shapes", nargs="+", choices=ARKIT_CHANNELS, default=SHAPES, metavar="NAME"
    )
    parser.add_argument("--turn", type=float, default=14.0, help="degrees from the front")
    parser.add_argument("--size", type=int, default=170, help="of one picture, in pixels")
    parser.add_argument("--makers", action="store_true", help="draw the makers' own keys")
    arguments = parser.parse_args()
    keys_of: Keys = (lambda head: head.deltas) if arguments.makers else generated
    image = sheet(heads(), keys_of, arguments.shapes, arguments.turn, arguments.size)
    write_picture(image, arguments.output)
    print(arguments.output)


if __name__ == "__main__":
    main()
