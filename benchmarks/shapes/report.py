"""The figures of generated shapes for `make bench`.

`python -m benchmarks.shapes.report` prints them alone, or the parts of them that are named; with
`--peers` it measures what needs no model instead: the makers' own keys, and those of the nearest
vertex of another head.
"""

import argparse
import json
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.row import Row, table
from benchmarks.shapes import landmark_census, landmark_sweep, lids, lip_seam, read_back
from benchmarks.shapes.generated import generated
from benchmarks.shapes.heads import Keys, MakerHead, makehuman_heads
from benchmarks.shapes.nearest_copy import nearest_copy
from benchmarks.shapes.shared_heads import heads_of_all_makers
from facial_retarget.core.mesh import Floats
from facial_retarget.core.runtime import MODELS_FOLDER, model_entry
from facial_retarget.core.shapes import identity
from facial_retarget.core.shapes.landmarks import find_landmarks
from facial_retarget.core.shapes.mesh_landmarks import MeshLandmarks
from facial_retarget.core.shapes.predict import MODEL_NAME
from facial_retarget.core.shapes.template import TEMPLATE_FILE

# {"date": ..., "rows": [what a Row takes ...]}
EVALUATED: Final = Path(__file__).parent / "evaluated.json"

_PEOPLE: Final = 6  # of VALID; half as many of ICT
_TURNED: Final = ("MakeHuman child", "ICT 1")


def rows(parts: Collection[str] = ()) -> list[Row]:
    """Measure some parts of PARTS, or all of them; the peers on the same heads beside them."""
    measures = [measure for name, measure in PARTS.items() if not parts or name in parts]
    return [row for measure in measures for row in measure()]


def read_back_rows() -> list[Row]:
    """Hold generated keys to the makers' own, as the tracker sees both."""
    found = read_back.measure(_read(_heads()), generated)
    print(read_back.channel_table(found), file=sys.stderr)
    return read_back.rows(found, "generated")


def seam_rows() -> list[Row]:
    """Count what the lips do along their seam, and what the nearest vertex's keys would do."""
    return [
        _seam_row("generated", lip_seam.measure(_heads(), generated), held=True),
        _seam_row("nearest vertex", lip_seam.measure(_heads(), _copied)),
    ]


def landmark_rows() -> list[Row]:
    """Find landmarks on many heads, on some in any axes and unit; and the census of all."""
    some = [head for head in _heads() if head.name in _TURNED]
    return [*landmark_sweep.rows(_heads(), some), *landmark_census.rows()]


def speed_rows() -> list[Row]:
    """Time the whole job in background Blenders, and the peer."""
    from benchmarks.shapes import speed

    return speed.rows()


def evaluated_rows(path: Path = EVALUATED) -> list[Row]:
    """Return what training measured on people it had not seen, and when; it takes hours."""
    if not path.is_file():
        return []
    table = json.loads(path.read_text(encoding="utf-8"))
    return [
        Row(**{**row, "name": f"{row['name']} (training, {table['date']})"})
        for row in table["rows"]
    ]


def peer_rows() -> list[Row]:
    """Measure the makers' own keys and the nearest vertex's."""
    found = read_back.measure(_read(_heads()), _copied)
    print(read_back.channel_table(found), file=sys.stderr)
    return [
        *read_back.rows(found, "nearest vertex's"),
        *lid_rows(_makers),
        _seam_row("nearest vertex", lip_seam.measure(_heads(), _copied)),
    ]


def lid_rows(keys_of: Keys = generated) -> list[Row]:
    """Measure both lids of every eye: the mean over all eyes, and the worst."""
    found = lids.measure(_with_own_eyes(_heads()), keys_of)
    for each in found:
        line = f"{each.head} {each.side}: gap {each.gap:.1%}, depth {each.depth:.1%}"
        print(line, file=sys.stderr)
    gaps, depths = (
        100 * np.array(values)
        for values in ([each.gap for each in found], [each.depth for each in found])
    )
    where = f"eyeBlink at 1, {len(found)} eyes:"
    unit = "% of the eye's width"
    return [
        Row(f"{where} gap left, mean", float(gaps.mean()), unit, must=3, good=1),
        Row(f"{where} gap left, worst", float(gaps.max()), unit),
        Row(f"{where} depth into the eyeball, mean", float(depths.mean()), unit, must=1, good=0),
        Row(f"{where} depth into the eyeball, worst", float(depths.max()), unit),
    ]


def _seam_row(who: str, share: float, held: bool = False) -> Row:
    must, good = (0.2, 0.0) if held else (None, None)
    return Row(f"lip seam moved with the wrong lip, {who}", 100 * share, "%", must, good)


def size_rows() -> list[Row]:
    """Weigh the models that ship for this."""
    files = [
        *(MODELS_FOLDER / model_entry(name).file for name in (identity.MODEL_NAME, MODEL_NAME)),
        TEMPLATE_FILE,
    ]
    size = sum(file.stat().st_size for file in files) / 1e6
    return [Row(f"model files together, {len(files)} files", size, "MB", must=20, good=8)]


@cache
def _heads() -> list[MakerHead]:
    return heads_of_all_makers(_PEOPLE)


def _read(heads: Sequence[MakerHead]) -> list[MakerHead]:
    """Leave out what the nearest vertex is copied from, and VALID: its eyeballs are ours."""
    return [head for head in _with_own_eyes(heads) if head.name != _source()[0].name]


def _with_own_eyes(heads: Sequence[MakerHead]) -> list[MakerHead]:
    return [head for head in heads if head.maker != "VALID"]


def _makers(head: MakerHead) -> Mapping[str, Floats]:
    return head.deltas


@cache
def _copied(head: MakerHead) -> Mapping[str, Floats]:
    source, landmarks = _source()
    return nearest_copy(head.mesh, find_landmarks(head.mesh), source, landmarks)


@cache
def _source() -> tuple[MakerHead, MeshLandmarks]:
    head = next(makehuman_heads())
    return head, find_landmarks(head.mesh)


PARTS: Final[Mapping[str, Callable[[], list[Row]]]] = {
    "speed": speed_rows,  # first, while nothing else is in memory
    "read-back": read_back_rows,
    "lids": lid_rows,
    "seam": seam_rows,
    "landmarks": landmark_rows,
    "size": size_rows,
    "training": evaluated_rows,
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--peers", action="store_true", help="what needs no model instead")
    arguments = parser.parse_args()
    unknown = set(arguments.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    print(table(peer_rows() if arguments.peers else rows(arguments.parts)))


if __name__ == "__main__":
    main()
