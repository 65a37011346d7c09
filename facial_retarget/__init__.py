"""Facial Retarget: a character's face from a video, a voice or another rig."""


def register() -> None:
    """Add the panel and the operators to Blender."""
    from .blender import registration

    registration.register()


def unregister() -> None:
    """Take everything out of Blender again."""
    from .blender import registration

    registration.unregister()
