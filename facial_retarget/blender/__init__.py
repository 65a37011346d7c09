"""Everything that touches bpy; thin, over what core computes."""
