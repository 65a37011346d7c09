"""The properties behind the lists of the Face tab."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)
from bpy.types import Context, PropertyGroup

from ...core.channels import ALL_CHANNELS
from ...core.errors import CharacterError
from ..lazy import LazyModule
from .lookup import active_character

if TYPE_CHECKING:
    from . import setup, view
else:
    setup, view = LazyModule(".setup", __package__), LazyModule(".view", __package__)

Update = Callable[[PropertyGroup, Context], None]

_CHOICES: Final = (
    ("AUTO", "Automatic", "What is found by its name"),
    ("CHOSEN", "Chosen", "A bone or an object of the character that you name"),
    ("OFF", "None", "Leave it out"),
)


def _stored(store: str) -> Update:
    """Return an update callback: what the user, and nobody else, changes is saved by view.py."""

    def update(group: PropertyGroup, context: Context) -> None:
        if not view.is_being_filled():
            getattr(view, store)(context, group)

    return update


_store_targets: Final = _stored("store_targets")


def _channels(_row: PropertyGroup, _context: Context, typed: str) -> list[str]:
    return [name for name in ALL_CHANNELS if typed.casefold() in name.casefold()]


def _controls(_row: PropertyGroup, context: Context, typed: str) -> list[str]:
    try:
        unmatched = setup.mapping_of(active_character(context)).unmatched
    except CharacterError:
        return []
    return [name for name in unmatched if typed.casefold() in name.casefold()]


def _joints(_group: PropertyGroup, context: Context, typed: str) -> list[str]:
    try:
        names = setup.joint_names(active_character(context))
    except CharacterError:
        return []
    return [name for name in names if typed.casefold() in name.casefold()]


class FacialMappingRow(PropertyGroup):
    """One line of the mapping's table: a control, or a channel that drives none ("missing")."""

    source: StringProperty(  # type: ignore[valid-type]
        name="Source",
        description=(
            "The channel that drives this control, or several: jawOpen + 0.5 mouthFunnel, "
            "max(eyeBlinkLeft, eyeBlinkRight). Empty leaves it alone"
        ),
        search=_channels,
        search_options={"SUGGESTION"},
        update=_stored("store_row"),
    )
    gain: FloatProperty(  # type: ignore[valid-type]
        name="Gain",
        description="How strongly the source moves this control",
        default=1.0,
        min=0.0001,
        soft_max=3.0,
        step=5,
        precision=3,
        update=_stored("store_row"),
    )
    offset: FloatProperty(  # type: ignore[valid-type]
        name="Offset",
        description="Added to the value of this control throughout",
        soft_min=-1.0,
        soft_max=1.0,
        step=1,
        update=_stored("store_row"),
    )
    control: StringProperty(  # type: ignore[valid-type]
        name="Control",
        description="Choose a shape key, bone or property that this channel is to drive",
        search=_controls,
        update=_stored("store_missing"),
    )
    label: StringProperty(name="Label")  # type: ignore[valid-type]
    confidence: FloatProperty(name="Confidence")  # type: ignore[valid-type]
    is_further: BoolProperty(name="Further")  # type: ignore[valid-type]
    voice: StringProperty(name="Voice")  # type: ignore[valid-type]
    how: StringProperty(name="Match")  # type: ignore[valid-type]
    note: StringProperty(name="Note")  # type: ignore[valid-type]
    problem: StringProperty(name="Problem")  # type: ignore[valid-type]


class FacialLayerRow(PropertyGroup):
    """One line of the layers."""

    source: StringProperty(name="Source")  # type: ignore[valid-type]
    locked: BoolProperty(name="Locked")  # type: ignore[valid-type]
    influence: FloatProperty(  # type: ignore[valid-type]
        name="Influence",
        description="How much of this layer is seen",
        subtype="FACTOR",
        default=1.0,
        min=0.0,
        max=1.0,
        update=_stored("store_layer"),
    )
    show: BoolProperty(  # type: ignore[valid-type]
        name="Show",
        description="Play this layer; off mutes its tracks",
        default=True,
        update=_stored("store_layer"),
    )


class FacialHeadChoice(PropertyGroup):
    """What the head motion goes to."""

    choice: EnumProperty(  # type: ignore[valid-type]
        name="Head",
        description="What the motion of the head turns",
        items=_CHOICES,
        update=_store_targets,
    )
    target: StringProperty(  # type: ignore[valid-type]
        name="Target",
        description="The bone or the object that the head motion turns",
        search=_joints,
        update=_store_targets,
    )
    rotation: FloatProperty(  # type: ignore[valid-type]
        name="Rotation",
        description="How much of the head's rotation is written",
        subtype="FACTOR",
        default=1.0,
        min=0.0,
        max=1.0,
        update=_store_targets,
    )
    translation: FloatProperty(  # type: ignore[valid-type]
        name="Translation",
        description="How much of the head's way through space is written",
        subtype="FACTOR",
        default=0.0,
        min=0.0,
        max=1.0,
        update=_store_targets,
    )


class FacialGazeChoice(PropertyGroup):
    """What the gaze goes to, beside shape keys."""

    choice: EnumProperty(  # type: ignore[valid-type]
        name="Eyes",
        description="What the gaze turns, where no shape keys do",
        items=_CHOICES,
        update=_store_targets,
    )
    left: StringProperty(  # type: ignore[valid-type]
        name="Left",
        description="The bone or the object of the character's left eye",
        search=_joints,
        update=_store_targets,
    )
    right: StringProperty(  # type: ignore[valid-type]
        name="Right",
        description="The bone or the object of the character's right eye",
        search=_joints,
        update=_store_targets,
    )
    influence: FloatProperty(  # type: ignore[valid-type]
        name="Influence",
        description="How far the eyes turn; 1 is as far as those of the person",
        subtype="FACTOR",
        default=1.0,
        min=0.0,
        max=1.0,
        update=_store_targets,
    )


class FacialCharacterView(PropertyGroup):
    """What the Face tab shows of the active character; view.py fills and saves it."""

    stamp: StringProperty()  # type: ignore[valid-type]
    found: StringProperty()  # type: ignore[valid-type]
    summary: StringProperty()  # type: ignore[valid-type]
    rows: CollectionProperty(type=FacialMappingRow)  # type: ignore[valid-type]
    active_row: IntProperty(name="Active Row")  # type: ignore[valid-type]
    unsure_only: BoolProperty(  # type: ignore[valid-type]
        name="Unsure",
        description="Show only what was guessed with little confidence, or found nothing",
    )
    worst_first: BoolProperty(  # type: ignore[valid-type]
        name="Worst First",
        description="Show the least sure matches at the top",
    )
    show_further: BoolProperty(  # type: ignore[valid-type]
        name="All Controls",
        description="Show bones and properties that nothing drives, too",
    )
    layers: CollectionProperty(type=FacialLayerRow)  # type: ignore[valid-type]
    head: PointerProperty(type=FacialHeadChoice)  # type: ignore[valid-type]
    gaze: PointerProperty(type=FacialGazeChoice)  # type: ignore[valid-type]


CLASSES: Final = (
    FacialMappingRow,
    FacialLayerRow,
    FacialHeadChoice,
    FacialGazeChoice,
    FacialCharacterView,
)
