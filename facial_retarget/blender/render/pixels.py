"""Rendered pixels, by way of a file: in background mode Blender gives them out no other way."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np
from bpy.types import Scene

from ...core.errors import FacialRetargetError
from ...core.leftovers import work_folder
from .layout import Image

# In this order: in Blender 5 the type of media decides which formats there are. PNG without
# compression is written and read in a few milliseconds.
_FORMAT: Final = {
    "media_type": "IMAGE",
    "file_format": "PNG",
    "color_mode": "RGB",
    "color_depth": "8",
    "compression": 0,
}
_WHOLE: Final = {"use_crop_to_border": False, "use_multiview": False}


@contextlib.contextmanager
def still_renderer(scene: Scene) -> Iterator[Callable[[], Image]]:
    """Give a function that renders a scene's current frame to (height, width, 3) RGB.

    The scene's own engine and colour management are used; what else is set for a while goes
    back. Raises FacialRetargetError where the scene has no camera or cannot be rendered.
    """
    if scene.camera is None:
        raise FacialRetargetError(
            f"The scene '{scene.name}' has no camera. Add one, look through it, and save the file."
        )
    with work_folder() as folder:
        file = folder / "frame.png"
        with _settings(scene, file):
            yield lambda: _rendered(scene, file)


def rendered_frames(scene: Scene, frames: Iterable[int]) -> Iterator[tuple[int, Image]]:
    """Render some frames of a scene, one after the other; it ends on the frame it was on.

    Raises FacialRetargetError as still_renderer does.
    """
    current = scene.frame_current
    try:
        with still_renderer(scene) as render:
            for frame in frames:
                scene.frame_set(frame)
                yield frame, render()
    finally:
        scene.frame_set(current)


def _rendered(scene: Scene, file: Path) -> Image:
    try:
        with _quiet():
            bpy.ops.render.render(write_still=True, scene=scene.name)
    except RuntimeError as error:
        raise FacialRetargetError(
            f"Blender could not render frame {scene.frame_current} of '{scene.name}': {error}"
        ) from error
    return _pixels(file)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the many lines that Blender prints for a frame, from C, out of the command's output."""
    try:
        kept = os.dup(1)
    except OSError:  # a program without a console has no output to keep clean
        yield
        return
    if sys.stdout is not None:
        sys.stdout.flush()
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def _pixels(file: Path) -> Image:
    import av

    with av.open(str(file)) as picture:
        frame = next(picture.decode(video=0))
        return np.ascontiguousarray(frame.to_ndarray(format="rgb24"))


@contextlib.contextmanager
def _settings(scene: Scene, file: Path) -> Iterator[None]:
    render: Any = scene.render
    with (
        _set_for_a_while(render, {"filepath": str(file), **_WHOLE}),
        _set_for_a_while(render.image_settings, _FORMAT),
    ):
        yield


@contextlib.contextmanager
def _set_for_a_while(owner: Any, values: Mapping[str, Any]) -> Iterator[None]:  # noqa: ANN401
    """Set properties, those that this version of Blender has, and put them back afterwards."""
    kept = {name: getattr(owner, name) for name in values if name in owner.bl_rna.properties}
    try:
        for name in kept:
            setattr(owner, name, values[name])
        yield
    finally:
        for name, value in kept.items():
            setattr(owner, name, value)
