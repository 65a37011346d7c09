"""A performance filmed: lights, a camera, a coded video; and what the tracker sees of it."""

import io
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from scipy import ndimage

from facial_retarget.core.capture.face_crop import SIDE, face_crop
from facial_retarget.core.capture.landmarker import TrackedFace
from facial_retarget.core.capture.tracker import FaceTracker
from facial_retarget.core.mesh import Floats

from ..shapes.arrays import Array
from .heads import FilmedHead
from .motion import Motion
from .raster import Light, draw

_AIM: Final = -0.35  # eye distances above the eyes: what the camera looks at
_FACE_DEPTH: Final = 1.2  # eye distances from between the eyes back to what the head turns about


@dataclass(frozen=True, eq=False)
class Seen:
    """What the tracker saw, frame by frame; NaN where it found no face.

    points: (frames, 478, 3) as TrackedFace has them. scores: (frames, 52). poses: (frames, 4, 4).
    crops: (frames, SIDE, SIDE) uint8, black where there was no face. size: pixels of the square
    picture.
    """

    points: Floats
    scores: Floats
    poses: Floats
    crops: Array
    size: int


@dataclass(frozen=True, eq=False)
class Shot:
    """How a sequence is filmed.

    drawn, size: pixels of the square pictures, as drawn and as filmed. focal: in widths. distance:
    metres. place: (2,) metres aside. noise: of the camera, in 1 / 255. quality: x264's rate factor.
    """

    drawn: int
    size: int
    focal: float
    distance: float
    place: Array
    light: Light
    background: Floats
    noise: float
    quality: int
    blur: float


def draw_shot(head: FilmedHead, rng: np.random.Generator) -> Shot:
    """Draw a camera and lights for a head."""
    size = int(rng.choice([176, 224, 256, 256, 320, 384]))
    drawn = max(size, 256)
    focal = 0.5 / np.tan(np.radians(rng.uniform(14, 62)) / 2)
    face = rng.uniform(0.28, 0.66)  # of the picture, the width of a face
    distance = max(head.scale * 2.3 * focal / face, 0.25)
    place = rng.uniform(-0.12, 0.12, 2) * distance / focal
    return Shot(
        drawn, size, focal, distance, place, _lights(rng), _backdrop(drawn, rng),
        float(rng.choice([0, rng.uniform(0.5, 3), rng.uniform(2, 8)])), int(rng.integers(14, 33)),
        float(rng.choice([0, rng.uniform(0.3, 1.2)])),
    )  # fmt: skip


def film(
    head: FilmedHead, motion: Motion, shot: Shot, rate: float, rng: np.random.Generator
) -> list[Array]:
    """Return the (size, size, 3) pictures that a player shows of the coded video."""
    return _coded([taken(head, motion, shot, frame, rng) for frame in range(len(motion.times))],
                  rate, shot.quality)  # fmt: skip


def track(pictures: list[Array], times: Array) -> Seen:
    """Follow the face through the pictures, as capture_video does."""
    count, size = len(pictures), len(pictures[0])
    points = np.full((count, 478, 3), np.nan, np.float32)
    scores = np.full((count, 52), np.nan, np.float32)
    poses = np.full((count, 4, 4), np.nan, np.float32)
    crops = np.zeros((count, SIDE, SIDE), np.uint8)
    with FaceTracker() as tracker:
        for row, (picture, time) in enumerate(zip(pictures, times, strict=True)):
            face: TrackedFace | None = tracker.track(picture, float(time)).face
            if face is not None:
                points[row], scores[row], poses[row] = face.points, face.scores, face.pose
                crops[row] = face_crop(picture, face.points)
    return Seen(points, scores, poses, crops, size)


def taken(
    head: FilmedHead, motion: Motion, shot: Shot, frame: int, rng: np.random.Generator
) -> Array:
    """Return the (size, size, 3) picture of a frame, before it is coded."""
    vertices = head.posed(motion.weights[frame]) - head.center
    pivot = np.array([0, _FACE_DEPTH * head.scale, _AIM * head.scale], np.float32)
    turned = (vertices - pivot) @ _rotation(motion.turn[frame]).T + pivot
    turned += (motion.shift[frame] * head.scale).astype(np.float32)
    turned[:, 2] -= np.float32(_AIM * head.scale)
    seen = np.stack(
        [turned[:, 0] + shot.place[0], turned[:, 2] + shot.place[1], -turned[:, 1] - shot.distance],
        axis=1,
    ).astype(np.float32)
    image = draw(seen, head.triangles, head.paint, shot.light, shot.focal, shot.background)
    if shot.size == shot.drawn and not (shot.noise or shot.blur):
        return image
    values = image.astype(np.float32)
    if shot.blur:
        values = ndimage.gaussian_filter(values, (shot.blur, shot.blur, 0), truncate=2)
    if shot.size < shot.drawn:
        values = _shrunk(values, shot.size)
    if shot.noise:
        values += rng.standard_normal(values.shape, np.float32) * np.float32(shot.noise)
    return values.clip(0, 255).astype(np.uint8)


def _rotation(turn: Array) -> Floats:
    """Return the (3, 3) rotation of yaw (about Z), pitch (about X) and roll (about Y)."""
    (sy, sp, sr), (cy, cp, cr) = np.sin(turn), np.cos(turn)
    yaw = np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1]])
    pitch = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    roll = np.array([[cr, 0, sr], [0, 1, 0], [-sr, 0, cr]])
    rotation: Floats = (yaw @ pitch @ roll).astype(np.float32)
    return rotation


def _shrunk(values: Floats, size: int) -> Floats:
    """Average down to a smaller square picture."""
    edges = np.linspace(0, len(values), size + 1)
    total = np.pad(values, ((1, 0), (1, 0), (0, 0))).cumsum(0, np.float64).cumsum(1)
    low = np.floor(edges).astype(int).clip(0, len(values) - 1)
    part = (edges - low)[:, None, None]
    rows = total[low] * (1 - part) + total[low + 1] * part
    part = part.transpose(1, 0, 2)
    both = rows[:, low] * (1 - part) + rows[:, low + 1] * part
    area = (len(values) / size) ** 2
    shrunk: Floats = (np.diff(np.diff(both, axis=0), axis=1) / area).astype(np.float32)
    return shrunk


def _coded(pictures: list[Array], rate: float, quality: int) -> list[Array]:
    import av

    file = io.BytesIO()
    size = len(pictures[0])
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(rate).limit_denominator(1000))
        stream.width, stream.height, stream.pix_fmt = size, size, "yuv420p"
        stream.thread_count = 1
        stream.options = {"crf": str(quality), "preset": "ultrafast"}
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    file.seek(0)
    with av.open(file) as container:
        stream = container.streams.video[0]
        stream.thread_count = 1
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]


def _lights(rng: np.random.Generator) -> Light:
    count = int(rng.integers(1, 4))
    aside = rng.normal((0, 0.4), 0.7, (count, 2))
    directions = np.column_stack([aside, np.abs(rng.normal(0.8, 0.3, count)) + 0.1])
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    warmth = np.exp(rng.normal(0, 0.12, (count, 1)) * np.array([1, 0, -1]))
    strengths = rng.dirichlet(np.ones(count)) * rng.uniform(0.5, 1.3)
    ambient = rng.uniform(0.08, 0.5) * np.exp(rng.normal(0, 0.06, 3))
    return Light(
        directions.astype(np.float32),
        (strengths[:, None] * warmth).astype(np.float32),
        ambient.astype(np.float32),
    )


def _backdrop(size: int, rng: np.random.Generator) -> Floats:
    """Return a blurred room."""
    coarse = rng.uniform(0, 1, (int(rng.integers(2, 9)),) * 2 + (1,)) * rng.uniform(0.2, 1, 3)
    zoom = size / len(coarse)
    room = ndimage.zoom(coarse, (zoom, zoom, 1), order=1, grid_mode=True, mode="nearest")
    bright = rng.uniform(0.02, 0.7)
    backdrop: Floats = (bright * (0.4 + 0.6 * room)).astype(np.float32)[:size, :size]
    return backdrop
