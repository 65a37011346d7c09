"""What drives a control reads as one would write it, and is read as it is written."""

import pytest

from facial_retarget.blender.character.driving import Driving
from facial_retarget.core.errors import MappingError
from facial_retarget.core.retarget import MappingRow

ROWS = {
    "jawOpen": (MappingRow("c", (("jawOpen", 1.0),)), 1.0),
    "-jawLeft": (MappingRow("c", (("jawLeft", -0.7),)), 0.7),
    "jawOpen + 0.5 mouthFunnel": (
        MappingRow("c", (("jawOpen", 0.8), ("mouthFunnel", 0.4))),
        0.8,
    ),
    "jawRight - jawLeft": (MappingRow("c", (("jawRight", 1.0), ("jawLeft", -1.0))), 1.0),
    "max(eyeBlinkLeft, 0.5 eyeBlinkRight)": (
        MappingRow("c", (("eyeBlinkLeft", 2.0), ("eyeBlinkRight", 1.0)), "max"),
        2.0,
    ),
    "mean(mouthSmileLeft, mouthSmileRight)": (
        MappingRow("c", (("mouthSmileLeft", 1.0), ("mouthSmileRight", 1.0)), "mean"),
        1.0,
    ),
    "": (MappingRow("c"), 1.0),
}


@pytest.mark.parametrize("source", ROWS)
def test_a_row_reads_as_its_channels_and_its_greatest_gain(source: str) -> None:
    row, gain = ROWS[source]
    assert Driving.of(row) == Driving(source, gain)


@pytest.mark.parametrize("source", ROWS)
def test_what_is_read_means_what_was_written(source: str) -> None:
    row, gain = ROWS[source]
    terms, combine = Driving(source, gain).parsed()
    assert [channel for channel, _gain in terms] == list(row.channels)
    assert [value for _channel, value in terms] == pytest.approx([g for _c, g in row.terms])
    assert combine == row.combine


def test_the_gain_of_a_row_scales_all_its_channels() -> None:
    terms, _combine = Driving("jawOpen - 0.25*mouthFunnel", 2.0).parsed()
    assert terms == (("jawOpen", 2.0), ("mouthFunnel", -0.5))


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("jawOpne", "'jawOpne' is not a channel. Choose one of the list."),
        ("jawOpen + jawOpen", "names a channel twice"),
        ("jawOpen mouthFunnel", "cannot be read"),
        ("max(jawOpen", "cannot be read"),
        ("jawOpen +", "cannot be read"),
        ("median(jawOpen, mouthFunnel)", "cannot be read"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(source: str, sentence: str) -> None:
    with pytest.raises(MappingError) as failure:
        Driving(source, 1.0).parsed()
    assert sentence in str(failure.value)
