"""`python -m training rigs ...`."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from facial_retarget.console import ProgressLine
from facial_retarget.core.mesh import Floats
from facial_retarget.core.retarget.prototypes import by_makers
from facial_retarget.core.retarget.signatures import MOTIONS_FILE, Patches
from facial_retarget.core.shapes.face_model import FaceModel
from facial_retarget.core.shapes.generate import generate_shapes

from ..shapes.arkit_model import learn_arkit
from ..shapes.commands.common import CONFIG, PREPARED
from ..shapes.config import ShapesConfig
from ..shapes.prepared import Prepared
from ..shapes.saved import Figure
from ..shapes.saved import save as save_figures
from ..shapes.stages import Stages
from .evaluate import Answer, answers, mistakes, right
from .heads import FAMILIES, tested_heads
from .learn import LEARNED, learn, save
from .patches import spread_patches

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

_HEADS: Final = 3  # of each family
_OTHERS: Final = {False: "", True: ", beside every other key of its maker"}


def add_commands(groups: Commands) -> None:
    """Add the group `rigs`."""
    group = groups.add_parser("rigs", help="what tells the controls of a rig apart")
    commands = group.add_subparsers(required=True, metavar="COMMAND")
    train = commands.add_parser("train", help="read how makers move faces, about a minute")
    train.add_argument("--out", type=Path, default=MOTIONS_FILE, metavar="FILE")
    train.set_defaults(handler=_train)
    evaluate = commands.add_parser(
        "evaluate", help="take the names of rigs away and see what is recognised"
    )
    evaluate.add_argument("--heads", type=int, default=_HEADS, help="of each maker, all unseen")
    evaluate.add_argument(
        "--family-out",
        action="store_true",
        help="with shapes and signatures that have seen nothing of the maker either; needs what "
        "`shapes prepare` writes",
    )
    evaluate.add_argument("--save", type=Path, metavar="FILE", help="write the figures as JSON")
    evaluate.add_argument("--prepared", type=Path, default=PREPARED, metavar="DIR")
    evaluate.set_defaults(handler=_evaluate)


def _train(arguments: argparse.Namespace) -> None:
    patches = spread_patches()
    save(arguments.out, FAMILIES, patches, learn(FAMILIES, patches, ProgressLine()))
    _say(f"Wrote {arguments.out}")


def _evaluate(arguments: argparse.Namespace) -> None:
    found: dict[bool, list[Answer]] = {False: [], True: []}
    for family in FAMILIES:
        own = _answers(family, arguments)
        for with_others, answered in own.items():
            found[with_others] += answered
            _say(f"{family}{_OTHERS[with_others]}: {_share(answered)}")
    for with_others, answered in found.items():
        _say(f"all{_OTHERS[with_others]}: {_share(answered)}")
        for line in mistakes(answered):
            _say(f"  {line}")
    if arguments.save:
        save_figures(arguments.save, _figures(found, left_out=arguments.family_out))


def _figures(found: Mapping[bool, Sequence[Answer]], *, left_out: bool) -> list[Figure]:
    """State the shares as what a Row of the benchmarks takes."""
    unseen = "whose maker was left out" if left_out else "of people never seen"
    return [
        {
            "name": f"names scrambled, {len({each.head for each in answered})} heads {unseen}"
            f"{_OTHERS[with_others]}: right name first, {len(answered)} keys",
            "value": round(100 * right(answered), 1),
            "unit": "%",
        }
        for with_others, answered in found.items()
    ]


def _answers(family: str, arguments: argparse.Namespace) -> dict[bool, list[Answer]]:
    model, makers = _without(family, arguments.prepared) if arguments.family_out else (None, None)
    found: dict[bool, list[Answer]] = {False: [], True: []}
    for head in tested_heads(family, arguments.heads, LEARNED):
        made = generate_shapes(head.mesh, model=model)
        for with_others in found:
            found[with_others] += answers(
                head, made.shapes, made.landmarks, makers, with_others=with_others
            )
    return found


def _without(family: str, prepared: Path) -> tuple[FaceModel, Floats]:
    """Return a model of shapes and signatures that have seen nothing of a maker."""
    config = ShapesConfig.read(CONFIG).without(family)
    out = prepared / "evaluated"
    families = [Prepared.load(prepared, name) for name in config.families]
    path = out / f"face_shapes_without_{family}.onnx"
    model = learn_arkit(families, path, config, Stages(out))
    with np.load(MOTIONS_FILE, allow_pickle=False) as data:
        others = data["families"] != family
        return model, by_makers(data["signatures"][others].astype(np.float32), Patches.load())


def _share(found: Sequence[Answer]) -> str:
    return f"{100 * right(found):.1f} % of {len(found)}"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
