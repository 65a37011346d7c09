"""The add-on is registered for the tests of what it puts into Blender."""

import pytest

from facial_retarget.blender.headless import ensure_registered


@pytest.fixture(autouse=True)
def _registered() -> None:
    ensure_registered()
