"""A clip made ready for one character: curves on scene frames, waiting to be written."""

import json
from collections.abc import Mapping as Table
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from .channels import ALL_CHANNELS, REGIONS, in_regions
from .clip import Clip, Gaze, HeadMotion, Marker
from .errors import MappingError
from .polish import PolishOptions, polish, reduce_keys
from .retarget import Mapping, in_steps, is_speech, mapping_for, retarget, speech_mapping
from .retarget.trained import with_own_controls

HEAD_REGION: Final = "head"
ALL_REGIONS: Final = (*REGIONS, HEAD_REGION)
_LIPS: Final = (("jawOpen",), ("mouthClose",))

# What is heard in a voice; the layer with what is only guessed from it has this behind its name.
SPEECH_REGIONS: Final = ("mouth",)
UPPER_FACE: Final = " upper face"

# A mouth speaks whatever a capture says of it; what is guessed gives way to any capture.
_HEARD_RANK: Final = 1
_GUESSED_RANK: Final = -1


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
    seen: float | None  # share of frames in which the face was found; None of a voice
    unobserved: tuple[str, ...]  # channels that the source could not see at all
    gaps: int  # stretches without a face


@dataclass(frozen=True, eq=False)
class Performance:
    """Everything that is written to a character, already on the scene's frames.

    name: of the layer, after the source. curves: one for each control (a shape key, a degree of
    freedom of a bone, a property) that is known, its keys reduced. frames: (frames,) every scene
    frame covered; head and gaze have one row for each. head: relative to the person's neutral
    pose, or None where it is not wanted or not known. markers: with times and durations in scene
    frames, not seconds. rank: of its layer; one of a higher rank is seen in place of a lower one.
    covers: controls that it does not move, but that should rest meanwhile.
    """

    name: str
    curves: tuple[Curve, ...]
    frames: NDArray[np.float32]
    head: HeadMotion | None
    gaze: Gaze | None
    markers: tuple[Marker, ...]
    summary: Summary
    rank: int = 0
    covers: tuple[str, ...] = ()


@dataclass(frozen=True)
class PerformanceOptions:
    """How a clip is laid on a scene.

    name: of the layer; the source's own by default. frame_rate: the scene's, frames a second.
    first_frame: the scene frame on which the clip's start_time (seconds) falls. regions: what is
    animated. key_error: the largest change that leaving out keys may cause, as a share of what a
    value can change or, if that is more, of 1. stepped: of a voice one viseme is shown at a time,
    as a drawn mouth wants it.
    """

    name: str = ""
    frame_rate: float = 24.0
    first_frame: int = 1
    start_time: float = 0.0
    regions: tuple[str, ...] = ALL_REGIONS
    key_error: float = 0.002
    stepped: bool = False
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

    mapping: for the channels of a face; of a voice, visemes take the place of a mouth that is not
    there. limits: the least and greatest value each control takes. Raises MappingError where
    nothing of the character would move.
    """
    options = options or PerformanceOptions()
    if not set(clip.channels) <= set(ALL_CHANNELS):
        options = _as_it_is(options)
    polished = _on_scene_frames(polish(clip, options.polish), options)
    frames = _scene_frames(polished.times, options)
    mapping = with_own_controls(mapping_for(mapping, clip.channels), clip.channels)
    if options.stepped and is_speech(clip.channels):
        polished, mapping = _stepped(polished), in_steps(mapping)
    wants_head = HEAD_REGION in options.regions
    driven = retarget(_limited_to(polished, options.regions), mapping, limits)
    curves = _curves(driven, frames, options, limits or {})
    curves = _with_lips_together(curves, driven, frames, mapping)
    if not curves and not (wants_head and polished.head is not None):
        raise MappingError(
            "Nothing of this character would move: none of its controls is matched to a channel "
            "that the source shows. Understand the rig, or choose channels for them in the mapping."
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


def prepare_layers(
    clip: Clip,
    mapping: Mapping,
    options: PerformanceOptions | None = None,
    limits: Table[str, tuple[float, float]] | None = None,
) -> tuple[Performance, ...]:
    """Prepare what a clip holds, a performance for each layer: one of a face, two of a voice.

    Those are the mouth and, where anything of it moves, the upper face with the head, which are
    guessed and so kept apart. Raises MappingError where nothing of the character would move.
    """
    options = options or PerformanceOptions()
    if not is_speech(clip.channels):
        return (prepare_performance(clip, mapping, options, limits),)
    name = options.name or clip.source.name or "Voice"
    clip = _from_the_start(clip, options)
    options = _as_it_is(options)
    guessed = tuple(region for region in options.regions if region not in SPEECH_REGIONS)
    heard = tuple(region for region in options.regions if region in SPEECH_REGIONS)
    parts = (
        replace(options, name=name, regions=heard),
        replace(options, name=name + UPPER_FACE, regions=guessed, stepped=False),
    )
    mouth = _moved_in(SPEECH_REGIONS, mapping) | _moved_in(SPEECH_REGIONS, speech_mapping(mapping))
    prepared, problems = [], []
    for part, rank in zip(parts, (_HEARD_RANK, _GUESSED_RANK), strict=True):
        try:
            performance = prepare_performance(clip, mapping, part, limits)
        except MappingError as problem:
            problems.append(problem)
            continue
        moved = {curve.control for curve in performance.curves}
        covers = sorted(mouth - moved) if part.regions == heard else ()
        prepared.append(replace(performance, rank=rank, covers=tuple(covers)))
    if not prepared:
        raise problems[0]
    return tuple(prepared)


def _as_it_is(options: PerformanceOptions) -> PerformanceOptions:
    """Return the options for what neither trembles nor has a face at rest: a voice, a rig's own."""
    polish = replace(options.polish, calibration="off", smoothing="off")
    return replace(options, polish=polish)


def _from_the_start(clip: Clip, options: PerformanceOptions) -> Clip:
    """Hold the first frame back to the start, so that the scene's first frame has it too.

    A frame of a voice stands for the middle of a short piece of sound.
    """
    late = clip.times[0] - options.start_time if len(clip) else 0.0
    if not 0 < late < 1 / options.frame_rate:
        return clip
    return clip.resampled(np.concatenate([[options.start_time], clip.times]))


def _moved_in(regions: tuple[str, ...], mapping: Mapping) -> set[str]:
    """Return the controls that channels of some regions move."""
    channels = in_regions(regions)
    return {row.control for row in mapping.matched if not channels.isdisjoint(row.channels)}


def _on_scene_frames(clip: Clip, options: PerformanceOptions) -> Clip:
    """Resample so that every time falls on a whole scene frame."""
    shifted = replace(clip, times=clip.times - options.start_time)
    return shifted.at_frame_rate(options.frame_rate)


def _stepped(clip: Clip) -> Clip:
    from .speech import stepped

    return stepped(clip)


def _scene_frames(times: NDArray[np.float64], options: PerformanceOptions) -> NDArray[np.float32]:
    frames: NDArray[np.float32] = np.round(times * options.frame_rate).astype(np.float32)
    return frames + np.float32(options.first_frame)


def _limited_to(clip: Clip, regions: tuple[str, ...]) -> Clip:
    wanted = in_regions(region for region in regions if region != HEAD_REGION)
    # What is no channel of a face is a control of the character's own, and in no region.
    own = (channel for channel in clip.channels if channel not in ALL_CHANNELS)
    wanted = wanted.union(own)
    return clip.select([channel for channel in clip.channels if channel in wanted])


def _curves(
    clip: Clip,
    frames: NDArray[np.float32],
    options: PerformanceOptions,
    limits: Table[str, tuple[float, float]],
) -> tuple[Curve, ...]:
    curves = []
    for control, values in zip(clip.channels, clip.values.T, strict=True):
        if not np.isfinite(values).all():
            continue  # never observed: the artist's own value stays
        if options.stepped:
            keys = np.flatnonzero(np.diff(values, prepend=np.nan) != 0)
        else:
            least, greatest = limits.get(control, (0.0, 1.0))
            # A bone's way of some millimetres is as much to it as 0 to 1 to a shape key.
            error = options.key_error * min(greatest - least, 1.0)
            keys = reduce_keys(frames, values, error)
        curves.append(Curve(control, frames[keys], values[keys]))
    return tuple(curves)


def _with_lips_together(
    curves: tuple[Curve, ...], clip: Clip, frames: NDArray[np.float32], mapping: Mapping
) -> tuple[Curve, ...]:
    """Give jawOpen and mouthClose keys on the same frames, so that lips never close past the jaw.

    Each on its own may be off by the tolerance between its keys, one up and the other down.
    """
    lips = {row.control for row in mapping.matched if row.channels in _LIPS}
    kept = [curve.frames for curve in curves if curve.control in lips]
    if len(kept) < 2:
        return curves
    keys = np.flatnonzero(np.isin(frames, np.concatenate(kept)))
    return tuple(
        Curve(curve.control, frames[keys], clip.channel(curve.control)[keys])
        if curve.control in lips
        else curve
        for curve in curves
    )


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
        seen=None if is_speech(clip.channels) else float(seen.mean()) if len(seen) else 0.0,
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
        "rank": performance.rank,
        "covers": performance.covers,
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
            rank=header["rank"],
            covers=tuple(header["covers"]),
        )
