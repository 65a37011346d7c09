import json
import wave
from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.errors import FacialRetargetError
from training.speech.recordings import load_recordings


def record(folder: Path, voice: str, split: str, rate: int = 16000) -> None:
    target = folder / "flite" / voice
    target.mkdir(parents=True)
    with wave.open(str(target / "0000.wav"), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(np.array([0, 16384, -32768], dtype="<i2").tobytes())
    phones = [["SIL", 0.0, 0.1], ["M", 0.1, 0.25]]
    index = {
        **{"engine": "flite", "voice": voice, "language": "en-us", "licence": "MIT"},
        **{"split": split, "timing": "exact"},
        "utterances": [{"file": "0000.wav", "text": "Mm.", "seconds": 0.25, "phones": phones}],
    }
    (target / "index.json").write_text(json.dumps(index))


def test_recordings_come_back_with_their_phones_voice_by_voice(tmp_path: Path) -> None:
    record(tmp_path, "slt", "test")
    record(tmp_path, "awb", "train")
    first, second = load_recordings(tmp_path)
    assert (first.voice, first.split, second.voice, second.split) == ("awb", "train", "slt", "test")
    assert first.names == ("SIL", "M")
    assert first.start.tolist() == [0.0, 0.1]
    assert first.end.tolist() == [0.1, 0.25]
    assert first.seconds == 0.25


def test_samples_are_between_minus_one_and_one(tmp_path: Path) -> None:
    record(tmp_path, "slt", "test")
    samples = load_recordings(tmp_path)[0].samples()
    assert samples.dtype == np.float32
    assert samples.tolist() == [0.0, 0.5, -1.0]


def test_no_recordings_are_an_error_that_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(FacialRetargetError, match="training speech record"):
        load_recordings(tmp_path)


def test_a_file_at_another_rate_is_not_taken(tmp_path: Path) -> None:
    record(tmp_path, "slt", "test", rate=22050)
    with pytest.raises(FacialRetargetError, match="16 kHz"):
        load_recordings(tmp_path)[0].samples()
