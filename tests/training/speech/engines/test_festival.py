import pytest

from facial_retarget.core.errors import FacialRetargetError
from training.speech.engines.festival import read_segments
from training.speech.engines.spoken import Phone


def test_each_segment_starts_where_the_one_before_ends() -> None:
    saved = "#\n0.2200 100 pau \n0.2871 100 hh \n0.3221 100 ax \n"
    assert read_segments(saved, "festvox") == [
        Phone("SIL", 0.0, 0.22),
        Phone("HH", 0.22, 0.2871),
        Phone("AH", 0.2871, 0.3221),
    ]


def test_a_name_of_another_language_can_be_several_phones() -> None:
    phones = read_segments("#\n0.1 100 #\n0.3 100 c\n0.4 100 r~\n", "czech")
    assert [phone.name for phone in phones] == ["SIL", "T", "S", "ZH"]
    assert (phones[1].end, phones[2].end) == pytest.approx((0.2, 0.3))


def test_a_name_that_no_table_has_is_told() -> None:
    with pytest.raises(FacialRetargetError, match="'r~' is no phone"):
        read_segments("0.1 100 r~\n", "finnish")
