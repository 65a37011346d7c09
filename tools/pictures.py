"""Pictures as files, for what the documents show.

python -m tools.pictures out/demo.mp4 -o docs/demo.jpg --at 0.7 1.6 2.3 3.5
python -m tools.pictures out/window/06_landmarks.png -o docs/landmarks.jpg --cut 330 80 1300 680
"""

import argparse
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

_COLUMNS: Final = 2
_JPEG_QUALITY: Final = 3  # 1 is the best


def write_picture(image: Image, path: Path) -> None:
    """Write a JPEG or PNG file, by the name's ending."""
    jpeg = path.suffix.lower() in {".jpg", ".jpeg"}
    codec, pixels = ("mjpeg", "yuvj444p") if jpeg else ("png", "rgb24")
    with av.open(str(path), "w", format="image2", options={"update": "1"}) as file:
        stream: Any = file.add_stream(codec, rate=1)
        stream.height, stream.width = image.shape[:2]
        stream.pix_fmt = pixels
        stream.codec_context.flags |= 2  # a fixed quality ...
        stream.codec_context.global_quality = _JPEG_QUALITY * 118  # ... in FFmpeg's units of 1/118
        file.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        file.mux(stream.encode(None))


def moments(video: Path, seconds: list[float]) -> Image:
    """Return the first frames at or after some times in rows of two; all end with the video."""
    with av.open(str(video)) as file:
        frames = [(frame.time, frame.to_ndarray(format="rgb24")) for frame in file.decode(video=0)]
    shown = [next((image for time, image in frames if time >= at), frames[-1][1]) for at in seconds]
    columns = min(_COLUMNS, len(shown))
    shown += [np.zeros_like(shown[0])] * (-len(shown) % columns)
    rows = [shown[start : start + columns] for start in range(0, len(shown), columns)]
    return np.concatenate([np.concatenate(row, axis=1) for row in rows])


def main() -> None:
    """Take moments of a video, or a part of a picture."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--at", type=float, nargs="+", default=[0.0], metavar="SECONDS")
    parser.add_argument("--cut", type=int, nargs=4, metavar=("LEFT", "TOP", "RIGHT", "BOTTOM"))
    arguments = parser.parse_args()
    image = moments(arguments.source, arguments.at)
    if arguments.cut:
        left, top, right, bottom = arguments.cut
        image = np.ascontiguousarray(image[top:bottom, left:right])
    write_picture(image, arguments.output)
    print(arguments.output)


if __name__ == "__main__":
    main()
