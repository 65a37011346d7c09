"""Materials whose colours are painted at the vertices, the same in every engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import bpy
from bpy.types import Material, NodeSocket

COLORS: Final = "Color"  # the attribute that holds the painted colours


@dataclass(frozen=True)
class Surface:
    """How a surface takes the light; mottling, 0 to 1, belongs to skin."""

    roughness: float
    specular: float
    mottling: float = 0.0


SKIN: Final = Surface(0.46, 0.4, mottling=0.5)
EYE: Final = Surface(0.05, 0.5)
TOOTH: Final = Surface(0.22, 0.5)
TONGUE: Final = Surface(0.35, 0.5)
HAIR: Final = Surface(0.6, 0.15)
CLOTH: Final = Surface(0.85, 0.2)

_BLOTCHES: Final = 12.0  # over a head's width
_FLUSHED: Final = (1.0, 0.80, 0.76, 1.0)


def painted(name: str, surface: Surface, mean: Sequence[float]) -> Material:
    """Make a material that takes its colour from the vertices; mean: linear RGB of all."""
    material, shader = _principled(name, surface, mean)
    nodes, links = material.node_tree.nodes, material.node_tree.links
    color: Any = nodes.new("ShaderNodeVertexColor")
    color.layer_name = COLORS
    source: NodeSocket = color.outputs["Color"]
    if surface.mottling:
        source = _mottled(material, source, surface.mottling)
    links.new(source, shader.inputs["Base Color"])
    return material


def plain(name: str, surface: Surface, color: Sequence[float]) -> Material:
    """Make a material of one linear RGB colour."""
    material, shader = _principled(name, surface, color)
    shader.inputs["Base Color"].default_value = (*color, 1.0)
    return material


def _principled(name: str, surface: Surface, color: Sequence[float]) -> tuple[Material, Any]:
    material: Any = bpy.data.materials.new(name)
    material.diffuse_color = (*color, 1.0)  # what the viewport shows in Solid mode
    material.roughness = surface.roughness
    if material.node_tree is None:  # since 5.0 every material has one
        material.use_nodes = True
    shader: Any = next(n for n in material.node_tree.nodes if n.type == "BSDF_PRINCIPLED")
    shader.inputs["Roughness"].default_value = surface.roughness
    shader.inputs["Specular IOR Level"].default_value = surface.specular
    return material, shader


def _mottled(material: Material, color: NodeSocket, strength: float) -> NodeSocket:
    """Redden a colour in soft blotches, as blood does; they stay with the skin as it moves."""
    nodes, links = material.node_tree.nodes, material.node_tree.links
    place, noise, amount, mix = (
        cast(Any, nodes.new(f"ShaderNode{kind}"))
        for kind in ("TexCoord", "TexNoise", "Math", "MixRGB")
    )
    noise.inputs["Scale"].default_value = _BLOTCHES
    amount.operation = "MULTIPLY"
    amount.inputs[1].default_value = strength
    mix.blend_type = "MULTIPLY"
    mix.inputs["Color2"].default_value = _FLUSHED
    links.new(place.outputs["Generated"], noise.inputs["Vector"])
    links.new(noise.outputs["Fac"], amount.inputs[0])
    links.new(amount.outputs["Value"], mix.inputs["Fac"])
    links.new(color, mix.inputs["Color1"])
    mottled: NodeSocket = mix.outputs["Color"]
    return mottled
