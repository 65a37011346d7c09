"""A rig without names is understood once, by a button, a command or the first bake."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from facial_retarget import cli
from facial_retarget.blender.character import view
from facial_retarget.blender.character.setup import mapping_of, setup_of
from facial_retarget.blender.jobs import current
from facial_retarget.blender.retarget.report import report
from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.layers import layers
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.clip import Clip
from facial_retarget.core.formats import write_clip
from facial_retarget.core.retarget import Mapping, MappingRow
from facial_retarget.demo.head import build_head
from facial_retarget.demo.makehuman import MakeHuman, identities
from facial_retarget.demo.unprepared import hang_on_bones, lose_names


@pytest.fixture
def unprepared(assets: Path) -> Callable[[str], Any]:
    """Build a head whose keys have no meaning, or one that bones alone move."""

    def build(kind: str) -> Any:
        identity = identities()["Kofi"]
        head = build_head(bpy.context.scene, assets, identity)
        if kind == "keys":
            lose_names(head)
        else:
            hang_on_bones(head, MakeHuman(assets).head(identity).joints)
        bpy.context.view_layer.objects.active = head.face
        return head

    return build


@pytest.fixture
def take(tmp_path: Path) -> Path:
    """A capture file in which the jaw opens and the eyes blink."""
    times = np.arange(13) / 24
    values = np.zeros((13, len(ARKIT_CHANNELS)), np.float32)
    wave = np.sin(times * np.pi * 2) ** 2
    for channel in ("jawOpen", "eyeBlinkLeft", "eyeBlinkRight"):
        values[:, ARKIT_CHANNELS.index(channel)] = wave * 0.8
    write_clip(Clip(ARKIT_CHANNELS, times, values, np.ones_like(values)), tmp_path / "take.csv")
    return tmp_path / "take.csv"


def strongest(mapping: Mapping) -> dict[str, str]:
    """The control that each channel moves most."""
    found: dict[str, tuple[float, str]] = {}
    for row in mapping.matched:
        for channel, gain in row.terms:
            found[channel] = max(found.get(channel, (0.0, "")), (abs(gain), row.control))
    return {channel: control for channel, (_, control) in found.items()}


def test_the_report_counts_channels_by_what_told_them() -> None:
    rows = (
        MappingRow("jawOpen", (("jawOpen", 1.0),), how="exact"),
        MappingRow("Key 1", (("jawLeft", 0.2), ("jawRight", 1.0)), how="shape"),
        MappingRow("Key 2", (("jawLeft", 1.0),), how="manual"),
        MappingRow("Key 3"),
    )
    assert report(Mapping(rows)) == (
        "3 of 52 channels found: 1 by name, 1 by shape, 1 by hand; 1 control not understood"
    )
    assert report(Mapping(())) == "0 of 52 channels found"


def lowered(key: Any) -> Any:
    """How far a shape key moves each vertex down."""
    rest = key.id_data.reference_key.points
    return np.array([at.co.z - point.co.z for point, at in zip(key.points, rest, strict=True)])


@pytest.mark.slow
def test_keys_without_a_meaning_are_understood_by_a_button(
    unprepared: Callable[[str], Any],
) -> None:
    head = unprepared("keys")
    keys = head.face.data.shape_keys.key_blocks
    bpy.ops.ed.undo_push(message="before")
    assert bpy.ops.facial_retarget.understand() == {"FINISHED"}
    assert "by shape" in current.last_message()
    assert current.last_message().startswith(("50 of", "51 of", "52 of"))
    mapping = mapping_of(find_character(head.face))
    assert mapping.fit is not None
    jaw = keys[strongest(mapping)["jawOpen"]]
    assert sum(lowered(jaw) > 0.01) > 50  # metres: the chin and what hangs on it
    bpy.ops.ed.undo_push(message="Understand Rig")
    bpy.ops.ed.undo()
    assert setup_of(find_character(bpy.data.objects["Head"])).found is None


_JAW = ("jawOpen", "jawLeft", "jawRight", "jawForward", "mouthClose")
_LOOKS = {
    bone: [f"eyeLook{way}{side}" for way in ("Up", "Down", "In", "Out")]
    for bone, side in (("eye.L", "Left"), ("eye.R", "Right"))
}


def _as_it_is() -> dict[str, Any]:
    """What looking at a rig could have changed."""
    return {
        "data": [
            len(each)
            for each in (bpy.data.scenes, bpy.data.objects, bpy.data.actions, bpy.data.meshes)
        ],
        "poses": [
            (bone.name, tuple(map(tuple, bone.matrix_basis)), bone.rotation_mode)
            for obj in bpy.data.objects
            if obj.type == "ARMATURE"
            for bone in obj.pose.bones
        ],
        "keys": [
            (block.name, block.value, block.mute)
            for key in bpy.data.shape_keys
            for block in key.key_blocks
        ],
        "animated": [
            (data.name, len(data.animation_data.drivers), len(data.animation_data.nla_tracks))
            for data in (*bpy.data.shape_keys, *bpy.data.objects)
            if data.animation_data is not None
        ],
        "shown": [
            (obj.name, obj.hide_viewport, [modifier.show_viewport for modifier in obj.modifiers])
            for obj in bpy.data.objects
        ],
        "frame": bpy.context.scene.frame_current,
    }


@pytest.mark.slow
def test_what_keys_leave_out_is_found_on_bones(assets: Path) -> None:
    identity = identities()["Kofi"]
    head = build_head(bpy.context.scene, assets, identity)
    hang_on_bones(head, MakeHuman(assets).head(identity).joints, {"jaw": _JAW, **_LOOKS})
    bpy.context.view_layer.objects.active = head.face
    character, scene = find_character(head.face), bpy.context.scene
    view.show(scene, character)
    assert view.view_of(scene).summary == (
        "39 exact · 13 missing · Understand Rig looks for those missing on the bones"
    )
    head.rig.pose.bones["jaw"].rotation_euler = (0.2, 0.0, 0.0)
    head.face.data.shape_keys.key_blocks["cheekPuff"].value = 0.3
    before = _as_it_is()
    assert bpy.ops.facial_retarget.understand() == {"FINISHED"}
    assert _as_it_is() == before
    mapping = mapping_of(character)
    assert [row.how for row in mapping.rows].count("exact") == 39
    driven = strongest(mapping)
    assert driven["jawOpen"] == "jaw|rotation|x"
    assert driven["jawLeft"] == driven["jawRight"] == "jaw|rotation|z"
    for bone, looks in _LOOKS.items():
        assert {driven[look] for look in looks} == {f"{bone}|rotation|x", f"{bone}|rotation|z"}
    view.show(scene, character)
    assert "Understand Rig" not in view.view_of(scene).summary


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["keys", "bones"])
def test_one_click_bakes_on_a_character_that_nobody_prepared(
    kind: str, unprepared: Callable[[str], Any], take: Path
) -> None:
    head = unprepared(kind)
    assert bpy.ops.facial_retarget.bake_capture_file(filepath=str(take)) == {"FINISHED"}
    assert "by shape" in current.last_message()
    character = find_character(head.face)
    assert setup_of(character).found is not None
    assert [layer.source for layer in layers(character)] == ["take.csv"]
    depsgraph = bpy.context.evaluated_depsgraph_get()
    poses = []
    for frame in (1, 7):
        bpy.context.scene.frame_set(frame)
        mesh = head.face.evaluated_get(depsgraph).to_mesh()
        poses.append(np.array([vertex.co for vertex in mesh.vertices]))
    moved = np.linalg.norm(poses[1] - poses[0], axis=1)
    assert moved.max() > 0.01  # metres, at the chin
    found = mapping_of(character).rows
    assert bpy.ops.facial_retarget.bake_capture_file(filepath=str(take)) == {"FINISHED"}
    assert "channels found" not in current.last_message()
    assert mapping_of(character).rows == found


@pytest.mark.slow
def test_the_command_writes_a_mapping_that_a_bake_takes(
    unprepared: Callable[[str], Any],
    take: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    unprepared("keys")
    blend, preset, shot = (tmp_path / name for name in ("c.blend", "m.json", "shot.blend"))
    bpy.ops.wm.save_as_mainfile(filepath=str(blend))
    before = blend.read_bytes()
    assert cli.main(["understand", str(blend), "-o", str(preset), "--json"]) == 0
    told = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert "by shape" in told["summary"]
    assert len(told["controls"]) == len(Mapping.from_json(preset.read_text("utf-8")).rows)
    assert blend.read_bytes() == before
    command = ["bake", str(blend), str(take), "-o", str(shot), "--mapping", str(preset), "--json"]
    assert cli.main(command) == 0
    assert json.loads(capfd.readouterr().out.splitlines()[-1])["understood"] == ""
    assert cli.main([*command, "--understand"]) == 1


def test_a_mapping_of_another_character_is_one_sentence(
    studio: Any, take: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    studio.head(["jawOpen", "eyeBlinkLeft"])
    blend, preset = tmp_path / "c.blend", tmp_path / "m.json"
    bpy.ops.wm.save_as_mainfile(filepath=str(blend))
    preset.write_text(Mapping((MappingRow("Key 1", (("jawOpen", 1.0),)),)).to_json())
    command = ["bake", str(blend), str(take), "-o", str(tmp_path / "o.blend")]
    assert cli.main([*command, "--mapping", str(preset)]) == 1
    error = capfd.readouterr().err
    assert "None of the 1 controls in m.json is on Head_geo" in error
    assert not (tmp_path / "o.blend").exists()


def test_a_character_without_a_face_is_one_sentence(studio: Any) -> None:
    studio.head([f"Key {number}" for number in range(9)])
    with pytest.raises(RuntimeError, match="too few for a face"):
        bpy.ops.facial_retarget.understand()
    assert setup_of(find_character(bpy.context.object)).found is None
    bpy.context.view_layer.objects.active = None
    assert not bpy.ops.facial_retarget.understand.poll()
