"""What a voice becomes, as pictures: curves over a spectrogram, and frames beside a real speaker.

python -m benchmarks.speech.pictures --mouth "ours, visemes"

docs/ gets curves and our head's frames; the strip with the real speaker goes to out/, as the clips
of the GRID corpus are not part of this project (CC BY 4.0, Cooke and others, 2006).
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.shapes.heads import ROOT
from benchmarks.speech import grid, moving
from benchmarks.speech.head_lips import shown_lips
from benchmarks.speech.spoken import BILABIALS, SILENCE, Sentence
from facial_retarget.core.clip import Clip
from facial_retarget.core.media import VideoFrames
from facial_retarget.core.speech.features import FRAME_CENTER, FRAME_RATE, log_mel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Image = NDArray[np.uint8]

MOUTHS: Final = moving.OURS | moving.YARDSTICKS

CURVES: Final = ROOT / "docs" / "speech_curves.png"
STRIP: Final = ROOT / "docs" / "speech_strip.jpg"
BESIDE_REAL: Final = ROOT / "out" / "speech_strip_beside_real.jpg"
_CLIP: Final = "grid_lrwp9a"

_MARGIN: Final = 0.25  # seconds before and after speech
_SHOWN: Final = {
    "jawOpen": "#d9480f",
    "mouthClose": "#1864ab",
    "mouthFunnel": "#2b8a3e",
    "mouthPucker": "#862e9c",
}
_CREDIT: Final = "Voice and real lips: GRID corpus (Cooke et al. 2006), CC BY 4.0"
_MOMENTS: Final = 11
_APART: Final = 0.07  # seconds between two moments of the strip, at least
_SIZE: Final = 240  # pixels of a picture
_LINE: Final = 4
# Of a picture of ours, what is kept: left, top, and side; more is rendered than is shown.
_CUT: Final = (0.19, 0.15, 0.62)
_FACE: Final = 2.6  # of a real face's picture, in distances between the eyes
_BELOW_EYES: Final = 0.45


def draw_curves(sentence: Sentence, clip: Clip, path: Path) -> None:
    """Draw spectrogram, phones, what channels do, and the lips of ours and of the real mouth."""
    figure = _figure(11, 7)
    spectrogram, channels, lips = figure.subplots(3, 1, sharex=True, height_ratios=(2, 2, 1.4))
    rows = log_mel(sentence.samples)
    seconds = len(rows) / FRAME_RATE
    extent = (FRAME_CENTER, seconds + FRAME_CENTER, 0, rows.shape[1])
    spectrogram.imshow(rows.T, origin="lower", aspect="auto", extent=extent, cmap="magma", vmin=-3)
    spectrogram.set_ylabel("mel band")
    spectrogram.set_title(f"“{grid.transcript(sentence.path.stem.removeprefix('grid_'))}”")
    for channel, color in _SHOWN.items():
        channels.plot(clip.times, clip.channel(channel), color=color, label=channel)
    channels.set_ylabel("weight")
    channels.set_ylim(top=1.15 * channels.get_ylim()[1])
    channels.legend(loc="upper right", ncols=len(_SHOWN), fontsize=8, frameon=False)
    _draw_lips(lips, sentence, clip)
    for axes in (spectrogram, channels, lips):
        _draw_phones(axes, sentence, named=axes is spectrogram)
    _finish(figure, lips, sentence)
    figure.savefig(path, dpi=100)


def draw_strip(
    sentence: Sentence, clip: Clip, ours: Sequence[Image], real: Sequence[Image], path: Path
) -> None:
    """Draw pictures of moments() in a row, the real speaker's above, over the lips' aperture."""
    times = moments(sentence)
    frames = np.concatenate([_in_a_row(row) for row in (real, ours) if row])
    width = 15.4
    height = width * len(frames) / frames.shape[1]
    figure = _figure(width, height + 2.6)
    outer = figure.add_gridspec(2, 1, height_ratios=(height, 2.2))
    shown = figure.add_subplot(outer[0])
    shown.imshow(frames)
    shown.set_yticks([])
    places = (np.arange(len(times)) + 0.5) * frames.shape[1] / len(times)
    shown.set_xticks(places, _names_at(sentence, times), fontsize=11)
    shown.xaxis.tick_top()
    shown.tick_params(length=0)
    for edge in shown.spines.values():
        edge.set_visible(False)
    lips = figure.add_subplot(outer[1])
    _draw_lips(lips, sentence, clip)
    _draw_phones(lips, sentence, named=True)
    for time in times:
        lips.axvline(time, color="#495057", linewidth=0.8, linestyle=":")
    _finish(figure, lips, sentence)
    figure.savefig(path, dpi=100)


def moments(sentence: Sentence) -> list[float]:
    """Return the middles of some phones all through a sentence; all of those that close lips."""
    sounds = [phone for phone in sentence.phones.spoken if phone[0] != SILENCE]
    middles = np.array([(start + end) / 2 for _, start, end in sounds])
    closing = [
        middle for middle, phone in zip(middles, sounds, strict=True) if phone[0] in BILABIALS
    ]
    chosen = list(closing)
    for wanted in np.linspace(middles[0], middles[-1], _MOMENTS):
        nearest = float(middles[np.abs(middles - wanted).argmin()])
        if all(abs(nearest - other) >= _APART for other in chosen):
            chosen.append(nearest)
    return sorted(chosen)


def real_pictures(sentence: Sentence, times: Sequence[float]) -> list[Image]:
    """Cut the speaker's face out of the video at some times."""
    clip = grid.tracked(sentence.path)
    frames = [(frame.time, frame.image) for frame in VideoFrames(sentence.path)]
    known = np.array([time for time, _ in frames])
    eyes, unit = grid.eyes_of(clip)
    center = np.nanmedian(eyes, axis=0) + np.array([0, _BELOW_EYES]) * np.nanmedian(unit)
    half = _FACE / 2 * float(np.nanmedian(unit))
    left, top = np.maximum(np.round(center - half), 0).astype(int)
    side = round(2 * half)
    shown = (frames[int(np.abs(known - time).argmin())][1] for time in times)
    return [image[top : top + side, left : left + side] for image in shown]


def _face_of(image: Image) -> Image:
    left, top, side = (round(share * len(image)) for share in _CUT)
    return image[top : top + side, left : left + side]


def _in_a_row(images: Sequence[Image]) -> Image:
    """Lay pictures side by side, all of one size, with a thin white line between them."""
    scaled = [_scaled(image)[:-_LINE, :-_LINE] for image in images]
    return np.concatenate(
        [np.pad(each, ((0, _LINE), (0, _LINE), (0, 0)), constant_values=255) for each in scaled],
        axis=1,
    )


def _scaled(image: Image) -> Image:
    """Return a square picture at _SIZE, each pixel the nearest one."""
    places = (np.arange(_SIZE) + 0.5) * len(image) / _SIZE
    rows = places.astype(int)
    scaled: Image = image[rows][:, rows]
    return scaled


def _figure(width: float, height: float) -> "Figure":
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _draw_lips(axes: "Axes", sentence: Sentence, clip: Clip) -> None:
    shown = shown_lips(clip)
    axes.plot(shown.times, shown.gap, color="#d9480f", label="our head")
    if sentence.lips:
        lips = sentence.lips
        axes.plot(lips.times, lips.gap, color="#212529", label="the real speaker, tracked")
    axes.set_ylabel("lips apart /\neyes' distance")
    axes.set_ylim(top=1.25 * axes.get_ylim()[1])
    axes.legend(loc="upper right", bbox_to_anchor=(1, 0.9), ncols=2, fontsize=8, frameon=False)


def _draw_phones(axes: "Axes", sentence: Sentence, named: bool) -> None:
    for name, start, end in sentence.phones.spoken:
        axes.axvline(start, color="#adb5bd", linewidth=0.4)
        if name in BILABIALS:
            axes.axvspan(start, end, color="#1864ab", alpha=0.2, linewidth=0)
        if named and name != SILENCE:
            place: Any = axes.get_xaxis_transform()
            middle = (start + end) / 2
            white = axes.images and "white"
            axes.text(
                *(middle, 0.93, name),
                transform=place,
                ha="center",
                fontsize=8,
                color=white or "#212529",
                clip_on=True,
            )


def _finish(figure: "Figure", lowest: "Axes", sentence: Sentence) -> None:
    start, end = sentence.phones.speech()
    lowest.set_xlim(start - _MARGIN, end + _MARGIN)
    lowest.set_xlabel("seconds")
    figure.supxlabel(_CREDIT, fontsize=8, x=0.99, ha="right")


def _names_at(sentence: Sentence, times: Sequence[float]) -> list[str]:
    return [
        next(name for name, start, end in sentence.phones.spoken if start <= time < end)
        for time in times
    ]


def draw(mouth: str) -> list[Path]:
    """Draw all three of what a mouth of MOUTHS makes of the voice; return the files."""
    from benchmarks.speech.talking_head import pictures

    sentence = next((each for each in grid.sentences() if each.path.stem == _CLIP), None)
    if sentence is None:
        raise SystemExit(f"The pictures are of {_CLIP}.mpg, which is not in ../shared/media.")
    clip = MOUTHS[mouth](sentence)
    times = moments(sentence)
    ours = [_face_of(image) for image in pictures(clip, times, round(_SIZE / _CUT[2]))]
    BESIDE_REAL.parent.mkdir(exist_ok=True)
    draw_curves(sentence, clip, CURVES)
    draw_strip(sentence, clip, ours, [], STRIP)
    draw_strip(sentence, clip, ours, real_pictures(sentence, times), BESIDE_REAL)
    return [CURVES, STRIP, BESIDE_REAL]


def main() -> None:
    """Draw, and name the files."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--mouth", choices=list(MOUTHS), default=next(iter(MOUTHS)))
    for path in draw(parser.parse_args().mouth):
        print(path)


if __name__ == "__main__":
    main()
