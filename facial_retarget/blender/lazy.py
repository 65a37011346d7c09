"""Modules that are imported at their first use.

Blender starts with every add-on: numpy, and what stands on it, would hold it up. Modules that
Blender registers name the others so, and import them for the type checker alone.
"""

import importlib


class LazyModule:
    """Stands for a module until something of it is wanted."""

    def __init__(self, name: str, package: str) -> None:
        """Take a relative name, as in `from . import name`, and the package it is relative to."""
        self._name = name
        self._package = package

    def __getattr__(self, attribute: str) -> object:
        """Import the module and return what it has by this name."""
        return getattr(importlib.import_module(self._name, self._package), attribute)
