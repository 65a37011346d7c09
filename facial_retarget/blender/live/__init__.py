"""Live: a voice at the microphone moves the character's face at once."""
