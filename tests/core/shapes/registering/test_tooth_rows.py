import numpy as np
import pytest

from facial_retarget.core.shapes.parts import tooth_rows
from facial_retarget.core.shapes.registration import Part
from facial_retarget.core.shapes.template import Template

ARCH = np.linspace(-0.02, 0.02, 8)  # heights within a row, distances between the eyes


def height(part: Part) -> float:
    template = Template.load()
    return float(template.vertices[template.parts == part, 2].mean())


@pytest.mark.parametrize("lowered", [-0.15, 0.0, 0.15])
def test_two_rows_are_told_apart_wherever_they_sit(lowered: float) -> None:
    middle = (height(Part.UPPER_TEETH) + height(Part.LOWER_TEETH)) / 2 - lowered
    upper, lower = middle + 0.05 + ARCH, middle - 0.05 + ARCH
    found = tooth_rows(np.concatenate([upper, lower]).astype(np.float32))
    assert found.tolist() == [Part.UPPER_TEETH] * 8 + [Part.LOWER_TEETH] * 8


@pytest.mark.parametrize("row", [Part.UPPER_TEETH, Part.LOWER_TEETH])
def test_a_single_row_is_the_template_s_nearer_one(row: Part) -> None:
    heights = (height(row) + ARCH).astype(np.float32)
    assert (tooth_rows(heights) == row).all()
    assert tooth_rows(heights[:1]).tolist() == [row]
    assert tooth_rows(heights[:0]).tolist() == []
