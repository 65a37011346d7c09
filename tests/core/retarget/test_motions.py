"""Controls as motions of a surface: one way or two, as strong as they look."""

import numpy as np
import pytest

from facial_retarget.core.clip import Floats
from facial_retarget.core.mesh import FaceMesh
from facial_retarget.core.retarget import Control, ProbedRig
from facial_retarget.core.retarget.motions import Motion, MovedSurface, area_weights

# Two triangles, one twice as large as the other, and a vertex that belongs to none.
_POINTS = [[0, 0, 0], [1, 0, 0], [0, 0, 1], [5, 0, 0], [7, 0, 0], [5, 0, 1], [9, 9, 9]]
_FACE = FaceMesh(np.array(_POINTS, np.float32), np.array([[0, 1, 2], [3, 4, 5]], np.int32))


def _field(*amounts: float) -> Floats:
    field = np.zeros((7, 3), np.float32)
    field[:, 1] = np.repeat(amounts, [3, 3, 1])
    return field


def _surface(control: Control, raised: Floats, lowered: Floats) -> MovedSurface:
    rig = ProbedRig(_FACE, (control,), raised[None], lowered[None])
    return MovedSurface.of(rig, area_weights(_FACE))


def test_a_field_is_as_strong_as_the_area_that_it_moves() -> None:
    small, large = _field(1, 0, 0), _field(0, 1, 0)
    key = Control("Key", "shape key", 0.0, 1.0)
    sizes = [_surface(key, field, 0 * field).sizes[0] for field in (small, large)]
    assert sizes[1] == pytest.approx(sizes[0] * np.sqrt(2))
    assert np.square(area_weights(_FACE)).sum() == pytest.approx(1)


def test_displacements_are_metres_again_but_for_loose_vertices() -> None:
    field = _field(1, 2, 3)
    again = _surface(Control("Key", "shape key", 0.0, 1.0), field, 0 * field).displacements[0]
    np.testing.assert_allclose(again[:6], field[:6], rtol=1e-6)
    assert not again[6].any()


def test_what_goes_to_and_fro_along_one_line_is_one_motion() -> None:
    field = _field(1, 2, 0)
    control = Control("jaw|rotation|x", "bone", -0.1, 0.4)
    surface = _surface(control, field, -0.25 * field)
    assert surface.motions == (Motion("jaw|rotation|x", 0.0, 0.4, -0.1, 0.4),)
    assert surface.motions[0].shares == (-0.25, 1.0)


def test_what_does_another_thing_when_it_is_lowered_is_two_motions() -> None:
    control = Control("Smile or frown", "shape key", -1.0, 1.0)
    surface = _surface(control, _field(1, 0, 0), _field(0, 1, 0))
    assert [motion.far for motion in surface.motions] == [1.0, -1.0]
    assert [motion.shares for motion in surface.motions] == [(0, 1), (0, 1)]


def test_what_is_bent_is_one_motion_along_the_line_between_its_ends() -> None:
    control = Control("lid|rotation|x", "bone", -0.2, 0.4)
    rig = ProbedRig(
        _FACE,
        (control,),
        raised=_field(1.0, 0.3, 0)[None],
        lowered=_field(-0.5, 0.1, 0)[None],
        smooth=frozenset({control.name}),
    )
    surface = MovedSurface.of(rig, area_weights(_FACE))
    (motion,) = surface.motions
    assert (motion.far, motion.shares) == (0.4, (-0.5, 1.0))
    np.testing.assert_allclose(surface.displacements[0], _field(1.0, 0.4 / 3, 0), rtol=1e-5)


def test_what_a_driver_may_do_is_not_taken_for_bending() -> None:
    control = Control("slider|location|y", "bone", -0.2, 0.4)
    surface = _surface(control, _field(1.0, 0.3, 0), _field(-0.5, 0.1, 0))
    assert [motion.far for motion in surface.motions] == [0.4, -0.2]


def test_a_rest_that_is_not_zero_is_where_a_motion_begins() -> None:
    control = Control("eyes open", "shape key", 0.0, 1.0, rest=1.0)
    surface = _surface(control, _field(0, 0, 0), _field(1, 1, 0))
    (motion,) = surface.motions
    assert (motion.rest, motion.far, motion.way, motion.shares) == (1.0, 0.0, -1.0, (0, 1))


def test_what_moves_nothing_is_no_motion() -> None:
    nothing = _field(0, 0, 0)
    surface = _surface(Control("Key", "shape key", 0.0, 1.0), nothing, nothing)
    assert surface.motions == ()
    assert surface.still == {"Key"}
    assert surface.fields.shape == (0, 21)
