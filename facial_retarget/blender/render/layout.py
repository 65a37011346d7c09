"""Where the parts of a picture go: the source at the left, the character at the right, a title."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

_TITLE_SHARE: Final = 0.1  # of the panels' height
_WIDEST: Final = 16 / 9  # a panel as wide as that takes any video but very long ones
_BACKGROUND: Final = 16
_TITLE_COLOR: Final = 235


@dataclass(frozen=True)
class Layout:
    """Sizes in pixels. source_width and title_height are 0 where there is no such part."""

    source_width: int
    character_width: int
    panel_height: int
    title_height: int

    @classmethod
    def of(
        cls, character: tuple[int, int], source: tuple[int, int] | None, *, titled: bool
    ) -> Self:
        """Lay out the panels of a character and a source, given by width and height."""
        width, height = character
        source_width = round(height * min(source[0] / source[1], _WIDEST)) if source else 0
        # Together with the character's, so that no column has to be doubled for the encoder.
        source_width += (source_width + width) % 2 if source else 0
        return cls(source_width, width, height, round(height * _TITLE_SHARE) if titled else 0)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the whole picture."""
        return self.source_width + self.character_width, self.panel_height + self.title_height

    @property
    def title_size(self) -> tuple[int, int]:
        """Width and height of the strip for the title."""
        return self.size[0], self.title_height

    def composed(self, character: Image, source: Image | None, title: Image | None) -> Image:
        """Put rendered pixels, a picture of the source and a drawn title together.

        title: (title_height, width) coverage of the letters, 0 to 255.
        """
        width, height = self.size
        whole = np.full((height, width, 3), _BACKGROUND, np.uint8)
        if title is not None:
            letters = title[..., None] / 255 * (_TITLE_COLOR - _BACKGROUND)
            whole[: self.title_height] += letters.astype(np.uint8)
        panels = whole[self.title_height :]
        panels[:, self.source_width :] = character
        if source is not None:
            fitted = _fitted(source, self.source_width, self.panel_height)
            top = (self.panel_height - fitted.shape[0]) // 2
            left = (self.source_width - fitted.shape[1]) // 2
            panels[top : top + fitted.shape[0], left : left + fitted.shape[1]] = fitted
        return whole


def _fitted(image: Image, width: int, height: int) -> Image:
    """Scale a picture, its proportions kept, to the largest size inside width and height."""
    import av

    scale = min(width / image.shape[1], height / image.shape[0])
    size = (max(round(side * scale), 1) for side in image.shape[1::-1])
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
    scaled = frame.reformat(*size, interpolation="LANCZOS" if scale > 1 else "AREA")
    pixels: Image = scaled.to_ndarray()
    return pixels
