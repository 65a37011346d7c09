"""What tells the controls of a rig apart: how each maker moves a face, and how well that works."""
