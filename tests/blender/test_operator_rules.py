"""How classes of an add-on are named, and what of it can be undone."""

import re
from collections.abc import Iterator

import bpy
import pytest

from facial_retarget.blender.registration import CLASSES

# These change nothing that is saved: a job is stopped, a file written, a microphone listened to.
WITHOUT_UNDO = {
    "cancel_job",
    "export_face",
    "list_faces",
    "reset_pose",
    "save_mapping",
    "start_live",
}
KINDS = {
    bpy.types.Operator: "OT",
    bpy.types.Panel: "PT",
    bpy.types.UIList: "UL",
    bpy.types.Menu: "MT",
    bpy.types.FileHandler: "FH",
}
OPERATORS = [each for each in CLASSES if issubclass(each, bpy.types.Operator)]


def of_kinds() -> Iterator[tuple[type, str]]:
    for each in CLASSES:
        yield from ((each, kind) for base, kind in KINDS.items() if issubclass(each, base))


@pytest.mark.parametrize(("each", "kind"), [*of_kinds()])
def test_classes_are_named_as_blender_wants_it(each: type, kind: str) -> None:
    assert re.fullmatch(rf"FACIAL_{kind}_[a-z0-9_]+", each.__name__)


@pytest.mark.parametrize("operator", OPERATORS)
def test_operators_are_named_described_and_undone(operator: type[bpy.types.Operator]) -> None:
    space, _, name = operator.bl_idname.partition(".")
    assert space == "facial_retarget"
    assert operator.__name__ == f"FACIAL_OT_{name}"
    assert operator.bl_description
    assert operator.bl_description[-1] != "."
    options = set(getattr(operator, "bl_options", ()))
    assert ("UNDO" in options) != (name in WITHOUT_UNDO)


def test_all_panels_are_in_one_tab() -> None:
    panels = [each for each in CLASSES if issubclass(each, bpy.types.Panel)]
    assert {panel.bl_category for panel in panels} == {"Face"}
    assert {panel.bl_space_type for panel in panels} == {"VIEW_3D"}
