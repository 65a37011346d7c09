"""A stranger's head comes in: from an .obj, a .glb, or the .blend of somebody else."""

from typing import Any, Final

import bpy

from .hands import OUT, Steps, check, click, screenshot, until, view_area
from .state import (
    ASSETS,
    CLIP,
    SETTLED,
    clear,
    finished,
    keys,
    module,
    remember,
    running,
    save,
)

_PICTURE_SIZE: Final = 432


def import_story() -> Steps:
    """Import a head that has no shape keys, and press the button without selecting anything."""
    clear()
    yield 0.5
    screenshot("01_nothing")
    write_heads()
    for suffix, importer in (("obj", bpy.ops.wm.obj_import), ("glb", bpy.ops.import_scene.gltf)):
        clear()
        importer(filepath=str((OUT / f"head.{suffix}").absolute()))
        remember("Import")
        frame_selected()
        yield 1.0
        active = bpy.context.view_layer.objects.active.name
        check(active != "Head", f"after the import of an .{suffix} {active} is active")
        screenshot(f"02_imported_{suffix}")
        yield from click("facial_retarget.generate_shape_keys")
        yield from until(running, "generating starts")
        yield from finished("generating")
        found = set(module("core.channels").ARKIT_CHANNELS) <= set(keys())
        check(found, f"the head of the .{suffix} has all 52 all the same")
        check(keys("Teeth"), "the teeth follow")
    yield SETTLED
    screenshot("03_imported_keys")


def write_heads() -> None:
    """Write the demo's head as .obj and .glb files, as another program would."""
    clear()
    build_head(0, keyed=False)
    bpy.ops.object.select_all(action="SELECT")
    bpy.ops.wm.obj_export(filepath=str((OUT / "head.obj").absolute()), export_selected_objects=True)
    bpy.ops.export_scene.gltf(filepath=str((OUT / "head.glb").absolute()), use_selection=True)


def open_head() -> None:
    """Put the demo's head into the scene, as a user would who opens a file with a new character."""
    clear()
    head = build_head(0, keyed=False)
    module("demo.stage").set_stage(bpy.context.scene, head.eyes, _PICTURE_SIZE)
    bpy.context.view_layer.objects.active = head.face
    module("blender.video.properties").video_of(bpy.context.scene).filepath = str(CLIP)
    view_area().spaces.active.shading.color_type = "VERTEX"
    view_area().spaces.active.overlay.show_overlays = False
    view_area().spaces.active.region_3d.view_perspective = "CAMERA"
    save("bare.blend")
    remember("Character")


def build_head(number: int, *, keyed: bool = True) -> Any:
    """Build one of the demo's characters; keyed: with shape keys that an artist made."""
    identity = list(module("demo.makehuman").identities().values())[number]
    return module("demo.head").build_head(bpy.context.scene, ASSETS, identity, keyed=keyed)


def frame_selected() -> None:
    """Look at what is selected from the front."""
    area = view_area()
    region = next(region for region in area.regions if region.type == "WINDOW")
    in_view: Any = bpy.context.temp_override(area=area, region=region)
    with in_view:
        bpy.ops.view3d.view_axis(type="FRONT")
        bpy.ops.view3d.view_selected()
