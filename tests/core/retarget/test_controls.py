"""What of a character can be animated, and what a probe says of it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.errors import RigError
from facial_retarget.core.mesh import FaceMesh, MeshObject
from facial_retarget.core.retarget.controls import Control, ProbedRig

_KEY = Control("まばたき", "shape key", 0.0, 1.0)
_JAW = Control("jaw|rotation|x", "bone", -0.1, 0.6)


def _rig(*controls: Control) -> ProbedRig:
    random = np.random.default_rng(5)
    objects = (MeshObject("face", 0, 4), MeshObject("teeth", 4, 6))
    face = FaceMesh(
        random.normal(size=(6, 3)).astype(np.float32),
        np.array([[0, 1, 2], [1, 2, 3]], np.int32),
        objects,
    )
    fields = random.normal(size=(2, len(controls), 6, 3)).astype(np.float32)
    return ProbedRig(face, controls, *fields)


@pytest.mark.parametrize(
    ("name", "kind", "label"),
    [
        ("Key 17", "shape key", "Key 17"),
        ("a|rotation|x", "shape key", "a|rotation|x"),
        ("jaw|rotation|x", "bone", "jaw: turn about X"),
        ("lip.T.L|location|z", "bone", "lip.T.L: move along Z"),
        ("my|bone|scale|y", "bone", "my|bone: scale along Y"),
        ("face|property|mouth_open", "property", "face: mouth_open"),
        ("|property|blink", "property", "blink"),
    ],
)
def test_a_control_is_shown_in_words(name: str, kind: str, label: str) -> None:
    assert Control(name, kind, 0.0, 1.0).label == label  # type: ignore[arg-type]


def test_a_probe_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    rig = replace(_rig(_KEY, _JAW), smooth=frozenset({_JAW.name}))
    rig.save(tmp_path / "rig.npz")
    again = ProbedRig.load(tmp_path / "rig.npz")
    assert (again.controls, again.smooth) == (rig.controls, rig.smooth)
    assert again.face.objects == rig.face.objects
    np.testing.assert_array_equal(again.face.vertices, rig.face.vertices)
    np.testing.assert_array_equal(again.face.triangles, rig.face.triangles)
    np.testing.assert_array_equal(again.raised, rig.raised)
    np.testing.assert_array_equal(again.lowered, rig.lowered)


def test_a_sound_probe_passes_its_check() -> None:
    _rig(_KEY, _JAW).check()


def test_a_character_without_controls_is_told_what_to_do() -> None:
    with pytest.raises(RigError, match="nothing to animate"):
        _rig().check()


def test_a_character_whose_controls_are_all_locked_is_told_so() -> None:
    with pytest.raises(RigError, match="locked or driven"):
        _rig(replace(_KEY, greatest=0.0), replace(_JAW, least=0.0, greatest=0.0)).check()


def test_controls_that_explode_are_named() -> None:
    rig = _rig(_KEY, _JAW)
    rig.lowered[1, 3, 2] = np.nan
    with pytest.raises(RigError, match=r"^'jaw\|rotation\|x' throws") as one:
        rig.check()
    assert "まばたき" not in str(one.value)
    rig.raised[0, 0, 0] = np.inf
    with pytest.raises(RigError, match=r"'まばたき' and 'jaw\|rotation\|x' throw the mesh"):
        rig.check()


def test_fields_of_another_mesh_are_refused() -> None:
    rig = _rig(_KEY)
    with pytest.raises(ValueError, match="shape"):
        replace(rig, raised=rig.raised[:, :5])


def test_no_two_controls_have_one_name() -> None:
    with pytest.raises(ValueError, match="twice"):
        _rig(_KEY, _KEY)
