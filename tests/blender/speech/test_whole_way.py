"""A real voice, heard by the real models in a worker of its own, on a character."""

import contextlib
import os
import signal
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from facial_retarget import cli
from facial_retarget.blender import compat
from facial_retarget.blender.jobs import current
from facial_retarget.blender.jobs.process import Job
from facial_retarget.blender.live import session as live
from facial_retarget.blender.live.properties import live_of
from facial_retarget.blender.performance.bake import plan_bake
from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.layers import layers
from facial_retarget.blender.speech.properties import speech_of
from facial_retarget.blender.speech.settings import settings_of
from facial_retarget.core.errors import Cancelled, JobError
from facial_retarget.core.progress import Progress

RATE = 16_000


@pytest.fixture(autouse=True)
def _speech_models(root: Path) -> None:
    names = ("recogniser", "visemes_mouth", "encoder", "features_mouth")
    if not all((root / "models" / f"speech_{name}.onnx").is_file() for name in names):
        pytest.skip("the models of speech are not there")


@pytest.fixture
def spoken(assets: Path) -> Path:
    """A person reads Dickens, 44 seconds."""
    path = assets / "voice" / "two_cities.wav"
    if not path.is_file():
        pytest.skip("build/assets/voice is not there: `make setup` gets it")
    return path


def write(path: Path, samples: np.ndarray) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def bake(sound: Path, end: float = 4.0) -> Any:
    speech_of(bpy.context.scene).end = end
    return bpy.ops.facial_retarget.bake_voice(filepath=str(sound))


def values(head: bpy.types.Object, key: str, last: int = 96) -> np.ndarray:
    block = head.data.shape_keys.key_blocks[key]
    seen = []
    for frame in range(1, last):
        bpy.context.scene.frame_set(frame)
        seen.append(block.value)
    return np.array(seen)


def names(head: bpy.types.Object) -> list[str]:
    return [layer.name for layer in layers(find_character(head))]


def test_a_voice_speaks_and_one_undo_takes_it_back(studio: Any, spoken: Path) -> None:
    head = studio.head()
    bpy.ops.ed.undo_push(message="before")
    assert bake(spoken) == {"FINISHED"}
    assert current.last_message().startswith("96 frames, ")
    assert names(head) == [spoken.name, f"{spoken.name} upper face"]
    jaw = values(head, "jawOpen")
    assert np.ptp(jaw) > 0.1
    assert np.all(values(head, "mouthClose") <= jaw + 1e-3)
    if compat.has_sound():
        (strip,) = compat.sequencer_strips(bpy.context.scene)
        assert (strip.name, compat.strip_span(strip)[0]) == (spoken.name, 1)
    bpy.ops.ed.undo_push(message="Bake Voice")
    bpy.ops.ed.undo()
    assert names(bpy.data.objects["Head_geo"]) == []


@pytest.mark.parametrize("keys", [tuple("ABCDEFGHX"), ("A", "I", "U", "E", "O")])
def test_drawn_mouths_change_one_at_a_time(
    keys: tuple[str, ...], studio: Any, spoken: Path
) -> None:
    head = studio.head(keys)
    speech_of(bpy.context.scene).style = "STEPPED"
    assert bake(spoken) == {"FINISHED"}
    shown = np.stack([values(head, key) for key in keys], axis=1)
    assert set(np.unique(shown)) <= {0.0, 1.0}
    assert shown.sum(axis=1).max() == 1.0
    changes = np.abs(np.diff(shown, axis=0)).max(axis=1).sum()
    assert 4 <= changes <= 4 * 12  # at most as often as a minimum hold of 80 ms lets them


@pytest.mark.parametrize(
    ("samples", "sentence"),
    [
        (np.zeros(0), "empty|sound"),
        (np.full(160, 0.1), "too little for a word"),
        (np.zeros(2 * RATE), "silent from beginning to end"),
    ],
)
def test_a_sound_that_holds_no_speech_is_a_sentence_and_changes_nothing(
    samples: np.ndarray, sentence: str, studio: Any, tmp_path: Path
) -> None:
    head = studio.head()
    with pytest.raises(RuntimeError, match=sentence):
        bake(write(tmp_path / "line.wav", samples))
    assert names(head) == []
    assert head.data.shape_keys.animation_data is None


def test_a_video_without_sound_is_a_sentence(studio: Any, carphone: Path) -> None:
    head = studio.head()
    with pytest.raises(RuntimeError, match="holds no sound"):
        bake(carphone)
    assert names(head) == []


def test_a_script_that_is_not_what_is_said_is_a_sentence(studio: Any, spoken: Path) -> None:
    head = studio.head()
    script = bpy.data.texts.new("Script")
    script.write("Zxqv " * 40)
    speech_of(bpy.context.scene).script = script
    with pytest.raises(RuntimeError, match=r"script|words|Zxqv|zxqv"):
        bake(spoken)
    assert names(head) == []


def test_a_wav2vec_file_that_is_none_is_a_sentence(
    studio: Any, spoken: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.onnx").write_bytes(b"no model")
    arguments = ["capture", str(spoken), "-o", str(tmp_path / "a.csv"), "--end", "2"]
    arguments += ["--method", "features", "--wav2vec", str(tmp_path / "own.onnx")]
    assert cli.main(arguments) == 1
    assert "own.onnx" in capfd.readouterr().err
    assert not (tmp_path / "a.csv").exists()


def job_of(spoken: Path) -> Job:
    scene = bpy.context.scene
    speech_of(scene).filepath = str(spoken)
    plan = plan_bake(bpy.context.object, scene, settings_of(scene))
    return Job("Bake Voice", plan.request)


def test_a_worker_that_is_killed_leaves_the_scene_alone(studio: Any, spoken: Path) -> None:
    head = studio.head()
    with job_of(spoken) as job:
        os.kill(job._process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        with pytest.raises(JobError, match="Bake Voice stopped unexpectedly"):
            job.wait()
    assert names(head) == []


def test_a_bake_that_is_stopped_ends_its_worker(studio: Any, spoken: Path) -> None:
    head = studio.head()

    def stop(_progress: Progress) -> None:
        raise Cancelled

    with job_of(spoken) as job, contextlib.suppress(Cancelled):
        job.wait(stop)
    assert job._process.poll() is not None
    assert not job.folder.exists()
    assert names(head) == []


def until(happened: Callable[[], object]) -> None:
    """Let the timer tick until something happens."""
    ends = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < ends, "it never happened"
        live.tick()
        time.sleep(1 / 120)


def test_a_live_voice_moves_the_face_and_is_kept(studio: Any, spoken: Path) -> None:
    head = studio.head()
    live_of(bpy.context.scene).device = str(spoken)  # played as a microphone hears it
    live_of(bpy.context.scene).record = True
    running = live.start(head, bpy.context.scene)
    jaw = head.data.shape_keys.key_blocks["jawOpen"]
    until(lambda: jaw.value > 0.1)
    until(lambda: len(running._taken) > 60)
    assert running.latency is not None
    assert running.latency < 1.0  # the benchmarks say how late it is on a quiet machine
    assert live.stop()
    assert current.last_message().startswith("Recorded as the layer 'Live Voice 1'")
    assert jaw.value == 0.0 or "Live Voice 1" in names(head)
    assert np.ptp(values(head, "jawOpen", 30)) > 0.05


def test_no_microphone_is_a_sentence(studio: Any) -> None:
    head = studio.head()
    live_of(bpy.context.scene).device = "no such microphone"
    live.start(head, bpy.context.scene)
    until(lambda: live.session() is None)
    assert "There is no microphone 'no such microphone'" in current.last_message()
