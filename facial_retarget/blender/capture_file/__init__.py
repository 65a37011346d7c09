"""Capture files: what another program recorded of a face is baked to the character."""
