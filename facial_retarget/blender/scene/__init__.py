"""Reads and writes Blender's data, through the data API alone: no operator is called here."""
