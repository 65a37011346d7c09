from training.speech.engines.openjtalk import read_trace
from training.speech.engines.spoken import Phone

TRACE = """\
[Output label]
0 2700000 xx^xx-sil+p=a/A:xx+xx+xx/B:xx-xx_xx
2700000 3300000 xx^sil-s+a=N/A:-5+1+6/B:xx-xx_xx
3300000 4300000 sil^s-a+N=p/A:-5+1+6/B:xx-xx_xx
4300000 4900000 s^a-N+p=o/A:-4+2+5/B:xx-xx_xx
4900000 5300000 a^N-py+o=cl/A:-3+3+4/B:02-xx_xx
5300000 6000000 N^py-o+cl=t/A:-3+3+4/B:02-xx_xx
6000000 6500000 py^o-cl+ch=i/A:-3+3+4/B:02-xx_xx
6500000 7000000 o^cl-ch+i=N/A:-3+3+4/B:02-xx_xx
7000000 7000000 cl^ch-I+N=sil/A:-3+3+4/B:02-xx_xx
7000000 8000000 ch^I-N+sil=xx/A:-3+3+4/B:02-xx_xx
8000000 9000000 I^N-sil+xx=xx/A:-3+3+4/B:02-xx_xx

[Global parameter]
Sampring frequency -> 48000(Hz)
"""


def test_a_trace_is_read_to_the_ten_millionth_of_a_second() -> None:
    phones = read_trace(TRACE)
    assert phones[:3] == [Phone("SIL", 0, 0.27), Phone("S", 0.27, 0.33), Phone("AA", 0.33, 0.43)]
    assert phones[-1] == Phone("SIL", 0.8, 0.9)


def test_lips_meet_for_n_before_a_sound_of_the_lips_alone() -> None:
    names = [phone.name for phone in read_trace(TRACE)]
    assert names == ["SIL", "S", "AA", "M", "P", "Y", "AO", "CH", "CH", "N", "SIL"]
