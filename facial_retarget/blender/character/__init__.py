"""The character in the Face tab: what it is, what drives its controls, how it is remembered."""
