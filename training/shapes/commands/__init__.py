"""`python -m training shapes ...`, a module a command; each adds its own."""
