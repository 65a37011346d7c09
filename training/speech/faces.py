"""A user's own recordings: what a filmed face did while its voice was heard."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from facial_retarget.core.capture import capture_video
from facial_retarget.core.clip import Clip
from facial_retarget.core.media import read_samples
from facial_retarget.core.progress import ProgressListener, unheard
from facial_retarget.core.speech.features import SAMPLE_RATE, log_mel
from facial_retarget.core.speech.parameters import MOUTH_PARAMETERS

from .tracks import frame_times

# A network learns one group or the other: lips follow what is said, eyes how.
EYES_PARAMETERS: Final = (
    "browDown",
    "browInnerUp",
    "browOuterUp",
    "eyeBlink",
    "eyeSquint",
    "eyeWide",
)
GROUPS: Final = {"mouth": MOUTH_PARAMETERS, "eyes": EYES_PARAMETERS}

# Of a person's own values, what counts as rest and as the utmost.
_REST: Final = 15.0
_UTMOST: Final = 99.0
_LEAST_RANGE: Final = 0.05


@dataclass(frozen=True, eq=False)
class FilmedVoice:
    """One video.

    mel: (rows, MEL_BANDS) at 100 a second. mouth, eyes: (rows / 2, parameters) of the groups,
    NaN where no face was seen, normalised by this person's own range. mouth_range, eyes_range:
    (2, parameters) what was rest and what the utmost, before.
    """

    mel: NDArray[np.float16]
    mouth: NDArray[np.float32]
    eyes: NDArray[np.float32]
    mouth_range: NDArray[np.float32]
    eyes_range: NDArray[np.float32]

    @classmethod
    def of(cls, video: Path, progress: ProgressListener = unheard) -> Self:
        """Watch and hear a video. Raises what capture_video and read_samples raise."""
        mel = log_mel(read_samples(video, SAMPLE_RATE))
        mel = mel[: len(mel) // 2 * 2]
        clip = capture_video(video, progress=progress).resampled(frame_times(len(mel))[::2])
        mouth, mouth_range = normalised(group_values(clip, MOUTH_PARAMETERS))
        eyes, eyes_range = normalised(group_values(clip, EYES_PARAMETERS))
        return cls(mel.astype(np.float16), mouth, eyes, mouth_range, eyes_range)

    def write(self, path: Path) -> None:
        """Write it to a file."""
        np.savez(path, allow_pickle=False, **vars(self))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote."""
        with np.load(path, allow_pickle=False) as kept:
            return cls(**{each.name: kept[each.name] for each in fields(cls)})


def group_values(clip: Clip, group: tuple[str, ...]) -> NDArray[np.float32]:
    """Return (frames, parameters) of a clip: the mean of both sides, 0 if not tracked."""
    columns = []
    for name in group:
        sides = [each for each in (name, f"{name}Left", f"{name}Right") if each in clip.channels]
        values = np.mean([clip.channel(each) for each in sides], axis=0)
        is_tracked = any(np.isfinite(clip.channel(each)).any() for each in sides)
        columns.append(values if is_tracked else np.zeros(len(clip), np.float32))
    return np.column_stack(columns).astype(np.float32)


def normalised(
    values: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return (frames, n) values of which 0 is this person's rest and 1 the utmost, and both."""
    seen = values[np.isfinite(values).all(axis=1)]
    rest, utmost = np.percentile(seen, [_REST, _UTMOST], axis=0).astype(np.float32)
    span = np.maximum(utmost - rest, _LEAST_RANGE)
    return np.clip((values - rest) / span, 0, 1), np.stack([rest, rest + span])
