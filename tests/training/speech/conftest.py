from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from training.speech.stages import Studio
    from training.speech.tracks import Track

# `make test-training` makes the environment that has it.
collect_ignore = (
    []
    if find_spec("torch")
    else [
        "test_facing.py",
        "test_networks.py",
        "test_stages.py",
        "test_statistical.py",
        "test_tracks.py",
    ]
)


@pytest.fixture
def spoken() -> Callable[[int], "Track"]:
    """Twelve seconds of noise that is labelled as if it were speech."""
    from training.speech.tracks import PHONES, track_of

    def make(seed: int) -> "Track":
        rng = np.random.default_rng(seed)
        ends = np.cumsum(rng.uniform(0.05, 0.2, 90))
        names = [PHONES[number] for number in rng.integers(1, len(PHONES), len(ends))]
        phones = list(zip(names, [0.0, *ends[:-1].tolist()], ends.tolist(), strict=True))
        samples = rng.normal(0, 0.1, int(ends[-1] * 16000)).astype(np.float32)
        return track_of(samples, samples, phones)

    return make


@pytest.fixture
def studio(tmp_path: Path, spoken: "Callable[[int], Track]") -> "Studio":
    from training.speech.config import RunConfig, SpeechConfig, TracksConfig
    from training.speech.stages import Studio
    from training.speech.tracks import Tracks

    folder = tmp_path / "tracks"
    folder.mkdir()
    for split, seed in (("train", 1), ("validation", 2)):
        Tracks.of([spoken(seed), spoken(seed + 10)]).write(folder / f"{split}.npz")
    run = RunConfig(steps=2, batch=2, rate=1e-3)
    return Studio(tmp_path, SpeechConfig(0, TracksConfig(), run, run, run, run))
