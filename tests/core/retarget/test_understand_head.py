"""What is understood of a real head's controls, whatever they are called."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.clip import Clip, Floats
from facial_retarget.core.errors import RigError
from facial_retarget.core.retarget import (
    Control,
    Mapping,
    ProbedRig,
    channels_of,
    retarget,
    understand_rig,
)
from facial_retarget.core.shapes.registration import Part
from facial_retarget.core.shapes.template import Template

Head = Any  # the fixture's own class, which no test can import


def _understood(head: Head, rig: ProbedRig) -> Mapping:
    return understand_rig(rig, head.shapes, landmarks=head.landmarks)


def _halves(head: Head) -> tuple[Floats, Floats]:
    left = np.clip(head.face.vertices[:, 0] / 0.02 + 0.5, 0, 1)[:, None].astype(np.float32)
    return left, 1 - left


def _first(mapping: Mapping, control: str) -> str:
    return mapping.row(control).channels[0]


def _both(head: Head, name: str) -> Floats:
    field: Floats = head.own[f"{name}Left"] + head.own[f"{name}Right"]
    return field


def test_52_keys_without_names_are_52_channels(head: Head) -> None:
    order = np.random.default_rng(2).permutation(52)
    rig = head.rig({f"Key {n}": head.own[ARKIT_CHANNELS[n]] for n in order})
    mapping = _understood(head, rig)
    assert mapping.summary() == "52 by shape"
    for number in order:
        row = mapping.row(f"Key {number}")
        assert row.channels[0] == ARKIT_CHANNELS[number]
        assert row.confidence > 0.5
        assert dict(row.terms)[row.channels[0]] == pytest.approx(1, abs=0.01)


def test_keys_named_as_channels_stay_exact(head: Head) -> None:
    mapping = _understood(head, head.rig(head.own))
    assert mapping.summary() == "52 exact"
    assert not any(row.note for row in mapping.rows)


def test_keys_for_both_sides_and_halves_are_known(head: Head) -> None:
    left, right = _halves(head)
    keys = {
        "a": _both(head, "eyeBlink"),
        "b": _both(head, "mouthSmile"),
        "c": head.own["browInnerUp"] * left,
        "d": head.own["browInnerUp"] * right,
        "e": head.own["jawOpen"],
    }
    mapping = _understood(head, head.rig(keys))
    for control, channel in (("a", "eyeBlink"), ("b", "mouthSmile")):
        terms = dict(mapping.row(control).terms)
        assert set(terms) == {f"{channel}Left", f"{channel}Right"}
        assert terms[f"{channel}Left"] == pytest.approx(0.5, abs=0.1)
    for control in ("c", "d"):
        assert mapping.row(control).terms == (("browInnerUp", pytest.approx(1, abs=0.2)),)


def test_a_key_for_each_side_comes_before_one_for_both(head: Head) -> None:
    keys = {
        "a": _both(head, "mouthSmile"),
        "b": head.own["mouthSmileLeft"],
        "c": head.own["mouthSmileRight"],
    }
    mapping = _understood(head, head.rig(keys))
    assert mapping.row("a").terms == ()
    assert mapping.row("a").note == "mouthSmileLeft already drives b"
    assert (_first(mapping, "b"), _first(mapping, "c")) == ("mouthSmileLeft", "mouthSmileRight")


def test_sides_named_from_the_viewer_are_found_by_what_they_move(head: Head) -> None:
    swapped = {"Left": "Right", "Right": "Left"}
    keys = {
        f"{name}{side}": head.own[f"{name}{swapped[side]}"]
        for name in ("mouthSmile", "eyeBlink", "browDown")
        for side in swapped
    }
    mapping = _understood(head, head.rig(keys))
    assert _first(mapping, "mouthSmileLeft") == "mouthSmileRight"
    assert _first(mapping, "browDownRight") == "browDownLeft"
    note = "Its name says eyeBlinkLeft, but it moves as eyeBlinkRight"
    assert mapping.row("eyeBlinkLeft").note == note
    assert mapping.row("eyeBlinkLeft").confidence < 0.9


def test_of_two_keys_that_are_the_same_one_is_driven(head: Head) -> None:
    keys = {"a": head.own["jawOpen"], "b": head.own["jawOpen"], "c": head.own["mouthPucker"]}
    mapping = _understood(head, head.rig(keys))
    assert _first(mapping, "a") == "jawOpen"
    assert (mapping.row("b").terms, mapping.row("b").note) == ((), "It moves the same as a")


def test_of_two_that_are_the_same_the_one_with_the_name_is_driven(head: Head) -> None:
    keys = {"a": head.own["jawOpen"], "jawOpen": head.own["jawOpen"]}
    mapping = _understood(head, head.rig(keys))
    assert mapping.row("jawOpen").how == "exact"
    assert mapping.row("a").note == "It moves the same as jawOpen"


def test_keys_that_cancel_each_other_are_never_on_together(head: Head) -> None:
    keys = {
        "a": head.own["mouthPucker"],
        "b": -head.own["mouthPucker"],
        "c": head.own["jawOpen"],
    }
    mapping = _understood(head, head.rig(keys))
    assert mapping.fit is not None
    assert mapping.fit.exclusive == ((0, 1),)
    assert mapping.row("a").channels[0] == "mouthPucker"
    assert mapping.row("b").note == "It undoes what a does"


def test_keys_that_are_no_expression_are_left_alone_and_say_why(head: Head) -> None:
    still = np.zeros_like(head.own["jawOpen"])
    scalp = np.zeros_like(still)
    top = head.face.vertices[:, 2] > np.quantile(head.face.vertices[:, 2], 0.97)
    scalp[top] = (0.0, 0.0, 0.02)
    keys = {"a": head.own["jawOpen"], "b": still, "c": scalp, "d": still + np.float32(0.03)}
    mapping = _understood(head, head.rig(keys))
    assert mapping.row("b").note == "It moves nothing"
    assert mapping.row("c").note == "It moves nothing that a channel shows"
    assert mapping.row("d").note == "It moves the whole head"
    assert mapping.unmatched == ("b", "c", "d")


def test_a_viseme_opens_the_jaw_where_nothing_else_does(head: Head) -> None:
    viseme = 0.6 * head.own["jawOpen"] + 0.2 * head.own["mouthFunnel"]
    alone = _understood(head, head.rig({"a": viseme, "b": _both(head, "eyeBlink")}))
    assert _first(alone, "a") == "jawOpen"
    beside = _understood(head, head.rig({"a": viseme, "b": head.own["jawOpen"]}))
    assert beside.row("a").note == "jawOpen already drives b"


def _bones(head: Head, turned: Callable[..., Floats]) -> ProbedRig:
    template = Template.load()
    size = np.linalg.norm(head.own["jawOpen"], axis=1)
    jaw = np.clip(size / np.quantile(size[size > 0], 0.85), 0, 1).astype(np.float32)
    joint = np.array([0, 0.07, -0.02], np.float32)
    eye = (template.parts == Part.LEFT_EYE).astype(np.float32)
    middle = head.face.vertices[eye > 0].mean(axis=0)
    ways = (
        ("jaw|rotation|x", 0.5, -0.1, (1, 0, 0), joint, jaw),
        ("eye.L|rotation|x", 0.6, -0.6, (1, 0, 0), middle, eye),
        ("eye.L|rotation|z", 0.7, -0.7, (0, 0, 1), middle, eye),
        ("head|rotation|z", 1.0, -1.0, (0, 0, 1), joint, np.ones_like(eye)),
    )
    controls = tuple(Control(name, "bone", least, most) for name, most, least, *_ in ways)
    fields = [
        np.stack([turned(axis, way[end], center, weights) for *way, axis, center, weights in ways])
        for end in (1, 2)
    ]
    return ProbedRig(head.face, controls, *fields)


def test_bones_of_jaw_and_eyes_need_no_table(head: Head, turned: Callable[..., Floats]) -> None:
    mapping = _understood(head, _bones(head, turned))
    assert dict(mapping.row("jaw|rotation|x").terms)["jawOpen"] > 0.1
    down, up = (dict(mapping.row("eye.L|rotation|x").terms)[f"eyeLook{d}Left"] for d in _UP_DOWN)
    assert down > 0.1
    assert up < -0.1
    inward = dict(mapping.row("eye.L|rotation|z").terms)["eyeLookInLeft"]
    assert inward < -0.1
    assert mapping.row("head|rotation|z").note == "It moves the whole head"


_UP_DOWN = ("Down", "Up")


def test_keys_and_bones_of_one_character_share_the_work(
    head: Head, turned: Callable[..., Floats]
) -> None:
    keys = [c for c in ARKIT_CHANNELS if c != "jawOpen" and not c.startswith("eyeLook")]
    fields = np.stack([head.own[channel] for channel in keys])
    bones = _bones(head, turned)
    controls = tuple(Control(f"Key {c}", "shape key", 0.0, 1.0) for c in range(len(keys)))
    rig = ProbedRig(
        head.face,
        controls + bones.controls,
        np.concatenate([fields, bones.raised]),
        np.concatenate([np.zeros_like(fields), bones.lowered]),
    )
    mapping = _understood(head, rig)
    assert [_first(mapping, control.name) for control in controls] == keys
    assert mapping.row("jaw|rotation|x").channels == ("jawOpen",)
    assert set(mapping.row("eye.L|rotation|x").channels) == {"eyeLookDownLeft", "eyeLookUpLeft"}
    # The lid follows the eye, as the shapes have it.
    assert "eyeLookDownLeft" in mapping.row(f"Key {keys.index('eyeBlinkLeft')}").channels


def test_a_bone_goes_the_way_that_is_wanted(head: Head, turned: Callable[..., Floats]) -> None:
    mapping = _understood(head, _bones(head, turned))
    values = np.zeros((3, 52), np.float32)
    values[1, ARKIT_CHANNELS.index("eyeLookDownLeft")] = 1
    values[2, ARKIT_CHANNELS.index("eyeLookUpLeft")] = 0.5
    clip = Clip(ARKIT_CHANNELS, np.arange(3) / 30, values, np.ones_like(values))
    turning = retarget(clip, mapping).channel("eye.L|rotation|x")
    assert turning[0] == 0
    assert turning[1] > 0.1
    assert turning[2] < -0.05


def test_a_performance_comes_back_from_a_character_with_other_controls(
    head: Head, turned: Callable[..., Floats]
) -> None:
    keys = _understood(
        head, head.rig({f"Key {n}": head.own[c] for n, c in enumerate(ARKIT_CHANNELS)})
    )
    bones = _understood(head, _bones(head, turned))
    shown = ("jawOpen", "eyeLookUpLeft", "eyeLookInLeft")
    values = np.zeros((4, 52), np.float32)
    values[1:, [ARKIT_CHANNELS.index(channel) for channel in shown]] = np.eye(3) * 0.6
    clip = Clip(ARKIT_CHANNELS, np.arange(4) / 30, values, np.ones_like(values))
    there = retarget(channels_of(retarget(clip, keys), keys), bones)
    again = channels_of(there, bones)
    for number, channel in enumerate(shown, 1):
        assert again.channel(channel)[number] == pytest.approx(0.6, abs=0.08)
        assert again.channel(channel)[0] == pytest.approx(0, abs=0.02)


def test_a_rig_that_cannot_be_understood_says_so_before_anything_is_done(head: Head) -> None:
    with pytest.raises(RigError, match="nothing to animate"):
        understand_rig(ProbedRig(head.face, (), *np.zeros((2, 0, len(head.face.vertices), 3))))
    field = head.own["jawOpen"][None]
    locked = Control("Key", "shape key", 0.0, 0.0)
    with pytest.raises(RigError, match="locked or driven"):
        understand_rig(ProbedRig(head.face, (locked,), field, field))
    exploded = ProbedRig(head.face, (Control("Key", "shape key", 0.0, 1.0),), field * np.nan, field)
    with pytest.raises(RigError, match="not a number"):
        understand_rig(exploded)


def test_a_character_whose_keys_all_move_nothing_is_left_alone(head: Head) -> None:
    still = np.zeros_like(head.own["jawOpen"])
    mapping = _understood(head, head.rig({"a": still, "jawOpen": still}))
    assert [row.note for row in mapping.rows] == ["It moves nothing"] * 2
    assert mapping.matched == ()


@pytest.mark.parametrize("seed", range(6))
def test_no_rig_however_odd_is_driven_beyond_its_limits(head: Head, seed: int) -> None:
    random = np.random.default_rng(seed)
    rig = _odd_rig(head, random)
    mapping = Mapping.from_json(_understood(head, rig).to_json())
    values = np.clip(random.normal(-1, 1, (40, 52)), 0, 1).astype(np.float32)
    clip = Clip(ARKIT_CHANNELS, np.arange(40) / 30, values, np.ones_like(values))
    driven = retarget(clip, mapping)
    for control in rig.controls:
        if control.name in driven.channels:
            moved = driven.channel(control.name)
            assert moved.min() >= control.least - 1e-5
            assert moved.max() <= control.greatest + 1e-5
    if driven.channels:
        shown = channels_of(driven, mapping).values
        known = shown[np.isfinite(shown)]
        assert ((known >= 0) & (known <= 1)).all()


def _odd_rig(head: Head, random: np.random.Generator) -> ProbedRig:
    """Return controls of every kind, some named, of any size and range, some locked or noise."""
    fields = [*head.own.values()]
    still = np.zeros_like(fields[0])
    controls, raised, lowered = [], [], []
    for number in range(int(random.integers(2, 9))):
        kind = str(random.choice(["shape key", "bone", "property"]))
        names = {
            "shape key": f"{random.choice(ARKIT_CHANNELS)}{number}",
            "bone": f"b{number}|rotation|x",
            "property": f"b{number}|property|p",
        }
        least, greatest = -float(random.choice([0, 0.2, 1])), float(random.choice([0, 0.3, 1, 10]))
        rest = float(random.choice([0, least, greatest]))
        noise = random.normal(size=still.shape) * random.choice([1e-9, 1e-3, 1e3])
        field = fields[random.integers(52)] * random.normal() if random.random() < 0.7 else noise
        other = -field / 2 if random.random() < 0.5 else fields[random.integers(52)]
        controls.append(Control(names[kind], kind, least, greatest, rest))  # type: ignore[arg-type]
        raised.append(field if greatest > rest else still)
        lowered.append(other if least < rest else still)
    controls.append(Control("Key", "shape key", 0.0, 1.0))  # one that is never locked
    both = [np.stack([*part, end]) for part, end in ((raised, fields[0]), (lowered, still))]
    return ProbedRig(head.face, tuple(controls), *(part.astype(np.float32) for part in both))
