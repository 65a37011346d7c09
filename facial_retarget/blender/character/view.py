"""The lists of the Face tab: copies, in the scene, of what belongs to the active character.

Blender draws and edits lists of properties only, while a mapping is saved as a text and layers
are NLA tracks. So the panel shows a copy. A stamp says of what; as soon as a panel is drawn with
an old one (another object, an undo, a renamed key), the copy is made afresh right after the draw.
"""

import contextlib
import hashlib
from collections.abc import Collection, Iterator
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import bpy

from ...core.channels import ARKIT_CHANNELS
from ...core.errors import MappingError
from ...core.retarget import (
    Control,
    MappingRow,
    drives_visemes,
    find_visemes,
    is_speech,
    speech_mapping,
)
from ..scene.character import Character, control_names
from ..scene.control_address import address_of
from ..scene.layers import layers, set_layer_influence, set_layer_mute
from . import PROPERTY
from .driving import Driving
from .lookup import active_character
from .setup import (
    GazeChoice,
    HeadChoice,
    gaze_target,
    head_target,
    mapping_of,
    may_show_more,
    names_of,
    remember,
    setup_of,
    traits_of,
    with_mapping,
)

if TYPE_CHECKING:
    from .properties import FacialCharacterView, FacialLayerRow, FacialMappingRow

_filling: list[bool] = []


def view_of(scene: bpy.types.Scene) -> "FacialCharacterView":
    """Return the lists of a scene."""
    view: FacialCharacterView = scene.facial_retarget.character  # type: ignore[attr-defined]
    return view


def is_current(scene: bpy.types.Scene, character: Character) -> bool:
    """Tell whether the lists show this character as it is now."""
    return bool(view_of(scene).stamp == _stamp(character))


def show(scene: bpy.types.Scene, character: Character) -> None:
    """Fill the lists with a character's mapping, targets and layers."""
    view = view_of(scene)
    setup = setup_of(character)
    with _being_filled():
        view.found = "\n".join(_described(character))
        _show_mapping(view, character)
        _show_layers(view, character)
        _copy(asdict(setup.head), view.head)
        _copy(asdict(setup.gaze), view.gaze)
        view.stamp = _stamp(character)


def is_being_filled() -> bool:
    """Tell whether a change of the lists is not the user's."""
    return bool(_filling)


def store_row(context: bpy.types.Context, row: "FacialMappingRow") -> None:
    """Save one edited row of the mapping; where it cannot be read, say so in the row."""
    try:
        terms, combine = Driving(row.source, row.gain).parsed()
    except MappingError as error:
        row.problem = str(error)
        return
    row.problem = ""
    store_mapping_row(context, MappingRow(row.name, terms, combine, row.offset))


def store_missing(context: bpy.types.Context, row: "FacialMappingRow") -> None:
    """Let a channel that drove nothing drive the control that the user chose for it."""
    if row.control in names_of(active_character(context)):
        store_mapping_row(context, MappingRow(row.control, ((row.name, 1.0),)))


def store_mapping_row(context: bpy.types.Context, edited: MappingRow) -> None:
    """Save a row of the active character's mapping as the user's own."""
    character = active_character(context)
    mapping = mapping_of(character).replaced(edited)
    remember(character, with_mapping(setup_of(character), mapping))


def store_targets(context: bpy.types.Context, _group: bpy.types.PropertyGroup) -> None:
    """Save what the user chose for head and gaze."""
    view, character = view_of(context.scene), active_character(context)
    head = HeadChoice(**{name: getattr(view.head, name) for name in asdict(HeadChoice())})
    gaze = GazeChoice(**{name: getattr(view.gaze, name) for name in asdict(GazeChoice())})
    remember(character, replace(setup_of(character), head=head, gaze=gaze))


def store_layer(context: bpy.types.Context, row: "FacialLayerRow") -> None:
    """Give a layer the influence and the visibility of its row."""
    character = active_character(context)
    set_layer_influence(character, row.source, row.influence)
    set_layer_mute(character, row.source, not row.show)


def _stamp(character: Character) -> str:
    face, traits = character.face, "\n".join(traits_of(character))
    shown = f"{face.session_uid} {getattr(face, PROPERTY)} {traits} {layers(character)}"
    return hashlib.blake2b(shown.encode(), digest_size=8).hexdigest()


def _described(character: Character) -> Iterator[str]:
    """Say what of a face this character has."""
    covered = len(ARKIT_CHANNELS) - len(mapping_of(character).missing_channels())
    noun = "keys" if setup_of(character).found is None else "channels"
    yield f"{covered} of {len(ARKIT_CHANNELS)} ARKit {noun}"
    if visemes := find_visemes(names_of(character)):
        yield f"{len(visemes.keys)} keys of {visemes.set.name}"
    if character.companions:
        yield f"With {', '.join(mesh.name for mesh in character.companions)}"
    head, gaze = head_target(character), gaze_target(character)
    if head:
        yield f"Head: {head.bone or head.object}"
    if gaze:
        yield f"Eyes: {', '.join(eye.bone or eye.object for eye in (gaze.left, gaze.right))}"


def _show_mapping(view: "FacialCharacterView", character: Character) -> None:
    mapping = mapping_of(character)
    speech = speech_mapping(mapping)
    view.summary = mapping.summary()
    if drives_visemes(speech):
        visemes = sum(is_speech(row.channels) for row in speech.rows)
        view.summary += f" · {visemes} visemes for a voice"
    missing = mapping.missing_channels()
    if missing and may_show_more(character):
        view.summary += " · Understand Rig looks for those missing on the bones"
    _resize(view.rows, len(mapping.rows) + len(missing))
    named = frozenset(control_names(character))
    for row, shown in zip(view.rows, mapping.rows, strict=False):
        driving = Driving.of(shown)
        row.name, row.how, row.note = shown.control, shown.how, shown.note
        row.source, row.gain, row.offset = driving.source, driving.gain, shown.offset
        row.label, row.confidence = _label(shown.control, named), shown.confidence
        row.is_further = not shown.terms and shown.control not in named
        row.voice = _voice_of(shown, speech.row(shown.control))
        row.problem = row.control = ""
    for row, channel in zip(list(view.rows)[len(mapping.rows) :], missing, strict=True):
        row.name, row.how, row.note = channel, "missing", f"{channel} drives no control."
        row.label, row.confidence, row.is_further = channel, 0.0, False
        row.problem = row.control = row.source = row.voice = ""


def _label(control: str, shape_keys: Collection[str]) -> str:
    """Return what a person reads of a control."""
    if control in shape_keys:
        return control
    return Control(control, address_of(control).kind, 0.0, 0.0).label


def _voice_of(row: MappingRow, speech: MappingRow) -> str:
    """Say what a voice does with a control, where that is not what a face does."""
    if speech.terms == row.terms:
        return ""
    if not speech.terms:
        return f"{speech.note}."
    driving = Driving.of(speech)
    return driving.source if driving.gain == 1.0 else f"{driving.gain:.3g} ({driving.source})"


def _show_layers(view: "FacialCharacterView", character: Character) -> None:
    found = layers(character)
    _resize(view.layers, len(found))
    for row, layer in zip(view.layers, found, strict=True):
        row.name, row.source, row.locked = layer.name, layer.source, layer.locked
        row.influence, row.show = layer.influence, not layer.mute


def _resize(
    rows: "bpy.types.bpy_prop_collection_idprop[bpy.types.PropertyGroup]", count: int
) -> None:
    """Change a list from its end alone: a row that the user holds must stay where it is."""
    while len(rows) < count:
        rows.add()
    while len(rows) > count:
        rows.remove(len(rows) - 1)


def _copy(values: dict[str, object], group: bpy.types.PropertyGroup) -> None:
    for name, value in values.items():
        setattr(group, name, value)


@contextlib.contextmanager
def _being_filled() -> Iterator[None]:
    _filling.append(True)
    try:
        yield
    finally:
        _filling.pop()
