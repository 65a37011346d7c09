"""A scene that is quick to render and tells its frame by its brightness, and videos beside it."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import bpy
import numpy as np
import pytest

MakeVideo = Callable[..., Path]


@pytest.fixture
def scene() -> bpy.types.Scene:
    """Four frames at 30 a second, 64 x 48; the first is black, each next one is brighter."""
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 1, 4
    scene.render.fps, scene.render.fps_base = 30, 1.0
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = 64, 48
    scene.view_settings.view_transform = "Standard"
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    world = scene.world = bpy.data.worlds.new("World")
    if world.node_tree is None:
        world.use_nodes = True
    background = next(node for node in world.node_tree.nodes if node.type == "BACKGROUND")
    background.inputs["Color"].default_value = (1, 1, 1, 1)
    strength = background.inputs["Strength"]
    for frame in (1, 4):
        strength.default_value = (frame - 1) / 6
        strength.keyframe_insert("default_value", frame=frame)
    return scene


@pytest.fixture
def make_video(tmp_path: Path) -> MakeVideo:
    """Write pictures of one gray each, at given times in seconds; sound: mono at 16 kHz."""

    def make(
        grays: Sequence[int],
        times: Sequence[float],
        *,
        size: tuple[int, int] = (64, 48),
        sound: np.ndarray | None = None,
        name: str = "take.mp4",
    ) -> Path:
        path = tmp_path / name
        with av.open(str(path), "w") as container:
            video = container.add_stream("libx264", rate=30, options={"qp": "4"})
            video.width, video.height = size
            video.pix_fmt = "yuv420p"
            video.codec_context.time_base = Fraction(1, 1000)
            if sound is not None:
                audio = container.add_stream("aac", rate=16000, layout="mono")
            for gray, time in zip(grays, times, strict=True):
                image = np.full((size[1], size[0], 3), gray, np.uint8)
                frame = av.VideoFrame.from_ndarray(image, format="rgb24")
                frame.pts, frame.time_base = round(time * 1000), Fraction(1, 1000)
                container.mux(video.encode(frame))
            container.mux(video.encode())
            if sound is not None:
                samples = av.AudioFrame.from_ndarray(sound[None], "fltp", "mono")
                samples.sample_rate, samples.time_base, samples.pts = 16000, Fraction(1, 16000), 0
                container.mux(audio.encode(samples))
                container.mux(audio.encode())
        return path

    return make


@pytest.fixture
def click() -> np.ndarray:
    """A second of silence at 16 kHz with a click in its middle."""
    sound = np.zeros(16000, np.float32)
    sound[8000:8160] = np.random.default_rng(0).uniform(-0.8, 0.8, 160)
    return sound
