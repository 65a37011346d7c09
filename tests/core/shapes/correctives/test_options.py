import json
from typing import Any

import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.shapes.options import STRENGTH_REGIONS, ShapeOptions


def test_options_survive_the_way_to_the_worker() -> None:
    options = ShapeOptions(
        strength=1.2,
        region_strengths={"jaw": 0.5},
        symmetric=True,
        shapes=("jawOpen", "mouthClose"),
        visemes=("vrm",),
        companions=False,
    )
    assert ShapeOptions.from_json(json.loads(json.dumps(options.to_json()))) == options


def test_every_channel_belongs_to_one_region() -> None:
    channels = [channel for region in STRENGTH_REGIONS.values() for channel in region]
    assert sorted(channels) == sorted(ARKIT_CHANNELS)


def test_mouth_close_is_as_strong_as_the_jaw_it_undoes() -> None:
    options = ShapeOptions(strength=0.5, region_strengths={"jaw": 0.4, "mouth": 3.0})
    assert options.strength_of("mouthClose") == options.strength_of("jawOpen") == 0.2
    assert options.strength_of("mouthPucker") == 1.5


@pytest.mark.parametrize(
    "wrong",
    [
        {"strength": -1.0},
        {"region_strengths": {"ears": 1.0}},
        {"region_strengths": {"jaw": -0.1}},
        {"shapes": ("jawopen",)},
        {"visemes": ("klingon",)},
    ],
)
def test_options_that_mean_nothing_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        ShapeOptions(**wrong)
