from training.speech.engines.flite import read_segments
from training.speech.engines.spoken import Phone


def test_each_segment_starts_where_the_one_before_ends() -> None:
    printed = "pau:0.164 hh:0.255 ax:0.304 l:0.412 ow:0.523 pau:0.700 \n"
    assert read_segments(printed) == [
        Phone("SIL", 0.0, 0.164),
        Phone("HH", 0.164, 0.255),
        Phone("AH", 0.255, 0.304),
        Phone("L", 0.304, 0.412),
        Phone("OW", 0.412, 0.523),
        Phone("SIL", 0.523, 0.7),
    ]
