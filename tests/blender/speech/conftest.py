"""A voice that was listened to already, and the add-on registered for what it puts into Blender."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facial_retarget.blender.headless import ensure_registered
from facial_retarget.core.channels import VISEME_CHANNELS
from facial_retarget.core.clip import Clip, HeadMotion, Marker, Source

SECONDS = 2.0


@pytest.fixture(autouse=True)
def _registered() -> None:
    ensure_registered()


@pytest.fixture
def voice() -> Clip:
    """Two seconds at 50 frames a second: aa, then lips that close, then aa again."""
    times = np.arange(round(SECONDS * 50) + 1) / 50
    closed = ((times > 0.8) & (times < 1.2)).astype(np.float32)
    values = {channel: np.zeros(len(times), np.float32) for channel in VISEME_CHANNELS}
    values |= {
        "viseme_aa": 1 - closed,
        "viseme_PP": closed,
        "jawOpen": 0.6 * (1 - closed),
        "mouthClose": 0.0 * closed,
        "mouthRollLower": 0.3 * closed,
        "browInnerUp": np.full(len(times), 0.4, np.float32),
        "eyeBlinkLeft": closed,
        "eyeBlinkRight": closed,
    }
    stacked = np.stack(list(values.values()), axis=1).astype(np.float32)
    nod = np.stack([np.cos(0.05 * closed), np.sin(0.05 * closed), 0 * closed, 0 * closed], axis=1)
    return Clip(
        tuple(values),
        times,
        stacked,
        np.ones_like(stacked),
        head=HeadMotion(
            nod.astype(np.float32), np.zeros((len(times), 3), np.float32), np.ones_like(closed)
        ),
        markers=(Marker(0.0, "aa", 0.8), Marker(0.8, "PP", 0.4), Marker(1.2, "aa", 0.8)),
        source=Source(name="line.wav", has_sound=True),
    )


@pytest.fixture
def heard(voice: Clip, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Let every sound be that voice, in this process; `asked` holds what was asked for."""
    asked: dict[str, Any] = {}

    def listen(path: Path, options: Any, _progress: Any = None) -> Clip:
        asked.update(path=path, options=options)
        return replace(voice, source=Source(name=path.name, has_sound=True))

    monkeypatch.setattr("facial_retarget.core.speech.animate_speech", listen, raising=False)
    return asked
