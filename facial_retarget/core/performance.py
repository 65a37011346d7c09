"""A clip made ready for one character: curves on scene frames, waiting to be written."""

import json
from collections.abc import Mapping as Table
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from .channels import REGIONS, in_regions
from .clip import Clip, Gaze, HeadMotion, Marker
from .errors import MappingError
from .polish import PolishOptions, polish, reduce_keys
from .retarget import Mapping, retarget

HEAD_REGION: Final = "head"
ALL_REGIONS: Final = (*REGIONS, HEAD_REGION)


@dataclass(frozen=True, eq=False)
class Curve:
    """The keys of one control: (keys,) scene frames, strictly rising, and (keys,) values."""

    control: str
    frames: NDArray[np.float32]
    values: NDArray[np.float32]


@dataclass(frozen=True)
class Summary:
    """What a bake tells the user when it is done."""

    frames: int
    seen: float  # share of frames in which the face was found
    unobserved: tuple[str, ...]  # channels that the source could not see at all
    gaps: int  # stretches without a face


@dataclass(frozen=True, eq=False)
class Performance:
    """Everything that is written to a character, already on the scene's frames.

    name: of the layer, after the source. curves: one for each control (shape key) that is
    known, its keys reduced. frames: (frames,) every scene frame covered; head and gaze have one
    row for each. head: relative to the person's neutral pose, or None where it is not wanted or
    not known. markers: with times and durations in scene frames, not seconds.
    """

    name: str
    curves: tuple[Curve, ...]
    frames: NDArray[np.float32]
    head: HeadMotion | None
    gaze: Gaze | None
    markers: tuple[Marker, ...]
    summary: Summary


@dataclass(frozen=True)
class PerformanceOptions:
    """How a clip is laid on a scene.

    name: of the layer; the source's own by default. frame_rate: the scene's, frames a second.
    first_frame: the scene frame on which the clip's start_time (seconds) falls. regions: what is
    animated. key_error: the largest change of a value that leaving out keys may cause.
    """

    name: str = ""
    frame_rate: float = 24.0
    first_frame: int = 1
    start_time: float = 0.0
    regions: tuple[str, ...] = ALL_REGIONS
    key_error: float = 0.002
    polish: PolishOptions = field(default_factory=PolishOptions)

    def to_json(self) -> dict[str, Any]:
        """Return plain data for the worker process."""
        return {**vars(self), "regions": list(self.regions), "polish": self.polish.to_json()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Restore what to_json gave."""
        return cls(
            **{
                **data,
                "regions": tuple(data["regions"]),
                "polish": PolishOptions.from_json(data["polish"]),
            }
        )


def prepare_performance(
    clip: Clip,
    mapping: Mapping,
    options: PerformanceOptions | None = None,
    limits: Table[str, tuple[float, float]] | None = None,
) -> Performance:
    """Polish a clip, drive a character's controls with it and lay the result on scene frames.

    limits: the least and greatest value each control takes. Raises MappingError where nothing of
    the character would move.
    """
    options = options or PerformanceOptions()
    polished = _on_scene_frames(polish(clip, options.polish), options)
    frames = _scene_frames(polished.times, options)
    wants_head = HEAD_REGION in options.regions
    driven = retarget(_limited_to(polished, options.regions), mapping, limits)
    curves = _curves(driven, frames, options.key_error)
    if not curves and not (wants_head and polished.head is not None):
        raise MappingError(
            "Nothing of this character would move: none of its shape keys is matched to a channel "
            "that the source shows. Look at the mapping and choose channels for its keys."
        )
    return Performance(
        name=options.name or clip.source.name or "Performance",
        curves=curves,
        frames=frames,
        head=polished.head if wants_head else None,
        gaze=polished.gaze if "eyes" in options.regions else None,
        markers=_scene_markers(polished.markers, options),
        summary=_summary(clip, len(frames)),
    )


def _on_scene_frames(clip: Clip, options: PerformanceOptions) -> Clip:
    """Resample so that every time falls on a whole scene frame."""
    shifted = replace(clip, times=clip.times - options.start_time)
    return shifted.at_frame_rate(options.frame_rate)


def _scene_frames(times: NDArray[np.float64], options: PerformanceOptions) -> NDArray[np.float32]:
    frames: NDArray[np.float32] = np.round(times * options.frame_rate).astype(np.float32)
    return frames + np.float32(options.first_frame)


def _limited_to(clip: Clip, regions: tuple[str, ...]) -> Clip:
    wanted = in_regions(region for region in regions if region != HEAD_REGION)
    return clip.select([channel for channel in clip.channels if channel in wanted])


def _curves(clip: Clip, frames: NDArray[np.float32], key_error: float) -> tuple[Curve, ...]:
    curves = []
    for control, values in zip(clip.channels, clip.values.T, strict=True):
        if not np.isfinite(values).all():
            continue  # never observed: the artist's own value stays
        keys = reduce_keys(frames, values, key_error)
        curves.append(Curve(control, frames[keys], values[keys]))
    return tuple(curves)


def _scene_markers(markers: tuple[Marker, ...], options: PerformanceOptions) -> tuple[Marker, ...]:
    return tuple(
        Marker(
            (marker.time - options.start_time) * options.frame_rate + options.first_frame,
            marker.name,
            marker.duration * options.frame_rate,
        )
        for marker in markers
    )


def _summary(clip: Clip, frames: int) -> Summary:
    seen = clip.seen
    starts_of_gaps = np.diff(np.concatenate([[True], seen]).astype(np.int8)) < 0
    return Summary(
        frames=frames,
        seen=float(seen.mean()) if len(seen) else 0.0,
        unobserved=clip.unobserved_channels(),
        gaps=int(starts_of_gaps.sum()),
    )


def save_performance(performance: Performance, path: Path) -> None:
    """Write a performance to a .npz file, to hand it from the worker to Blender."""
    head, gaze = performance.head, performance.gaze
    header = {
        "name": performance.name,
        "controls": [curve.control for curve in performance.curves],
        "markers": [vars(marker) for marker in performance.markers],
        "summary": vars(performance.summary),
        "head": list(vars(head)) if head else [],
        "gaze": list(vars(gaze)) if gaze else [],
    }
    arrays: dict[str, Any] = {"frames": performance.frames}
    for number, curve in enumerate(performance.curves):
        arrays[f"keys_{number}"] = np.stack([curve.frames, curve.values])
    for part, motion in (("head", head), ("gaze", gaze)):
        if motion is not None:
            arrays |= {f"{part}_{name}": values for name, values in vars(motion).items()}
    np.savez(path, header=np.array(json.dumps(header)), **arrays)


def load_performance(path: Path) -> Performance:
    """Read what save_performance wrote."""
    with np.load(path) as file:
        header = json.loads(str(file["header"]))
        curves = [
            Curve(control, *file[f"keys_{number}"])
            for number, control in enumerate(header["controls"])
        ]
        head = {name: file[f"head_{name}"] for name in header["head"]}
        gaze = {name: file[f"gaze_{name}"] for name in header["gaze"]}
        summary = header["summary"]
        return Performance(
            name=header["name"],
            curves=tuple(curves),
            frames=file["frames"],
            head=HeadMotion(**head) if head else None,
            gaze=Gaze(**gaze) if gaze else None,
            markers=tuple(Marker(**marker) for marker in header["markers"]),
            summary=Summary(**{**summary, "unobserved": tuple(summary["unobserved"])}),
        )
