"""Facial Retarget: a character's face from a video, a voice or another rig."""


def register() -> None:
    """Add the panel and the operators to Blender."""
    from .blender.registration import register as add_to_blender

    add_to_blender()


def unregister() -> None:
    """Take everything out of Blender again."""
    from .blender.registration import unregister as take_out_of_blender

    take_out_of_blender()
