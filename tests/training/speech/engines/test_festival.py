from training.speech.engines.festival import read_segments
from training.speech.engines.spoken import Phone


def test_each_segment_starts_where_the_one_before_ends() -> None:
    saved = "#\n0.2200 100 pau \n0.2871 100 hh \n0.3221 100 ax \n"
    assert read_segments(saved) == [
        Phone("SIL", 0.0, 0.22),
        Phone("HH", 0.22, 0.2871),
        Phone("AH", 0.2871, 0.3221),
    ]
