"""What it costs to make a voice speak: time, memory, delay and size.

`python -m benchmarks.speech.cost FILE METHOD` measures one file in this process, as JSON.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.memory import peak_megabytes
from benchmarks.row import Row
from benchmarks.shapes.heads import ROOT
from benchmarks.speech.spoken import Floats
from benchmarks.speech.stillness import write_wave
from facial_retarget.core.media import read_samples
from facial_retarget.core.runtime import MODELS_FOLDER
from facial_retarget.core.speech.features import SAMPLE_RATE
from facial_retarget.core.speech.options import METHODS
from tools.fetch_assets import VOICE

_TIMES: Final = 5
_PIECE: Final = 320  # samples: 20 ms, as a microphone gives them
_STREAMED: Final = 30.0  # seconds
_MINUTES: Final = (1, 10)
_SPEECH_MODELS: Final = "speech_"


def speed_rows() -> list[Row]:
    """Time a file of a minute, the models open already, and in a process that opens them."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        minute = _voice_of(Path(folder) / "minute.wav", minutes=1)
        for method in METHODS:
            found = _in_a_process_of_its_own(minute, method)
            name = f"file to Clip / its length, {method}"
            rows += [
                Row(f"{name}, models open", found["seconds"] / 60, "", must=0.02, good=0.008),
                Row(f"{name}, models opened", found["first seconds"] / 60, ""),
            ]
    return rows


def memory_rows() -> list[Row]:
    """Hold ten minutes of sound beside one, each in a process of its own."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        files = [_voice_of(Path(folder) / f"{n}.wav", minutes=n) for n in _MINUTES]
        for method in METHODS:
            short, long = (_in_a_process_of_its_own(file, method) for file in files)
            above = long["peak"] - long["start"]
            name = f"memory, ten minutes of sound, {method}"
            rows += [
                Row(f"{name}: above the start", above, "MB", must=400),
                Row(f"{name}: above one minute's", long["peak"] - short["peak"], "MB"),
            ]
    return rows


def stream_rows() -> list[Row]:
    """Feed a voice in pieces, as a microphone would, and see when each frame comes out."""
    samples = read_samples(VOICE, SAMPLE_RATE)[: round(_STREAMED * SAMPLE_RATE)]
    rows = []
    for method in METHODS:
        delays, computing = delays_of(samples, method)
        name = f"stream, {method}"
        rows += [
            Row(
                f"{name}: look-ahead and computing, 95 % of frames below",
                1000 * float(np.percentile(delays, 95)),
                "ms",
                must=150,
                good=90,
            ),
            Row(
                f"{name}: computing for a piece of {1000 * _PIECE // SAMPLE_RATE} ms, median",
                1000 * float(np.median(computing)),
                "ms",
            ),
        ]
    return rows


def delays_of(samples: Floats, method: str) -> tuple[list[float], list[float]]:
    """Return, in seconds, how late each frame is known, and how long each piece was computed."""
    from facial_retarget.core.speech import SpeechOptions, SpeechStream

    stream = SpeechStream(SpeechOptions(method=method))
    stream.feed(samples[:SAMPLE_RATE])  # a first second, in which everything is set up
    delays: list[float] = []
    computing: list[float] = []
    done = 0.0
    for end in range(SAMPLE_RATE + _PIECE, len(samples) + 1, _PIECE):
        began = time.perf_counter()
        frames = stream.feed(samples[end - _PIECE : end])
        computing.append(time.perf_counter() - began)
        # A piece waits until it is there and the one before it is done with.
        done = max(end / SAMPLE_RATE, done) + computing[-1]
        delays += (done - frames.times).tolist()
    return delays, computing


def size_rows() -> list[Row]:
    """Weigh the models that ship for this."""
    index = json.loads((MODELS_FOLDER / "index.json").read_text(encoding="utf-8"))
    files = [
        MODELS_FOLDER / entry["file"]
        for name, entry in index.items()
        if name.startswith(_SPEECH_MODELS)
    ]
    size = sum(file.stat().st_size for file in files) / 1e6
    return [Row(f"speech models together, {len(files)} files", size, "MB", must=20, good=8)]


def _voice_of(path: Path, minutes: int) -> Path:
    """Write the demo's voice, again and again until so many minutes are full."""
    samples = read_samples(VOICE, SAMPLE_RATE)
    write_wave(path, np.resize(samples, minutes * 60 * SAMPLE_RATE))
    return path


def _in_a_process_of_its_own(file: Path, method: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.speech.cost", str(file), method]
    finished = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    found: dict[str, float] = json.loads(finished.stdout)
    return found


def _measured(file: Path, method: str) -> dict[str, float]:
    """Return seconds of the first time and of the quickest of the next, and megabytes."""
    from facial_retarget.core.speech import SpeechOptions, animate_speech

    start = peak_megabytes()
    seconds = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        animate_speech(file, SpeechOptions(method=method))
        seconds.append(time.perf_counter() - began)
    return {
        "start": start,
        "peak": peak_megabytes(),
        "first seconds": seconds[0],
        "seconds": min(seconds[1:]),
    }


if __name__ == "__main__":
    print(json.dumps(_measured(Path(sys.argv[1]), sys.argv[2])))
