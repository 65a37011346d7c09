"""What the add-on knows about faces: numpy and codecs only, usable without Blender."""
