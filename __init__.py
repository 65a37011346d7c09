"""Entry point of the Blender extension: Blender imports the folder that holds this file."""

from .facial_retarget import register, unregister

__all__ = ["register", "unregister"]
