"""A live voice in the scene: what a worker hears is shown at once, kept, and put back."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from facial_retarget.blender.headless import ensure_registered
from facial_retarget.blender.jobs import current
from facial_retarget.blender.live import session as live
from facial_retarget.blender.live.face import LiveFace
from facial_retarget.blender.live.properties import live_of
from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.layers import layers
from facial_retarget.blender.scene.write import write_performance
from facial_retarget.core.channels import VISEME_CHANNELS
from facial_retarget.core.errors import CharacterError, JobError, MappingError
from facial_retarget.core.performance import Performance
from facial_retarget.worker import LIVE_FILE

CHANNELS = ("jawOpen", "browInnerUp", *VISEME_CHANNELS)


class Voice:
    """A job that hears what a test says."""

    title = "Live Voice"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.request: dict[str, Any] = {}
        self.problem: str | None = None
        self.has_ended = self.is_closed = False
        self._time = 0.0

    def say(self, jaw: float, delay: float = 0.1, aa: float = 0.0) -> None:
        """Write a frame, of a sound that was heard some time ago."""
        file = self.folder / LIVE_FILE
        if not file.is_file():
            file.write_text(json.dumps(CHANNELS) + "\n")
        visemes = [0.0] * len(VISEME_CHANNELS)
        visemes[VISEME_CHANNELS.index("viseme_aa")] = aa
        row = [self._time, time.time() - delay, jaw, 0.5, *visemes]
        self._time += 0.02
        with file.open("a") as out:
            out.write(json.dumps(row) + "\n")

    def poll(self) -> bool:
        return self.has_ended

    def check(self) -> None:
        if self.problem:
            raise JobError(self.problem)

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def voice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Voice]:
    ensure_registered()
    said = Voice(tmp_path)

    def start(_title: str, request: dict[str, Any], supply: object = None) -> Voice:
        said.request = request
        return said

    monkeypatch.setattr(current, "process", SimpleNamespace(Job=start))
    yield said
    live.stop()


def start() -> live.Session:
    return live.start(bpy.context.object, bpy.context.scene)


def value(head: bpy.types.Object, key: str = "jawOpen") -> float:
    return round(head.data.shape_keys.key_blocks[key].value, 3)


def shown_jaw(head: bpy.types.Object) -> float:
    """How far the jaw's key moves the mesh as it is drawn, of 1."""
    graph = bpy.context.evaluated_depsgraph_get()
    moved = head.evaluated_get(graph).data.vertices[2].co.z
    return round((head.data.vertices[2].co.z - moved) / 0.01, 2)


def test_the_newest_frame_is_shown_at_once(studio: Any, voice: Voice) -> None:
    head = studio.head(["jawOpen", "browInnerUp"])
    start()
    voice.say(0.2)
    voice.say(0.7)
    assert live.tick()
    assert (value(head), value(head, "browInnerUp")) == (0.7, 0.5)


def test_half_a_line_waits_for_its_end(studio: Any, voice: Voice) -> None:
    head = studio.head(["jawOpen"])
    start()
    voice.say(0.2)
    file = voice.folder / LIVE_FILE
    whole = file.read_bytes()
    voice.say(0.7)
    line = file.read_bytes()[len(whole) :]
    file.write_bytes(whole + line[:10])
    live.tick()
    assert value(head) == 0.2
    file.write_bytes(whole + line)
    live.tick()
    assert value(head) == 0.7


def test_latency_is_measured_from_the_sound_to_the_value(studio: Any, voice: Voice) -> None:
    studio.head(["jawOpen"])
    running = start()
    assert running.latency is None
    for _ in range(5):
        voice.say(0.5, delay=0.1)
    live.tick()
    assert running.latency == pytest.approx(0.1, abs=0.05)


def test_layers_and_playback_do_not_hide_it(
    studio: Any, voice: Voice, perform: Callable[..., Performance]
) -> None:
    head = studio.head(["jawOpen"])
    write_performance(find_character(head), perform())
    bpy.context.scene.frame_set(20)
    assert shown_jaw(head) == 0.8
    start()
    voice.say(0.3)
    live.tick()
    assert shown_jaw(head) == 0.3
    bpy.context.scene.frame_set(21)
    assert shown_jaw(head) == 0.3
    live.stop()
    bpy.context.scene.frame_set(20)
    assert shown_jaw(head) == 0.8


def test_after_the_stop_the_face_is_as_it_was(studio: Any, voice: Voice) -> None:
    head = studio.head(["jawOpen", "browInnerUp"])
    head.data.shape_keys.key_blocks["jawOpen"].value = 0.25
    start()
    voice.say(0.9)
    live.tick()
    assert bpy.ops.facial_retarget.stop_live() == {"FINISHED"}
    assert (value(head), value(head, "browInnerUp")) == (0.25, 0.0)
    assert voice.is_closed
    assert current.running() is None
    assert layers(find_character(head)) == []
    assert not bpy.app.handlers.frame_change_post
    assert not bpy.ops.facial_retarget.stop_live.poll()


def test_what_was_recorded_is_a_layer_from_where_it_was_started(studio: Any, voice: Voice) -> None:
    head = studio.head(["jawOpen", "browInnerUp"])
    live_of(bpy.context.scene).record = True
    for take in (1, 2):
        bpy.context.scene.frame_set(101)
        start()
        for number in range(50):
            voice.say(0.6 if number < 25 else 0.1)
        live.tick()
        assert live.stop()
        told = current.last_message()
        assert told.startswith(f"Recorded as the layer 'Live Voice {take}': 24 frames")
        (voice.folder / LIVE_FILE).unlink()
    names = [layer.name for layer in layers(find_character(head))]
    assert names[:2] == ["Live Voice 2", "Live Voice 1"]
    assert set(names[2:]) == {"Live Voice 1 upper face", "Live Voice 2 upper face"}
    bpy.context.scene.frame_set(108)
    assert value(head) == 0.6
    bpy.context.scene.frame_set(120)
    assert value(head) == 0.1


def test_a_mouth_of_visemes_speaks_too(studio: Any, voice: Voice) -> None:
    head = studio.head(tuple("ABCDEFGHX"))
    start()
    voice.say(0.6, aa=0.8)
    live.tick()
    assert value(head, "D") == 0.8


def test_a_drawn_mouth_shows_one_shape_at_a_time(studio: Any, voice: Voice) -> None:
    head = studio.head(tuple("ABCDEFGHX"))
    bpy.context.scene.facial_retarget.speech.style = "STEPPED"
    start()
    voice.say(0.6, aa=0.8)
    live.tick()
    assert [key for key in "ABCDEFGHX" if value(head, key)] == ["D"]
    assert value(head, "D") == 1.0


@pytest.mark.parametrize("record", [False, True])
def test_a_microphone_that_is_gone_is_one_sentence_and_nothing_is_lost(
    record: bool, studio: Any, voice: Voice
) -> None:
    head = studio.head(["jawOpen"])
    live_of(bpy.context.scene).record = record
    start()
    for _ in range(10):
        voice.say(0.5)
    live.tick()
    voice.has_ended, voice.problem = True, "The microphone is gone. Plug it in again."
    assert not live.tick()
    assert current.last_message().startswith(voice.problem)
    assert ("Recorded as the layer" in current.last_message()) == record
    assert len(layers(find_character(head))) == record
    assert live.session() is None


def test_a_microphone_that_gives_nothing_is_a_sentence(
    studio: Any, voice: Voice, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.head(["jawOpen"])
    start()
    voice.say(0.5)
    live.tick()
    monkeypatch.setattr(live, "_LONGEST_SILENCE", -1.0)
    assert not live.tick()
    assert "The microphone gives no sound any more" in current.last_message()


def test_keys_that_drivers_decide_are_said(studio: Any, voice: Voice) -> None:
    head = studio.head(["jawOpen", "browInnerUp"])
    assert LiveFace(find_character(head)).driven == ()
    head.data.shape_keys.key_blocks["jawOpen"].driver_add("value").driver.expression = "0.5"
    assert LiveFace(find_character(head)).driven == ("jawOpen",)
    assert bpy.ops.facial_retarget.start_live() == {"FINISHED"}


def test_a_character_that_is_deleted_ends_it(studio: Any, voice: Voice) -> None:
    head = studio.head(["jawOpen"])
    start()
    voice.say(0.5)
    mesh = head.data
    bpy.data.objects.remove(head)
    bpy.data.meshes.remove(mesh)
    assert not live.tick()
    assert current.running() is None
    assert "its character was deleted" in current.last_message()


def test_an_undo_does_not_end_it(studio: Any, voice: Voice) -> None:
    studio.head(["jawOpen"])
    bpy.ops.ed.undo_push(message="Character")
    bpy.data.objects["Head_geo"].location.x = 1.0
    bpy.data.objects["Head_geo"].data.shape_keys.key_blocks["jawOpen"].slider_max = 2.0
    bpy.ops.ed.undo_push(message="Moved")
    start()
    voice.say(0.3)
    live.tick()
    bpy.ops.ed.undo()
    voice.say(0.7)
    assert live.tick()
    head = bpy.data.objects["Head_geo"]
    assert (head.location.x, value(head)) == (0.0, 0.7)
    live.stop()
    assert value(head) == 0.0


def test_a_key_that_is_deleted_is_left_out(studio: Any, voice: Voice) -> None:
    head = studio.head(["jawOpen", "browInnerUp"])
    start()
    head.shape_key_remove(head.data.shape_keys.key_blocks["browInnerUp"])
    voice.say(0.5)
    assert live.tick()
    assert value(head) == 0.5


def test_another_file_ends_it(studio: Any, voice: Voice) -> None:
    studio.head(["jawOpen"])
    start()
    voice.say(0.5)
    live.tick()
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    assert live.session() is None
    assert voice.is_closed
    assert not live.tick()
    bpy.context.scene.frame_set(5)


def test_one_at_a_time_and_the_reason_is_said(studio: Any, voice: Voice) -> None:
    studio.head(["jawOpen"])
    assert bpy.ops.facial_retarget.start_live() == {"FINISHED"}
    assert not bpy.ops.facial_retarget.start_live.poll()
    assert not bpy.ops.facial_retarget.bake_voice.poll()
    assert current.busy_reason().startswith("Live Voice is running.")


def test_a_character_that_cannot_speak_is_a_sentence(studio: Any, voice: Voice) -> None:
    studio.head(["noseSneerLeft"])
    with pytest.raises(MappingError, match="no shape key that a voice could move"):
        start()
    assert current.running() is None


def test_a_linked_character_is_a_sentence(studio: Any, voice: Voice, tmp_path: Path) -> None:
    library = studio.library(tmp_path / "chr.blend")
    with bpy.data.libraries.load(str(library), link=True) as (_source, target):
        target.objects = ["Head_geo"]
    head = bpy.data.objects["Head_geo"]
    bpy.context.scene.collection.objects.link(head)
    bpy.context.view_layer.objects.active = head
    with pytest.raises(CharacterError, match="Head_geo is linked and cannot be moved"):
        start()
    assert current.running() is None


def test_the_microphone_and_the_options_reach_the_worker(studio: Any, voice: Voice) -> None:
    studio.head(["jawOpen"])
    scene = bpy.context.scene
    live_of(scene).device = "plughw:1,0"
    scene.facial_retarget.speech.jaw = 1.5
    start()
    assert (voice.request["job"], voice.request["device"]) == ("speak_live", "plughw:1,0")
    assert voice.request["speech"]["jaw"] == 1.5
