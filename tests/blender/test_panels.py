"""Every panel of the Face tab can be drawn, in every state, with what Blender really has."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import numpy as np
import pytest

from facial_retarget.blender.character.lookup import active_character
from facial_retarget.blender.character.setup import keep_found
from facial_retarget.blender.character.view import show, view_of
from facial_retarget.blender.headless import ensure_registered
from facial_retarget.blender.jobs import current
from facial_retarget.blender.live import session
from facial_retarget.blender.live.properties import TITLE
from facial_retarget.blender.registration import CLASSES
from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.shape_record import ShapeRecord, keep_landmarks
from facial_retarget.blender.scene.write import write_performance
from facial_retarget.blender.video.faces import forget_faces, keep_faces
from facial_retarget.blender.video.properties import video_of
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.performance import Performance
from facial_retarget.core.retarget import Mapping, MappingRow
from facial_retarget.core.shapes.mesh_landmarks import MeshLandmarks
from facial_retarget.worker import FACES_FILE, Status

ICONS = set(bpy.types.UILayout.bl_rna.functions["label"].parameters["icon"].enum_items.keys())
PANELS = [cls for cls in CLASSES if issubclass(cls, bpy.types.Panel)]


class Layout:
    """Takes what a panel draws and checks it against Blender's data. `drawn`: every text."""

    def __init__(self, drawn: list[str] | None = None) -> None:
        self.drawn: list[str] = [] if drawn is None else drawn

    def _part(self, **_: object) -> "Layout":
        return Layout(self.drawn)

    row = column = split = grid_flow = _part

    def label(self, text: str = "", icon: str = "NONE") -> None:
        assert icon in ICONS
        self.drawn.append(text)

    def prop(self, data: Any, name: str, icon: str = "NONE", **_: object) -> None:
        assert icon in ICONS
        self.drawn.append(data.bl_rna.properties[name].name)

    def prop_enum(self, data: Any, name: str, value: str) -> None:
        self.drawn.append(data.bl_rna.properties[name].enum_items[value].name)

    def operator(self, idname: str, text: str = "", icon: str = "NONE", **_: object) -> Any:
        assert icon in ICONS
        operator = getattr(getattr(bpy.ops, idname.split(".", maxsplit=1)[0]), idname.split(".")[1])
        self.drawn.append(text or operator.get_rna_type().name)
        return SimpleNamespace()

    def menu(self, menu: str, icon: str = "NONE") -> None:
        assert icon in ICONS
        getattr(bpy.types, menu).draw(SimpleNamespace(layout=self), bpy.context)

    def template_list(self, kind: str, _id: str, data: Any, name: str, *_: Any, **__: Any) -> None:
        drawer = getattr(bpy.types, kind)
        for item in getattr(data, name):
            drawer.draw_item(None, bpy.context, Layout(self.drawn), data, item, 0, data, "", 0, 0)
            self.drawn.append(item.name)

    def progress(self, factor: float, text: str) -> None:
        self.drawn.append(f"{factor:.0%} {text}")

    def template_icon(self, icon_value: int, scale: float) -> None:
        self.drawn.append(f"icon {icon_value}")

    def separator(self) -> None:
        pass


@pytest.fixture(autouse=True)
def _registered() -> None:
    ensure_registered()


def drawn(*, pops_up: bool = False) -> list[str]:
    """Draw the whole tab, in the sidebar or with no region as a pop-up is, and return all texts."""
    layout = Layout()
    context: Any = SimpleNamespace(
        object=bpy.context.object,
        scene=bpy.context.scene,
        window_manager=bpy.context.window_manager,
        region=None if pops_up else SimpleNamespace(width=300),
        preferences=SimpleNamespace(system=SimpleNamespace(ui_scale=1.0)),
    )
    for panel in PANELS:
        poll = getattr(panel, "poll", None)
        if poll is None or poll(context):
            shell: Any = SimpleNamespace(layout=layout, group=getattr(panel, "group", ""))
            shell.draw_options = lambda *args, panel=panel, shell=shell: panel.draw_options(
                shell, *args
            )
            panel.draw(shell, context)
    return layout.drawn


def test_without_a_character_the_tab_says_what_to_select(studio: Any) -> None:
    bpy.context.view_layer.objects.active = None
    assert "No object is active. Select a head:" in " ".join(drawn())


def test_a_character_is_described(studio: Any) -> None:
    studio.rigged(["jawOpen", "eyeBlinkLeft", "eyeBlinkRight"])
    show(bpy.context.scene, active_character(bpy.context))
    texts = drawn()
    assert {"Head_geo", "3 of 52 ARKit keys", "With Teeth", "Head: head"} <= set(texts)
    assert "Bake Video" in texts
    assert "3 exact · 49 missing" in texts


def test_the_mapping_shows_every_row_and_the_note_of_the_active_one(studio: Any) -> None:
    studio.head(["jawOpen", "corrective_17"])
    show(bpy.context.scene, active_character(bpy.context))
    shown = view_of(bpy.context.scene)
    for number in range(len(shown.rows)):
        shown.active_row = number
        texts = drawn()
        assert {row.name for row in shown.rows} <= set(texts)
    assert "tongueOut drives no control." in texts
    assert "Control" in texts
    shown.rows[0].source = "jawOpne"
    shown.active_row = 0
    assert "'jawOpne' is not a channel" in " ".join(drawn())


def test_what_was_understood_is_shown_with_how_sure_it_is(studio: Any) -> None:
    character = find_character(studio.head(["Key 1", "Key 2"]))
    rows = (
        MappingRow("Key 1", (("jawOpen", 0.8),), how="shape", confidence=0.93),
        MappingRow("Key 2", (("cheekPuff", 1.0),), how="shape", confidence=0.41),
    )
    keep_found(character, Mapping(rows))
    show(bpy.context.scene, character)
    texts = drawn()
    assert {"Understand Rig", "Unsure", "Worst First", "jawOpen", "93%", "41%"} <= set(texts)
    assert "2 of 52 ARKit channels" in texts
    assert "2 by shape · 50 missing" in texts


def test_every_channel_has_a_slider_to_pose_the_face(studio: Any) -> None:
    studio.head()
    assert {"Reset", "Key", "Save Expression", *ARKIT_CHANNELS} <= set(drawn())


def test_a_mouth_for_a_voice_is_told_in_the_table(studio: Any) -> None:
    studio.head(tuple("ABCDEFGHX"))
    show(bpy.context.scene, active_character(bpy.context))
    view_of(bpy.context.scene).active_row = 3
    texts = drawn()
    assert "voice: viseme_aa" in texts
    assert "With a voice: viseme_aa" in " ".join(texts)


def test_chosen_targets_can_be_named(studio: Any) -> None:
    studio.rigged()
    show(bpy.context.scene, active_character(bpy.context))
    shown = view_of(bpy.context.scene)
    shown.head.choice = shown.gaze.choice = "CHOSEN"
    assert {"Target", "Left", "Right"} <= set(drawn())


def test_layers_are_listed(studio: Any, perform: Callable[..., Performance]) -> None:
    studio.head()
    show(bpy.context.scene, active_character(bpy.context))
    assert "Each bake becomes a layer here." in drawn()
    write_performance(active_character(bpy.context), perform(name="take3.mp4"))
    show(bpy.context.scene, active_character(bpy.context))
    assert {"take3.mp4", "Export Face Animation"} <= set(drawn())


def test_a_panel_that_pops_up_tells_the_same(studio: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.head()
    monkeypatch.setattr(current._slot, "title", "Bake Video")
    monkeypatch.setattr(current._slot, "message", "96 frames, 48 keys animated")
    assert "96 frames, 48 keys" in " ".join(drawn(pops_up=True))


def test_a_running_job_takes_the_place_of_its_button(
    studio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.head()
    job = SimpleNamespace(title="Bake Video", status=Status("Tracking the face", 50, 200, 2.0))
    monkeypatch.setattr(current, "running", lambda: job)
    texts = drawn()
    assert "Bake Video: Tracking the face" in texts
    assert "25% 50 of 200 · 25 a second · 6 s left" in texts
    assert "Bake Video" not in texts


def test_a_job_is_shown_where_it_was_started(studio: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.head()
    job = SimpleNamespace(title="Generate Shape Keys", status=Status("Finding the face", 1, 4))
    monkeypatch.setattr(current, "running", lambda: job)
    texts = drawn()
    assert texts.count("Generate Shape Keys: Finding the face") == 1
    assert "Bake Video" in texts
    monkeypatch.setattr(current, "running", lambda: None)
    monkeypatch.setattr(current._slot, "title", "Generate Shape Keys")
    monkeypatch.setattr(current._slot, "message", "52 shape keys on Head")
    assert drawn().count("52 shape keys on Head") == 1


def test_a_face_without_keys_can_be_given_them(studio: Any) -> None:
    studio.head([])
    texts = drawn()
    assert "Head_geo" in texts
    assert "No shape keys yet." in " ".join(texts)
    assert "Generate Shape Keys" in texts
    assert "Show Face Landmarks" in texts


def test_the_least_sure_shape_is_shown_first(studio: Any) -> None:
    face = studio.head()
    points = np.zeros((468, 3), np.float32)
    keep_landmarks(face, MeshLandmarks(points, points[:, 0]))
    ShapeRecord(confidence={"jawOpen": 0.9, "mouthPressLeft": 0.42}).keep(face)
    texts = drawn()
    assert [text for text in texts if text.endswith(("0.90", "0.42"))] == [
        "42% mouthPressLeft  0.42",
        "90% jawOpen  0.90",
    ]
    assert {"Show Face Landmarks", "Reset Face Landmarks"} <= set(texts)


def test_all_options_can_be_shown(studio: Any) -> None:
    studio.head()
    settings = bpy.context.scene.facial_retarget
    settings.video.calibration, settings.video.smoothing = "frame", "off"
    options = set(drawn())
    settings.video.smoothing = "one_euro"
    options |= set(drawn())
    for group in (settings.video, settings.generate):
        assert names_of(group) <= options
    settings.performance.source = "VOICE"
    assert names_of(settings.speech) <= set(drawn())


def names_of(group: Any) -> set[str]:
    """The names of a group's options."""
    properties = group.bl_rna.properties
    return {p.name for p in properties if p.identifier not in {"rna_type", "name"}}


def test_each_source_shows_its_own_button_and_parts(studio: Any) -> None:
    studio.head()
    performance = bpy.context.scene.facial_retarget.performance
    texts = drawn()
    assert "Bake Video" in texts and "Bake Voice" not in texts
    performance.source = "VOICE"
    texts = drawn()
    assert "Bake Voice" in texts and "Bake Video" not in texts
    assert "Natural" in texts
    performance.source = "FILE"
    texts = drawn()
    assert "Bake Capture File" in texts and "Bake Voice" not in texts
    assert names_of(bpy.context.scene.facial_retarget.capture_file) - {"Sound", "Time"} <= set(
        texts
    )
    performance.source = "CHARACTER"
    texts = drawn()
    assert {"Copy Face", "Character", "Action", "Frames", "Regions"} <= set(texts)
    performance.source = "LIVE"
    texts = drawn()
    assert "Start Live Voice" in texts and "Bake Voice" not in texts
    assert names_of(bpy.context.scene.facial_retarget.live) <= set(texts)


def test_a_live_voice_shows_its_end_and_how_late_it_is(
    studio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.head()
    bpy.context.scene.facial_retarget.performance.source = "LIVE"
    job = SimpleNamespace(title=TITLE, status=Status("Listening"))
    monkeypatch.setattr(current._slot, "job", job)
    monkeypatch.setattr(current._slot, "title", TITLE)
    monkeypatch.setattr(session, "session", lambda: SimpleNamespace(latency=0.128))
    texts = drawn()
    assert "Stop Live Voice" in texts and "Start Live Voice" not in texts
    assert "the face is 128 ms behind the voice" in " ".join(texts)


def test_the_faces_found_can_be_chosen(studio: Any, tmp_path: Path) -> None:
    studio.head()
    video_of(bpy.context.scene).filepath = "//two.mp4"
    np.save(tmp_path / FACES_FILE, np.full((2, 96, 96, 3), 128, np.uint8))
    assert keep_faces("//two.mp4", 0.0, tmp_path) == 2
    assert {"1", "2"} <= set(drawn())
    video_of(bpy.context.scene).filepath = "//other.mp4"
    assert not {"1", "2"} & set(drawn())
    forget_faces()


def test_every_property_and_operator_has_a_tooltip() -> None:
    for cls in CLASSES:
        if issubclass(cls, bpy.types.Operator):
            assert cls.bl_description, cls
            assert not cls.bl_description.endswith("."), cls
    settings = bpy.context.scene.facial_retarget
    for group in (
        settings.video,
        settings.speech,
        settings.capture_file,
        settings.source_character,
        settings.generate,
    ):
        properties = group.bl_rna.properties
        assert all(p.description for p in properties if p.identifier not in {"rna_type", "name"})
