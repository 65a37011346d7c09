"""Small square pictures of faces, for somebody to choose from."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .capture.boxes import FaceBox

_ROOM: Final = 1.4  # how much wider than the face its picture is


def portrait(picture: NDArray[np.uint8], box: "FaceBox", side: int) -> NDArray[np.uint8]:
    """Cut a face out of a (height, width, 3) picture and scale it to (side, side, 3).

    Takes the nearest pixels, at the picture's edge its last ones.
    """
    height, width = picture.shape[:2]
    reach = _ROOM * max(box.width * width, box.height * height) / 2
    steps = np.linspace(-reach, reach, side)
    across = (box.left + box.right) / 2 * width + steps
    down = (box.top + box.bottom) / 2 * height + steps
    columns = np.clip(across, 0, width - 1).astype(np.intp)
    rows = np.clip(down, 0, height - 1).astype(np.intp)
    cut: NDArray[np.uint8] = picture[np.ix_(rows, columns)]
    return cut
