"""A scene becomes a video, with the video it was made from at its side."""

from .beside import RenderOptions, render_beside

__all__ = ["RenderOptions", "render_beside"]
