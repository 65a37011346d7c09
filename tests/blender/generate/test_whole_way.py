"""The demo's head without keys, from the button to the panel, with all that a character has."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from facial_retarget.blender.generate.panel import FACIAL_PT_shape_quality
from facial_retarget.blender.generate.properties import generate_settings_of
from facial_retarget.blender.headless import ensure_registered
from facial_retarget.blender.jobs import current
from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.landmark_empties import shown_landmarks
from facial_retarget.blender.scene.shape_record import ShapeRecord, kept_landmarks
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.shapes.visemes import viseme_weights

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("models")]

STAND = Matrix.LocRotScale((3, -2, 1), Matrix.Rotation(0.7, 3, "Z"), (2, 2, 2))
OWN_KEY = "mouthPucker"


def keys_of(obj: bpy.types.Object) -> dict[str, bpy.types.ShapeKey]:
    keys = getattr(obj.data, "shape_keys", None)
    return dict(keys.key_blocks.items()) if keys else {}


def moved(obj: bpy.types.Object, name: str) -> np.ndarray:
    blocks = obj.data.shape_keys.key_blocks
    own = [np.array([point.co[:] for point in blocks[key].points]) for key in ("Basis", name)]
    return np.asarray((own[1] - own[0]) @ np.array(obj.matrix_world.to_3x3()).T)


def prepared(face: bpy.types.Object) -> None:
    """Give a head what characters come with: a stand, a key of the artist's, a scar to protect."""
    bpy.data.objects["Rig"].matrix_world = STAND
    face.shape_key_add(name="Basis")
    own = face.shape_key_add(name=OWN_KEY)
    own.value = 0.0  # since 5.0 a new key is on
    own.points[0].co.z += 0.001
    scar = [vertex.index for vertex in face.data.vertices if vertex.co.x > 0.02]
    face.vertex_groups.new(name="Scar").add(scar, 1.0, "REPLACE")
    chosen = generate_settings_of(bpy.context.scene)
    chosen.visemes, chosen.protect = {"oculus", "vrm"}, "Scar"
    bpy.context.view_layer.update()


@pytest.fixture(scope="module")
def generated(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A file with what was generated, and the line that was told."""
    ensure_registered()
    bpy.ops.wm.open_mainfile(filepath=str(demo))
    for obj in bpy.data.objects:
        if keys_of(obj):
            obj.shape_key_clear()
    face = bpy.data.objects["Head"]
    bpy.context.view_layer.objects.active = face
    prepared(face)
    assert bpy.ops.facial_retarget.generate_shape_keys() == {"FINISHED"}
    path = tmp_path_factory.mktemp("generated") / "head.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    return SimpleNamespace(path=path, message=current.last_message())


@pytest.fixture
def face(generated: SimpleNamespace) -> bpy.types.Object:
    bpy.ops.wm.open_mainfile(filepath=str(generated.path))
    return bpy.data.objects["Head"]


def test_all_keys_are_there_and_the_artists_own_is_kept(
    face: bpy.types.Object, generated: SimpleNamespace
) -> None:
    keys = keys_of(face)
    assert {*ARKIT_CHANNELS} - {*keys} <= {"tongueOut"}
    assert all(key.value == 0 for name, key in keys.items() if name != "Basis")
    assert np.linalg.norm(moved(face, OWN_KEY), axis=1).max() == pytest.approx(0.002, rel=1e-3)
    assert "1 of your own kept" in generated.message
    assert "lowest confidence" in generated.message


def test_visemes_are_combinations_of_them(face: bpy.types.Object) -> None:
    keys = keys_of(face)
    visemes = {**viseme_weights("oculus"), **viseme_weights("vrm")}
    assert len(visemes) == 20
    # The silent one is the neutral face.
    assert {name for name, weights in visemes.items() if weights} <= {*keys}
    weights = visemes["viseme_aa"]
    assert OWN_KEY not in weights
    combined = sum(weight * moved(face, name) for name, weight in weights.items())
    assert moved(face, "viseme_aa") == pytest.approx(combined, abs=1e-5)


def test_the_protected_group_stays_and_the_rest_moves_as_the_head_stands(
    face: bpy.types.Object,
) -> None:
    down = moved(face, "jawOpen")
    scar = np.array([vertex.co.x > 0.02 for vertex in face.data.vertices])
    assert np.abs(down[scar]).max() == 0
    assert down[:, 2].min() < -0.02  # twice as large as life


def test_modifiers_and_the_rig_stay_and_companions_follow(face: bpy.types.Object) -> None:
    assert {"ARMATURE", "SUBSURF"} <= {modifier.type for modifier in face.modifiers}
    assert face.parent == bpy.data.objects["Rig"]
    followers = {obj.name: keys_of(obj) for obj in bpy.data.objects if obj.type == "MESH"}
    assert "jawOpen" in followers["Teeth"]
    assert "jawOpen" in followers["Tongue"]
    assert "eyeBlinkRight" in followers["Lashes"]
    assert "eyeLookUpLeft" in followers["Eyes"]
    assert find_character(face).companions


def test_the_rig_turns_what_the_keys_move(face: bpy.types.Object) -> None:
    def lowest(value: float) -> float:
        face.data.shape_keys.key_blocks["jawOpen"].value = value
        evaluated = face.evaluated_get(bpy.context.evaluated_depsgraph_get())
        matrix = np.array(face.matrix_world)
        places = np.array([vertex.co[:] for vertex in evaluated.data.vertices])
        return float((places @ matrix[:3, :3].T)[:, 2].sum())

    assert lowest(1.0) < lowest(0.0)


def test_how_sure_each_is_stands_in_the_panel_the_worst_first(face: bpy.types.Object) -> None:
    bpy.context.view_layer.objects.active = face
    confidence = ShapeRecord.of(face).confidence
    assert len(confidence) >= 50 + 18
    assert all(0 < value <= 1 for value in confidence.values())
    assert FACIAL_PT_shape_quality.poll(bpy.context)
    bars: list[tuple[float, str]] = []
    column = SimpleNamespace(progress=lambda factor, text: bars.append((factor, text)))
    panel: Any = SimpleNamespace(layout=SimpleNamespace(column=lambda **_: column))
    FACIAL_PT_shape_quality.draw(panel, bpy.context)
    assert [factor for factor, _ in bars] == sorted(confidence.values())
    assert {text.split()[0] for _, text in bars} == set(confidence)


def test_a_dragged_landmark_changes_what_is_generated(face: bpy.types.Object) -> None:
    bpy.context.view_layer.objects.active = face
    before = kept_landmarks(face).points.copy()
    closed = moved(face, "jawOpen")
    assert bpy.ops.facial_retarget.show_landmarks() == {"FINISHED"}
    shown = shown_landmarks(face)
    nearest = min(
        (empty.matrix_world.translation - face.matrix_world @ vertex.co).length
        for empty in (shown["Chin"],)
        for vertex in face.data.vertices
    )
    assert nearest < 0.01
    for name in ("Left Mouth Corner", "Right Mouth Corner"):
        shown[name].location.z += 0.01
    assert bpy.ops.facial_retarget.generate_shape_keys() == {"FINISHED"}
    after = kept_landmarks(face).points
    assert after[291, 2] - before[291, 2] == pytest.approx(0.01, abs=0.004)
    assert after[152] == pytest.approx(before[152], abs=1e-5)
    assert np.abs(moved(face, "jawOpen") - closed).max() > 1e-4
    assert ShapeRecord.of(face).edited


def test_one_undo_takes_all_back(
    head: Callable[..., bpy.types.Object], seen: Callable[[], object]
) -> None:
    head()
    before = seen()
    bpy.ops.ed.undo_push(message="before")
    assert bpy.ops.facial_retarget.generate_shape_keys() == {"FINISHED"}
    assert seen() != before
    bpy.ops.ed.undo_push(message="Generate Shape Keys")
    bpy.ops.ed.undo()
    assert seen() == before
    assert not bpy.data.shape_keys
