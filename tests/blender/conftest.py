"""What the tests in Blender share: an empty scene for each, and characters to work on."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import bpy
import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS, side_of
from facial_retarget.core.clip import Gaze, HeadMotion, Marker
from facial_retarget.core.performance import Curve, Performance, Summary


@pytest.fixture(autouse=True)
def _empty_scene() -> None:
    # read_factory_settings would switch the add-on off.
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)


class Studio:
    """Builds characters in the open scene. Heads look along -Y, 20 cm high, their neck at 0."""

    POINTS = {
        "left": (0.03, -0.08, 0.1),
        "right": (-0.03, -0.08, 0.1),
        "middle": (0.0, -0.08, 0.0),
        "back": (0.0, 0.08, 0.1),
        "top": (0.0, 0.0, 0.2),
        "neck": (0.0, 0.0, -0.02),
    }
    FACES = [(0, 1, 2), (0, 3, 4), (1, 3, 4), (2, 3, 5)]

    def mesh(self, name: str, keys: Iterable[str] = ()) -> bpy.types.Object:
        """A head with keys: each moves the point of its half of the face down by a centimetre."""
        data = bpy.data.meshes.new(name)
        data.from_pydata(list(self.POINTS.values()), [], self.FACES)
        obj = bpy.data.objects.new(name, data)
        bpy.context.scene.collection.objects.link(obj)
        for key in keys:
            self.key(obj, key)
        bpy.context.view_layer.update()
        return obj

    def key(self, obj: bpy.types.Object, name: str) -> bpy.types.ShapeKey:
        if obj.data.shape_keys is None:
            obj.shape_key_add(name="Basis")
        block = obj.shape_key_add(name=name)
        block.value = 0.0
        point = list(self.POINTS).index(side_of(name) or "middle")
        block.points[point].co.z -= 0.01
        return block

    def empty(self, name: str = "Character") -> bpy.types.Object:
        obj = bpy.data.objects.new(name, None)
        bpy.context.scene.collection.objects.link(obj)
        return obj

    def armature(
        self, name: str = "rig", bones: Sequence[str] = ("spine", "head")
    ) -> bpy.types.Object:
        """A chain of upright bones, 10 cm each, the last from the neck up."""
        obj = bpy.data.objects.new(name, bpy.data.armatures.new(name))
        bpy.context.scene.collection.objects.link(obj)
        bpy.context.view_layer.objects.active = obj
        bpy.ops.object.mode_set(mode="EDIT")
        parent = None
        for number, bone_name in enumerate(bones):
            bone = obj.data.edit_bones.new(bone_name)
            bone.head = (0, 0, 0.1 * (number + 1 - len(bones)))
            bone.tail = (0, 0, 0.1 * (number + 2 - len(bones)))
            bone.parent = parent
            parent = bone
        bpy.ops.object.mode_set(mode="OBJECT")
        return obj

    def head(self, keys: Iterable[str] = ARKIT_CHANNELS) -> bpy.types.Object:
        """A head alone."""
        head = self.mesh("Head_geo", keys)
        bpy.context.view_layer.objects.active = head
        return head

    def rigged(
        self, keys: Iterable[str] = ("jawOpen", "eyeBlinkLeft", "eyeBlinkRight")
    ) -> bpy.types.Object:
        """A head with teeth, both deformed by an armature that carries them."""
        rig = self.armature()
        head, teeth = self.mesh("Head_geo", keys), self.mesh("Teeth", ["jawOpen"])
        for obj in (head, teeth):
            obj.parent = rig
            obj.modifiers.new("Armature", "ARMATURE").object = rig
        bpy.context.view_layer.objects.active = head
        bpy.context.view_layer.update()
        return head

    def library(self, path: Path) -> Path:
        """Save a file with a rigged character in the collection CHR, and start afresh."""
        self.rigged()
        collection = bpy.data.collections.new("CHR")
        scene = bpy.context.scene
        for obj in list(scene.collection.objects):
            collection.objects.link(obj)
            scene.collection.objects.unlink(obj)
        scene.collection.children.link(collection)
        bpy.ops.wm.save_as_mainfile(filepath=str(path))
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        return path


@pytest.fixture
def studio() -> Studio:
    return Studio()


@pytest.fixture
def perform() -> Callable[..., Performance]:
    """Make a performance: controls with values on the frames 10, 20 and 30, and what is asked."""

    def make(
        values: dict[str, Sequence[float]] | None = None,
        *,
        name: str = "take3.mp4",
        head: Sequence[Sequence[float]] | None = None,
        ways: Sequence[Sequence[float]] | None = None,
        gaze: Sequence[Sequence[float]] | None = None,
        markers: tuple[Marker, ...] = (),
        frames: Sequence[float] = (10, 20, 30),
    ) -> Performance:
        values = {"jawOpen": (0.2, 0.8, 0.4)} if values is None else values
        at = np.asarray(frames, np.float32)
        ones = np.ones(len(at), np.float32)
        motion = head and HeadMotion(
            np.asarray(head, np.float32),
            np.asarray(ways if ways is not None else np.zeros((len(at), 3)), np.float32),
            ones,
        )
        both = gaze and np.repeat(np.asarray(gaze, np.float32)[:, None], 2, axis=1)
        return Performance(
            name=name,
            curves=tuple(
                Curve(control, at, np.asarray(keys, np.float32)) for control, keys in values.items()
            ),
            frames=at,
            head=motion or None,
            gaze=Gaze(both, np.stack([ones, ones], axis=1)) if both is not None else None,
            markers=markers,
            summary=Summary(len(at), 1.0, (), 0),
        )

    return make


@pytest.fixture
def ball() -> Callable[..., bpy.types.Object]:
    """Make a ball of 10 cm: 24 segments, 16 rings, quads, its poles along Z."""

    def make(
        name: str = "Head", radius: float = 0.1, at: Sequence[float] = (0, 0, 0), half: bool = False
    ) -> bpy.types.Object:
        around = np.linspace(0, np.pi if half else 2 * np.pi, 25)[: None if half else -1]
        # A half lies at +X, its open edge on the plane X = 0.
        around = around - np.pi / 2
        down = np.linspace(0.05, np.pi - 0.05, 17)
        grid = np.stack(
            [
                np.outer(np.sin(down), np.cos(around)),
                np.outer(np.sin(down), np.sin(around)),
                np.outer(np.cos(down), np.ones_like(around)),
            ],
            axis=2,
        )
        if half:
            grid[:, [0, -1], 0] = 0.0
        rows, columns = grid.shape[:2]
        numbers = np.arange(rows * columns).reshape(rows, columns)
        if not half:
            numbers = np.hstack([numbers, numbers[:, :1]])
        faces = np.stack(
            [numbers[:-1, :-1], numbers[1:, :-1], numbers[1:, 1:], numbers[:-1, 1:]], axis=2
        ).reshape(-1, 4)
        data = bpy.data.meshes.new(name)
        data.from_pydata((grid.reshape(-1, 3) * radius).tolist(), [], faces.tolist())
        obj = bpy.data.objects.new(name, data)
        obj.location = at
        bpy.context.scene.collection.objects.link(obj)
        bpy.context.view_layer.objects.active = obj
        bpy.context.view_layer.update()
        return obj

    return make
