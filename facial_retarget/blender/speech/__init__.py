"""Voice: a sound is listened to and baked to the character."""
