"""Rigify's face, both kinds: its controls are found among hundreds of bones, and move the skin."""

from pathlib import Path

import bpy
import numpy as np
import pytest

from benchmarks.retarget.rigify_head import Kind, bind_to_rigify
from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.controls import controls_of_character
from facial_retarget.blender.scene.mesh_reading import read_meshes
from facial_retarget.blender.scene.probing import probe
from facial_retarget.core.shapes.landmarks import find_landmarks
from facial_retarget.demo.head import build_head
from facial_retarget.demo.makehuman import identities


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["face", "skin face"])
def test_the_controls_of_rigify_are_found_and_move_the_skin(assets: Path, kind: Kind) -> None:
    person = next(iter(identities().values()))
    head = build_head(bpy.context.scene, assets, person, keyed=False)
    landmarks = find_landmarks(read_meshes(head.face, ()).mesh).points
    bind_to_rigify(head, landmarks + np.float32(head.face.matrix_world.translation), kind)
    character = find_character(head.face)
    controls = {control.name: control for control in controls_of_character(character)}
    owners = {name.split("|")[0] for name in controls}
    assert 150 < len(controls) <= 310
    assert {"jaw_master", "lip.T", "lid.T.L.001", "brow.T.R.001", "nose_master"} <= owners
    assert not any(name.startswith(("ORG-", "MCH-", "DEF-", "root", "ear")) for name in owners)
    chosen = [controls[name] for name in ("jaw_master|rotation|x", "lid.T.L.001|location|z")]
    probed = probe(character, bpy.context.scene, chosen).rig
    skin = probed.face.objects[0].vertices
    jaw, lid = np.linalg.norm(probed.raised[:, skin], axis=2)
    height = probed.face.vertices[skin, 2]
    assert jaw.max() > 0.02
    assert lid.max() > 0.003
    assert np.average(height, weights=jaw) < np.average(height, weights=lid) - 0.05
