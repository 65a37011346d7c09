"""Character: what another character of the file does is baked to the active one."""
