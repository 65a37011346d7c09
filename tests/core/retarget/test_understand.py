"""What a control is, by what it moves: on a made-up surface whose shapes are known."""

from dataclasses import replace

import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.clip import Clip, Floats
from facial_retarget.core.mesh import FaceMesh
from facial_retarget.core.retarget import (
    Control,
    Mapping,
    ProbedRig,
    channels_of,
    retarget,
    understand_rig,
)
from facial_retarget.core.shapes.shape_set import ShapeSet

_SIDE = 12
_RANDOM = np.random.default_rng(7)


def _sheet() -> FaceMesh:
    across, up = np.meshgrid(np.arange(_SIDE), np.arange(_SIDE), indexing="ij")
    points = np.stack([across, np.zeros_like(across), up], axis=-1).reshape(-1, 3)
    first = (np.arange(_SIDE - 1)[:, None] * _SIDE + np.arange(_SIDE - 1)).ravel()
    quads = np.stack([first, first + 1, first + _SIDE + 1, first + _SIDE], axis=1)
    triangles = quads[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3)
    return FaceMesh(points.astype(np.float32) * 0.01, triangles.astype(np.int32))


def _shapes() -> ShapeSet:
    deltas = _RANDOM.normal(size=(52, _SIDE * _SIDE, 3)).astype(np.float32) * 0.003
    still = np.ones(_SIDE * _SIDE, np.float32)
    return ShapeSet(ARKIT_CHANNELS, deltas, np.ones(52, np.float32), still)


FACE, SHAPES = _sheet(), _shapes()


def _rig(fields: Floats, names: list[str], least: float = 0.0, greatest: float = 1.0) -> ProbedRig:
    controls = tuple(Control(name, "shape key", least, greatest) for name in names)
    return ProbedRig(FACE, controls, fields * greatest, fields * least)


def _clip(values: Floats, channels: tuple[str, ...] = ARKIT_CHANNELS) -> Clip:
    return Clip(channels, np.arange(len(values)) / 30, values, np.ones_like(values))


def _performance(frames: int = 60) -> Clip:
    """Few channels at a time, smooth, and no lips closed past the jaw."""
    values = np.clip(_RANDOM.normal(-1.2, 1, size=(frames // 10 + 2, 52)), 0, 0.9)
    clip = Clip(ARKIT_CHANNELS, np.arange(len(values)) / 3, *[values.astype(np.float32)] * 2)
    values = clip.resampled(np.arange(frames) / 30).values
    values[:, ARKIT_CHANNELS.index("mouthClose")] = 0
    return _clip(values)


def _surface(clip: Clip, rig: ProbedRig) -> Floats:
    moved: Floats = np.tensordot(clip.select(rig.names).values, rig.raised, axes=1)
    return moved


def test_keys_without_meaning_are_known_by_what_they_move() -> None:
    order = _RANDOM.permutation(52)
    names = [f"Key {number}" for number in range(52)]
    mapping = understand_rig(_rig(SHAPES.deltas[order], names), SHAPES)
    assert mapping.summary() == "52 by shape"
    for name, number in zip(names, order, strict=True):
        ((channel, gain),) = mapping.row(name).terms
        assert channel == ARKIT_CHANNELS[number]
        assert gain == pytest.approx(1, abs=0.01)
        assert mapping.row(name).confidence > 0.9


def test_a_fit_comes_back_from_json_and_solves_alike() -> None:
    mapping = understand_rig(_rig(SHAPES.deltas, [f"Key {n}" for n in range(52)]), SHAPES)
    again = Mapping.from_json(mapping.to_json())
    assert again == mapping
    clip = _performance()
    np.testing.assert_allclose(
        retarget(clip, again).values, retarget(clip, mapping).values, atol=1e-4
    )


def test_a_mix_of_shapes_moves_the_surface_as_is_wanted() -> None:
    mix = _RANDOM.normal(size=(52, 52)).astype(np.float32)
    rig = _rig(np.tensordot(mix, SHAPES.deltas, axes=1), [f"Mix {n}" for n in range(52)], -9, 9)
    clip = _performance()
    wanted = np.tensordot(clip.values, SHAPES.deltas, axes=1)
    driven = retarget(clip, understand_rig(rig, SHAPES))
    controls = np.tensordot(driven.select(rig.names).values, rig.raised / 9, axes=1)
    assert np.linalg.norm(controls - wanted) < 0.05 * np.linalg.norm(wanted)


def test_the_way_back_gives_the_channels_that_went_in() -> None:
    rig = _rig(SHAPES.deltas, [f"Key {n}" for n in range(52)])
    mapping, clip = understand_rig(rig, SHAPES), _performance()
    again = channels_of(retarget(clip, mapping), mapping)
    np.testing.assert_allclose(again.values, clip.values, atol=0.02)


def test_a_file_of_the_first_version_is_still_read() -> None:
    mapping = Mapping.from_json(
        '{"format": "facial-retarget mapping", "version": 1, "rows": '
        '[{"control": "Key", "terms": {"jawOpen": 1.0}, "combine": "sum", "how": "manual"}]}'
    )
    assert mapping.fit is None
    assert mapping.row("Key").terms == (("jawOpen", 1.0),)


def test_a_still_key_is_left_alone_with_a_note() -> None:
    fields = SHAPES.deltas[:3].copy()
    fields[1] = 0
    mapping = understand_rig(_rig(fields, ["a", "b", "c"]), SHAPES)
    assert mapping.row("b").terms == ()
    assert mapping.row("b").note == "It moves nothing"


def test_rows_without_a_fit_are_driven_by_their_gains() -> None:
    rig = _rig(SHAPES.deltas[:3], ["a", "b", "c"])
    mapping = understand_rig(rig, SHAPES)
    clip = _performance()
    np.testing.assert_allclose(
        retarget(clip, replace(mapping, fit=None)).values,
        retarget(clip, mapping).values,
        atol=0.02,
    )
