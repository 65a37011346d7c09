"""Chatter stays off the terminal, errors reach it."""

import os

import pytest

from facial_retarget.core.capture import FaceTracker
from facial_retarget.core.capture.chatter import without_chatter


def test_only_chatter_is_held_back(capfd: pytest.CaptureFixture[str]) -> None:
    with without_chatter():
        os.write(2, b"W0000 00:00:1.2  17 graph.cc:174] Sets acceleration to xnnpack.\n")
        os.write(2, b"E0000 00:00:1.2  17 graph.cc:175] Cannot open the graph\n")
        os.write(2, b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n")
    assert capfd.readouterr().err == "E0000 00:00:1.2  17 graph.cc:175] Cannot open the graph\n"


def test_standard_error_is_back_after_a_failure(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="broken"), without_chatter():
        os.write(2, b"the last words\n")
        raise ValueError("broken")
    os.write(2, b"INFO: heard again\n")
    assert capfd.readouterr().err == "the last words\nINFO: heard again\n"


@pytest.mark.usefixtures("face_model")
def test_the_tracker_starts_in_silence(capfd: pytest.CaptureFixture[str]) -> None:
    with FaceTracker():
        pass
    assert capfd.readouterr().err == ""
