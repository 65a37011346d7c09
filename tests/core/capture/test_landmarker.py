"""What comes along with MediaPipe."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

PROGRAM = textwrap.dedent(
    """
    import sys, types
    own = sys.modules["sounddevice"] = types.ModuleType("sounddevice") if {has_own} else None
    if own is None:
        del sys.modules["sounddevice"]
    from facial_retarget.core.capture.landmarker import FaceFinder
    with FaceFinder.opened():
        pass
    assert "mediapipe" in sys.modules
    assert sys.modules.get("sounddevice") is own
    from mediapipe.tasks.python.audio.core import audio_record
    assert audio_record.sd is None
    """
)


@pytest.mark.usefixtures("face_model")
@pytest.mark.parametrize("has_own", [False, True])
def test_faces_are_found_without_a_look_at_sound_devices(root: Path, has_own: bool) -> None:
    program = PROGRAM.format(has_own=has_own)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
