from pathlib import Path

import numpy as np
import pytest

from training.speech.faces import FilmedVoice, normalised
from training.speech.facing import FacesLesson, Facing
from training.speech.networks.mouth import VISEME_INPUTS
from training.speech.trainer import Place


def lesson(seed: int) -> FacesLesson:
    """A face whose every parameter follows one of the inputs."""
    rng = np.random.default_rng(seed)
    slow = np.cumsum(rng.normal(0, 0.1, 300))
    slow = (slow - slow.min()) / np.ptp(slow)
    heard = np.zeros((600, VISEME_INPUTS), np.float32)
    heard[:, 3] = np.repeat(slow, 2)
    face = np.repeat(slow[:, None], 6, axis=1).astype(np.float32)
    face[20:40] = np.nan
    return FacesLesson(heard, face)


def test_a_person_is_measured_by_their_own_range() -> None:
    values = np.linspace(0.2, 0.6, 100, dtype=np.float32)[:, None]
    values[3] = np.nan
    face, (rest, utmost) = normalised(values)
    assert np.nanmin(face) == 0
    assert np.nanmax(face) == 1
    assert np.isnan(face[3, 0])
    assert rest[0] == pytest.approx(0.26, abs=0.02)
    assert utmost[0] == pytest.approx(0.6, abs=0.02)


def test_a_still_face_is_not_blown_up() -> None:
    face, _range = normalised(np.linspace(0.1, 0.11, 50, dtype=np.float32)[:, None])
    assert face.max() < 0.25


def test_what_a_face_follows_is_learned() -> None:
    import torch

    task = Facing("eyes", [lesson(1), lesson(2)], [lesson(3)], 8, Place())
    optimizer = torch.optim.AdamW(task.network.parameters(), 3e-3)
    for step in range(60):
        optimizer.zero_grad()
        task.loss(step).backward()
        optimizer.step()
    assert min(task.validate().values()) > 0.8


def test_a_filmed_voice_comes_back(tmp_path: Path) -> None:
    parts = [np.ones((4, 3), np.float32) * number for number in range(5)]
    voice = FilmedVoice(parts[0].astype(np.float16), *parts[1:])
    voice.write(tmp_path / "a.npz")
    assert np.array_equal(FilmedVoice.read(tmp_path / "a.npz").eyes_range, voice.eyes_range)
