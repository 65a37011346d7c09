"""Where the demo's heads are filmed: camera, three lights and a soft background, in Cycles."""

from dataclasses import dataclass
from typing import Any, Final

import bpy
from bpy.types import ID, Object, Scene, World
from mathutils import Vector

_DISTANCE: Final = 1.05  # metres from the eyes to the camera
_LENS: Final = 130.0  # mm
_SENSOR: Final = 36.0  # mm, Blender's own
_AIM_BELOW_EYES: Final = 0.022  # metres: the eyes come to lie at the upper third
HEAD_ROOM: Final = _DISTANCE * _SENSOR / _LENS  # metres across, for each head
_BACKDROP: Final = ((0.115, 0.125, 0.14, 1.0), (0.03, 0.034, 0.04, 1.0))  # middle and corners
_AMBIENT: Final = (0.18, 0.20, 0.23, 1.0)
_AMBIENT_STRENGTH: Final = 0.6


@dataclass(frozen=True)
class _Light:
    """A square lamp; place: metres from the eyes; power: watts."""

    name: str
    place: tuple[float, float, float]
    power: float
    size: float
    color: tuple[float, float, float]


_LIGHTS: Final = (
    _Light("Key", (-0.5, -1.05, 0.32), 14.0, 0.36, (1.0, 0.95, 0.88)),
    _Light("Fill", (1.1, -0.85, 0.05), 3.2, 1.0, (0.88, 0.94, 1.0)),
    _Light("Rim", (0.65, 0.8, 0.5), 6.0, 0.4, (1.0, 0.97, 0.92)),
)


def set_stage(scene: Scene, eyes: Vector, size: int, heads: int = 1) -> None:
    """Light and frame heads side by side, the point between whose eyes is at `eyes`.

    Pictures are `size` pixels high and as wide for each head, which gets HEAD_ROOM of the stage.
    """
    camera = bpy.data.cameras.new("Camera")
    camera.lens = _LENS
    aim = eyes - Vector((0, 0, _AIM_BELOW_EYES))
    # From farther away, not with a wider lens: heads at the side are to be seen from the front.
    place = eyes + Vector((0, -_DISTANCE * heads, 0))
    scene.camera = _placed(scene, "Camera", camera, place, aim)
    for light in _LIGHTS:
        lamp: Any = bpy.data.lights.new(light.name, "AREA")
        lamp.energy, lamp.size, lamp.color = light.power, light.size, light.color
        _placed(scene, light.name, lamp, eyes + Vector(light.place), aim)
    scene.world = _world()
    _set_engine(scene, size, heads)


def _placed(scene: Scene, name: str, data: ID, place: Vector, aim: Vector) -> Object:
    obj = bpy.data.objects.new(name, data)
    obj.location = place
    obj.rotation_euler = (aim - place).to_track_quat("-Z", "Y").to_euler()
    scene.collection.objects.link(obj)
    return obj


def _world() -> World:
    """Make an even ambient light, which the camera sees as a backdrop that darkens outwards."""
    world: Any = bpy.data.worlds.new("Studio")
    if world.node_tree is None:  # since 5.0 every world has one
        world.use_nodes = True
    nodes, links = world.node_tree.nodes, world.node_tree.links
    nodes.clear()
    names = (
        "TexCoord",
        "VectorMath",
        "ValToRGB",
        "LightPath",
        "MixRGB",
        "Background",
        "OutputWorld",
    )
    place, distance, ramp, path, mix, light, output = (nodes.new(f"ShaderNode{n}") for n in names)
    distance.operation = "DISTANCE"
    distance.inputs[1].default_value = (0.5, 0.45, 0.0)
    for element, color in zip(ramp.color_ramp.elements, _BACKDROP, strict=True):
        element.color = color
    ramp.color_ramp.elements[1].position = 0.75
    mix.inputs["Color1"].default_value = [channel * _AMBIENT_STRENGTH for channel in _AMBIENT]
    links.new(place.outputs["Window"], distance.inputs[0])
    links.new(distance.outputs["Value"], ramp.inputs["Fac"])
    links.new(path.outputs["Is Camera Ray"], mix.inputs["Fac"])
    links.new(ramp.outputs["Color"], mix.inputs["Color2"])
    links.new(mix.outputs["Color"], light.inputs["Color"])
    links.new(light.outputs["Background"], output.inputs["Surface"])
    studio: World = world
    return studio


def _set_engine(scene: Scene, size: int, heads: int) -> None:
    """Choose few samples and a quick denoiser: a second a frame on two cores."""
    render: Any = scene.render
    cycles: Any = scene.cycles
    view: Any = scene.view_settings
    render.engine = "CYCLES"
    render.resolution_x, render.resolution_y = size * heads, size
    render.resolution_percentage = 100
    render.use_persistent_data = True
    cycles.device = "CPU"
    cycles.samples = 4
    cycles.use_adaptive_sampling = False
    cycles.use_denoising = True
    cycles.denoising_quality = cycles.denoising_prefilter = "FAST"
    cycles.use_light_tree = False
    cycles.max_bounces = 2
    cycles.caustics_reflective = cycles.caustics_refractive = False
    view.look = "AgX - Medium High Contrast"
    view.exposure = 0.35
