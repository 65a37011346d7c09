"""Whole files of every kind that is read, small, to be damaged."""

import io
import json
import tempfile
import wave
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.clip import Clip, Gaze, HeadMotion
from facial_retarget.core.formats.clip_file import save_clip
from facial_retarget.core.landmarks import LandmarkTrack
from facial_retarget.core.retarget import match_controls, vocabulary
from facial_retarget.core.video_out import video_writer

ROWS: Final = 6
CUES: Final = [(0, 0.2, "X"), (0.2, 0.5, "D"), (0.5, 0.6, "A"), (0.6, 0.9, "X")]


def text_samples() -> dict[str, str]:
    """Return a whole file of every format that is text, by the format's key."""
    weights = [[round(0.01 * (row + n), 2) for n in range(52)] for row in range(ROWS)]
    face_cap = ["info,Face Cap", "bs," + ",".join(vocabulary("face_cap").by_name)]
    for row, line in enumerate(weights):
        face_cap.append(f"k,{16 * row},0,0,0.3,1,2,3,4,5,6,7," + ",".join(map(str, line)))
    phone = [
        "|".join(f"{name}-{round(100 * value)}" for name, value in zip(names, line, strict=True))
        + "|=head#1,2,3,0,0.1,-0.5|rightEye#1,2,3|leftEye#1,2,3|"
        for names, line in [(vocabulary("ifacialmocap").by_name, line) for line in weights]
    ]
    studio = [
        json.dumps(
            {
                "Timestamp": 16 * row,
                "FaceFound": True,
                "BlendShapes": [
                    {"k": name, "v": value}
                    for name, value in zip(ARKIT_CHANNELS, line, strict=True)
                ],
            }
        )
        for row, line in enumerate(weights)
    ]
    cues = [{"start": start, "end": end, "value": shape} for start, end, shape in CUES]
    xml = [
        f'<mouthCue start="{start}" end="{end}">{shape}</mouthCue>' for start, end, shape in CUES
    ]
    solved = {
        "exportFps": 30,
        "trackPath": "a.wav",
        "numPoses": 52,
        "numFrames": ROWS,
        "facsNames": ARKIT_CHANNELS,
        "weightMat": weights,
    }
    table = ["Timecode,BlendshapeCount," + ",".join(ARKIT_CHANNELS)]
    for row, line in enumerate(weights):
        table.append(f"10:13:39:{row:02}.936,52," + ",".join(map(str, line)))
    return {
        "audio2face": json.dumps(solved),
        "rhubarb_json": json.dumps({"metadata": {"duration": 0.9}, "mouthCues": cues}, indent=1),
        "vtube_studio": "\n".join(studio),
        "rhubarb_xml": '<?xml version="1.0" encoding="utf-8"?>\n<rhubarbResult><mouthCues>\n'
        + "\n".join(xml)
        + "\n</mouthCues></rhubarbResult>",
        "ifacialmocap": "\n".join(phone),
        "face_cap": "\n".join(face_cap),
        "rhubarb_tsv": "".join(f"{start:.2f}\t{shape}\n" for start, _, shape in CUES) + "0.90\tX\n",
        "live_link": "\n".join(table),
    }


def clip_sample() -> bytes:
    """Return a clip with all parts that one can have, as its file."""
    random = np.random.default_rng(0)
    values = random.uniform(0, 1, (ROWS, 3)).astype(np.float32)
    seen = np.ones((ROWS, 2), np.float32)
    track = LandmarkTrack.recording()
    for _ in range(ROWS):
        track.append(None)
    clip = Clip(
        ("jawOpen", "eyeBlinkLeft", "mouthClose"),
        np.arange(ROWS) / 30,
        values,
        np.ones_like(values),
        head=HeadMotion(np.tile(np.array([1, 0, 0, 0], np.float32), (ROWS, 1)), values, seen[:, 0]),
        gaze=Gaze(np.zeros((ROWS, 2, 2), np.float32), seen),
        landmarks=track,
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "clip.frclip"
        save_clip(clip, file)
        return file.read_bytes()


def mapping_sample() -> str:
    """Return a mapping with rows of every kind and what was measured of a surface."""
    found = json.loads(match_controls(["jawOpen", "EyeBlink_L", "mouthSmile", "Hat"]).to_json())
    motion = {"control": "jawOpen", "rest": 0.0, "far": 1.0, "least": 0.0, "greatest": 1.0}
    found["fit"] = {
        "motions": [motion],
        "channels": ["jawOpen"],
        "gram": [[1.0]],
        "shares": [[1.0]],
        "exclusive": [],
    }
    return json.dumps(found)


def vertices_sample(characters: bool) -> str:
    """Return a few vertices, or a whole character of them."""
    points = np.random.default_rng(1).normal(size=(9, 3)).round(4).tolist()
    if not characters:
        return json.dumps({"vertices": points})
    return json.dumps({"neutral": points, "targets": {"jawOpen": points, "mouthClose": points}})


def video_sample() -> bytes:
    """Return eight small pictures with a tone beside them, H.264 and AAC."""
    pictures = np.random.default_rng(2).integers(0, 255, (8, 32, 32, 3), np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "video.mp4"
        with video_writer(file, (32, 32), Fraction(25), _tone(48000)[:15360]) as writer:
            for picture in pictures:
                writer.write(picture)
        return file.read_bytes()


def sound_sample() -> bytes:
    """Return a tenth of a second of a tone, 16 bits."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes((_tone(16000)[:1600] * 32767).astype("<i2").tobytes())
    return out.getvalue()


def _tone(rate: int) -> NDArray[np.float32]:
    tone: NDArray[np.float32] = np.sin(np.arange(rate) * (2 * np.pi * 440 / rate)) * 0.5
    return tone.astype(np.float32)
