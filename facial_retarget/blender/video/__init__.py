"""Video: a face is captured from a file and baked to the character."""
