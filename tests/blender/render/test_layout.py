import numpy as np
import pytest

from facial_retarget.blender.render.layout import Layout


def gray(value: int, width: int, height: int) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def test_a_character_alone_fills_the_picture() -> None:
    layout = Layout.of((64, 48), None, titled=False)
    assert layout.size == (64, 48)
    assert (layout.composed(gray(9, 64, 48), None, None) == 9).all()


def test_the_source_stands_at_the_left_in_its_own_proportions() -> None:
    layout = Layout.of((40, 60), (120, 80), titled=False)
    assert layout.size == (130, 60)
    whole = layout.composed(gray(200, 40, 60), gray(100, 120, 80), None)
    assert (whole[:, :90] == 100).all()
    assert (whole[:, 90:] == 200).all()


@pytest.mark.parametrize("source", [(400, 100), (90, 160), (1000, 10)])
def test_a_picture_is_never_stretched(source: tuple[int, int]) -> None:
    layout = Layout.of((60, 60), source, titled=False)
    image = gray(0, *source)
    radius = min(source) * 0.4
    rows, columns = np.indices(source[::-1])
    middle = (source[0] - 1) / 2, (source[1] - 1) / 2
    image[np.hypot(columns - middle[0], rows - middle[1]) < radius] = 255
    shown = layout.composed(gray(0, 60, 60), image, None)[:, : layout.source_width, 0] > 127
    if radius * min(60 / source[1], layout.source_width / source[0]) > 3:
        assert np.ptp(np.flatnonzero(shown.any(axis=0))) == pytest.approx(
            np.ptp(np.flatnonzero(shown.any(axis=1))), abs=2
        )


def test_a_long_picture_is_set_between_bars() -> None:
    layout = Layout.of((60, 60), (400, 100), titled=False)
    shown = layout.composed(gray(0, 60, 60), gray(255, 400, 100), None)[:, : layout.source_width]
    bright = shown[..., 0].mean(axis=1) > 128
    assert 20 < bright.sum() < 30
    assert not bright[:15].any()
    assert not bright[-15:].any()


def test_a_title_takes_a_strip_above() -> None:
    layout = Layout.of((100, 100), None, titled=True)
    assert layout.title_size == (100, 10)
    letters = np.zeros((10, 100), np.uint8)
    letters[5, 50] = 255
    whole = layout.composed(gray(7, 100, 100), None, letters)
    assert whole.shape == (110, 100, 3)
    assert whole[5, 50, 0] > 200
    assert whole[5, 10, 0] < 40
    assert (whole[10:] == 7).all()


def test_the_whole_is_even_where_a_source_can_make_it_so() -> None:
    assert Layout.of((61, 48), (64, 48), titled=False).size[0] % 2 == 0
