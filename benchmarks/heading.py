"""What a report begins with: by which command, when, of what and where it was measured."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import bpy

_ROOT: Final = Path(__file__).parents[1]


def heading(command: str) -> str:
    """Return one line."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return (
        f"`{command}`, {datetime.now(UTC):%Y-%m-%d}, commit {commit}, "
        f"Blender {bpy.app.version_string}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, {platform.system()}."
    )
