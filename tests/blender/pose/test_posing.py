"""The sliders pose a face without a key, and give everything back as it was."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy
import pytest

from facial_retarget.blender.character.lookup import active_character
from facial_retarget.blender.pose import posing
from facial_retarget.blender.pose.properties import sliders_of, values_of
from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.write import write_performance
from facial_retarget.core.performance import Performance


@pytest.fixture(autouse=True)
def _nothing_posed() -> Iterator[None]:
    yield
    posing.end()


def sliders() -> Any:
    return sliders_of(bpy.context.window_manager)


def value(key: str, head: str = "Head_geo") -> float:
    block = bpy.data.objects[head].data.shape_keys.key_blocks[key]
    return float(round(block.value, 4))


def everything(head: Any) -> Any:
    """All that a pose could change."""
    animation = head.data.shape_keys.animation_data
    return (
        [block.value for block in head.data.shape_keys.key_blocks],
        animation and animation.action,
        [pose.matrix_basis.copy() for pose in head.parent.pose.bones] if head.parent else [],
        len(bpy.data.actions),
    )


def test_a_slider_poses_all_meshes_and_the_reset_gives_everything_back(studio: Any) -> None:
    head = studio.rigged()
    head.data.shape_keys.key_blocks["jawOpen"].value = 0.15
    before = everything(head)
    sliders().jawOpen = 0.6
    sliders().eyeBlinkLeft = 1.0
    assert (value("jawOpen"), value("jawOpen", "Teeth")) == (0.6, 0.6)
    assert (value("eyeBlinkLeft"), value("eyeBlinkRight")) == (1.0, 0.0)
    assert bpy.ops.facial_retarget.reset_pose() == {"FINISHED"}
    assert everything(head) == before
    assert value("jawOpen", "Teeth") == 0.0
    assert not any(values_of(sliders()).values())


def test_a_pose_is_seen_on_every_frame_and_the_animation_is_back_after_it(
    studio: Any, perform: Callable[..., Performance]
) -> None:
    studio.head(["jawOpen", "jawLeft"])
    write_performance(active_character(bpy.context), perform())
    scene = bpy.context.scene
    scene.frame_set(20)
    sliders().jawLeft = 0.5
    scene.frame_set(30)
    assert (value("jawOpen"), value("jawLeft")) == (0.0, 0.5)
    posing.end()
    assert (value("jawOpen"), value("jawLeft")) == (0.4, 0.0)
    scene.frame_set(20)
    assert value("jawOpen") == 0.8


def test_another_character_lets_go_of_the_first(studio: Any) -> None:
    studio.head(["jawOpen"])
    other = studio.mesh("Other", ["jawOpen"])
    sliders().jawOpen = 0.6
    bpy.context.view_layer.objects.active = other
    sliders().jawOpen = 0.7
    assert (value("jawOpen"), value("jawOpen", "Other")) == (0.0, 0.7)


def test_a_saved_file_holds_no_pose(studio: Any, tmp_path: Path) -> None:
    studio.head(["jawOpen"])
    sliders().jawOpen = 0.6
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    assert value("jawOpen") == 0.0
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    assert value("jawOpen") == 0.0


def test_an_undo_ends_the_pose(studio: Any) -> None:
    studio.head(["jawOpen"])
    bpy.ops.ed.undo_push(message="before")
    sliders().jawOpen = 0.6
    bpy.ops.ed.undo_push(message="something else")
    bpy.ops.ed.undo()
    assert value("jawOpen") == 0.0
    assert not values_of(sliders())["jawOpen"]


def test_a_bake_is_written_to_the_face_as_it_was_before_the_pose(
    studio: Any, perform: Callable[..., Performance]
) -> None:
    studio.head(["jawOpen", "jawLeft"])
    sliders().jawOpen = 0.6
    posing.end(bpy.context.scene)
    write_performance(active_character(bpy.context), perform({"jawLeft": (0.1, 0.2, 0.3)}))
    bpy.context.scene.frame_set(20)
    assert (value("jawOpen"), value("jawLeft")) == (0.0, 0.2)


def test_the_pose_is_keyed_on_the_current_frame(studio: Any) -> None:
    studio.head(["jawOpen", "jawLeft"])
    scene = bpy.context.scene
    with pytest.raises(RuntimeError, match="Nothing is posed"):
        bpy.ops.facial_retarget.key_pose()
    for frame, opened in ((5, 0.2), (15, 0.8)):
        scene.frame_set(frame)
        sliders().jawOpen = opened
        assert bpy.ops.facial_retarget.key_pose() == {"FINISHED"}
    scene.frame_set(5)
    assert (value("jawOpen"), value("jawLeft")) == (0.2, 0.0)
    scene.frame_set(15)
    assert value("jawOpen") == 0.8


def test_a_deleted_character_is_no_problem(studio: Any) -> None:
    head = studio.head(["jawOpen"])
    sliders().jawOpen = 0.6
    bpy.data.objects.remove(head)
    posing.end()
    assert not posing.is_posed(find_character(studio.head(["jawOpen"])))
