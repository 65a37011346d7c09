import numpy as np
import pytest

from facial_retarget.core.capture.face_crop import SIDE, face_crop
from facial_retarget.core.shapes.landmark_table import canonical_face

WIDTH, HEIGHT = 320, 240
CHEEK, CHIN = 280, 152


def seen(scale: float, yaw: float = 0.0, roll: float = 0.0, aside: float = 0.0) -> np.ndarray:
    """The tracker's (478, 3) points of the canonical face, `scale` pixels a cm."""
    x, up, z = canonical_face()[:, 0], canonical_face()[:, 2], -canonical_face()[:, 1]
    turned = np.stack([x * np.cos(yaw) + z * np.sin(yaw), up, z * np.cos(yaw) - x * np.sin(yaw)])
    right = turned[0] * np.cos(roll) - turned[1] * np.sin(roll)
    above = turned[0] * np.sin(roll) + turned[1] * np.cos(roll)
    pixels = np.stack([WIDTH / 2 + aside + scale * right, HEIGHT / 2 - scale * above], axis=1)
    points = np.column_stack([pixels / [WIDTH, HEIGHT], -scale * turned[2] / WIDTH])
    return np.concatenate([points, points[:10]]).astype(np.float32)


def picture(points: np.ndarray, number: int, width: float = 2.0) -> np.ndarray:
    """A dark picture with a soft light at one of the points."""
    x, y = points[number, :2] * [WIDTH, HEIGHT]
    rows, columns = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    light = 250 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * width**2))
    return np.repeat(light[..., None], 3, axis=2).astype(np.uint8)


def brightest(crop: np.ndarray) -> np.ndarray:
    """Where a crop's light is, row and column."""
    strong = crop.astype(float) ** 2
    rows, columns = np.mgrid[:SIDE, :SIDE]
    return np.array([(strong * rows).sum(), (strong * columns).sum()]) / strong.sum()


@pytest.mark.parametrize("number", [CHEEK, CHIN])
@pytest.mark.parametrize("scale", [5.0, 8.0, 12.0])
def test_a_place_on_the_face_stays_where_it_is_however_the_head_is_turned(
    number: int, scale: float
) -> None:
    straight = seen(scale)
    wanted = brightest(face_crop(picture(straight, number, scale / 4), straight))
    for yaw, roll in ((0.3, 0.0), (-0.3, 0.0), (0.0, 0.4), (0.2, -0.3)):
        turned = seen(scale, yaw, roll, aside=6)
        found = brightest(face_crop(picture(turned, number, scale / 4), turned))
        assert np.abs(found - wanted).max() < 1


def test_the_persons_left_is_on_the_right() -> None:
    points = seen(8.0)
    assert brightest(face_crop(picture(points, CHEEK), points))[1] > SIDE / 2


def test_a_face_half_outside_the_picture_has_a_crop_too() -> None:
    points = seen(12.0, aside=WIDTH / 2)
    crop = face_crop(np.full((HEIGHT, WIDTH, 3), 90, np.uint8), points)
    assert crop.shape == (SIDE, SIDE)
    assert np.all(crop == 90)
