"""A line of text as pixels, drawn by Blender with its own font, in any script."""

import contextlib
from collections.abc import Iterator
from typing import Any, Final

import bpy
from bpy.types import Material, Scene

from .layout import Image
from .pixels import still_renderer

_LETTER_HEIGHT: Final = 0.42  # of the strip
_WIDEST: Final = 0.94  # of the strip
_SAMPLES: Final = 32


def draw_title(text: str, width: int, height: int) -> Image:
    """Return (height, width) coverage of the letters, 0 to 255; long texts are set smaller."""
    with _text_scene(text, width, height) as scene, still_renderer(scene) as render:
        return render()[..., 0]


@contextlib.contextmanager
def _text_scene(text: str, width: int, height: int) -> Iterator[Scene]:
    """Set a scene up in which one unit is the strip's height; it goes when the block ends."""
    scene = bpy.data.scenes.new("Title")
    letters: Any = bpy.data.curves.new("Title", "FONT")
    camera: Any = bpy.data.cameras.new("Title")
    material = _white()
    try:
        _set_render(scene, width, height)
        camera.type, camera.ortho_scale = "ORTHO", width / height
        scene.camera = bpy.data.objects.new("Title camera", camera)
        scene.camera.location = (0.0, 0.0, 1.0)
        line = bpy.data.objects.new("Title", letters)
        letters.body, letters.align_x, letters.align_y = text, "CENTER", "CENTER"
        letters.size = _LETTER_HEIGHT
        letters.materials.append(material)
        for obj in (scene.camera, line):
            scene.collection.objects.link(obj)
        scene.view_layers[0].update()
        letters.size *= min(_WIDEST * width / height / max(line.dimensions.x, 1e-6), 1.0)
        yield scene
    finally:
        bpy.data.batch_remove([*scene.objects, letters, camera, material, scene])


def _white() -> Material:
    material: Any = bpy.data.materials.new("Title")
    if material.node_tree is None:  # since 5.0 every material has one
        material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    light, output = nodes.new("ShaderNodeEmission"), nodes.new("ShaderNodeOutputMaterial")
    links.new(light.outputs["Emission"], output.inputs["Surface"])
    white: Material = material
    return white


def _set_render(scene: Scene, width: int, height: int) -> None:
    """Choose Cycles on the processor, which draws on machines without a graphics card too."""
    render: Any = scene.render
    cycles: Any = scene.cycles
    render.engine = "CYCLES"
    render.resolution_x, render.resolution_y, render.resolution_percentage = width, height, 100
    cycles.device, cycles.samples = "CPU", _SAMPLES
    cycles.use_denoising = cycles.use_adaptive_sampling = False
    view: Any = scene.view_settings
    view.view_transform = "Standard"
