"""Write the short recording by which a user's own wav2vec 2.0 model is brought to our features."""

import json
import sys
from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from facial_retarget.core.speech.features import SAMPLE_RATE
from facial_retarget.core.speech.own_features import ADAPTOR_SOUND

from .recordings import Utterance, load_recordings

_ENGINE: Final = "kokoro"
_SECONDS_EACH: Final = 3.2
_SECONDS: Final = 60.0
_BIT_RATE: Final = 24_000
_OPUS_RATE: Final = 48_000


def main() -> None:
    """Take one sentence of every natural voice of training, from a folder of recordings."""
    chosen = _chosen(load_recordings(Path(sys.argv[1])))
    samples = np.concatenate([utterance.samples() for utterance in chosen])
    _write_opus(ADAPTOR_SOUND, samples)
    about = {
        "origin": "Kokoro-82M, one sentence of each voice that the speech models learnt from",
        "licence": "Apache-2.0",
        "seconds": round(len(samples) / SAMPLE_RATE, 1),
        "sentences": {utterance.voice: utterance.text for utterance in chosen},
    }
    text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
    ADAPTOR_SOUND.with_suffix(".json").write_text(text, encoding="utf-8")


def _chosen(utterances: list[Utterance]) -> list[Utterance]:
    """Return of each voice the sentence nearest to a common length, no sentence twice."""
    chosen: list[Utterance] = []
    voices = sorted({each.voice for each in utterances if _is_wanted(each)})
    for voice in voices:
        said = {each.text for each in chosen}
        own = [each for each in utterances if each.voice == voice and each.text not in said]
        best = min(own, key=lambda each: abs(each.seconds - _SECONDS_EACH))
        if sum(each.seconds for each in [*chosen, best]) <= _SECONDS:
            chosen.append(best)
    return chosen


def _is_wanted(utterance: Utterance) -> bool:
    return utterance.engine == _ENGINE and utterance.split == "train"


def _write_opus(path: Path, samples: NDArray[np.float32]) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libopus", rate=_OPUS_RATE, layout="mono")
        stream.bit_rate = _BIT_RATE
        frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        resampler = av.AudioResampler("flt", "mono", _OPUS_RATE, frame_size=960)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode())


if __name__ == "__main__":
    main()
