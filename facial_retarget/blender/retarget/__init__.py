"""Any rig: what its controls are, how a face is posed by them, and what it does as a file."""
