"""The faces of a video's first frame, as small pictures to choose from."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
import bpy.utils.previews

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass
class _Found:
    """Whose faces are shown: of which video, from which second on, with one icon for each."""

    pictures: Any = None  # bpy.utils.previews.ImagePreviewCollection, which no stub declares
    video: str = ""
    start: float = 0.0
    icons: tuple[int, ...] = ()


_found = _Found()


def keep_faces(video: str, start: float, folder: Path) -> int:
    """Load the pictures that a worker left in its folder; return how many there are."""
    import numpy as np

    from ...worker import FACES_FILE

    forget_faces()
    faces = np.load(folder / FACES_FILE, allow_pickle=False)
    _found.pictures = bpy.utils.previews.new()
    icons = tuple(_icon(str(number), picture) for number, picture in enumerate(faces))
    _found.video, _found.start, _found.icons = video, start, icons
    return len(icons)


def icons_of(video: str, start: float) -> tuple[int, ...]:
    """Return an icon for each face found, the largest first; none where nobody looked yet."""
    return _found.icons if (_found.video, _found.start) == (video, start) else ()


def forget_faces() -> None:
    """Remove the pictures: nobody's face stays longer than needed."""
    if _found.pictures is not None:
        bpy.utils.previews.remove(_found.pictures)
    _found.pictures, _found.video, _found.icons = None, "", ()


def _icon(name: str, picture: "NDArray[np.uint8]") -> int:
    import numpy as np

    preview = _found.pictures.new(name)
    height, width = picture.shape[:2]
    opaque = np.ones((height, width, 4), np.float32)
    opaque[..., :3] = picture[::-1] / 255.0  # Blender's rows begin at the bottom
    preview.image_size = (width, height)
    preview.image_pixels_float.foreach_set(opaque.ravel())
    icon: int = preview.icon_id
    return icon
