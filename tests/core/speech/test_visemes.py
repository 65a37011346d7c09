import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.speech.parameters import (
    MOUTH_PARAMETERS,
    SPOKEN_CHANNELS,
    to_channels,
)
from facial_retarget.core.speech.visemes import (
    NO_VISEME,
    VISEMES,
    phone_visemes,
    phones,
    viseme_at,
    viseme_stretches,
    viseme_table,
)


def named(visemes: np.ndarray) -> list[str]:
    return [VISEMES[index] if index != NO_VISEME else "" for index in visemes]


def test_the_table_has_the_one_order_of_visemes() -> None:
    assert tuple(viseme_table()["visemes"]) == VISEMES


def test_every_sound_is_spoken_whole() -> None:
    for phone in phones():
        shares = [share for _, share in phone_visemes(phone)]
        assert sum(shares) == pytest.approx(1) or phone == "HH"


def test_a_diphthong_is_split_sixty_to_forty() -> None:
    stretches = viseme_stretches([("AY", 1.0, 1.5)])
    assert named(stretches.viseme) == ["aa", "I"]
    np.testing.assert_allclose(stretches.end, [1.3, 1.5])


def test_breath_is_left_out_or_takes_the_shape_of_what_follows() -> None:
    spoken = [("SIL", 0.0, 1.0), ("HH", 1.0, 2.0), ("UW", 2.0, 3.0), ("HH", 3.0, 4.0)]
    times = [-0.5, 0.5, 1.5, 2.5, 3.5, 4.5]
    assert named(viseme_at(spoken, times)) == ["sil", "sil", "", "U", "", "sil"]
    shaped = viseme_at(spoken, times, breath_has_shape=True)
    assert named(shaped) == ["sil", "sil", "U", "U", "sil", "sil"]


def test_nothing_spoken_is_silence() -> None:
    assert named(viseme_at([], [0.0, 1.0])) == ["sil", "sil"]


def test_an_unknown_sound_is_named() -> None:
    with pytest.raises(ValueError, match="XX"):
        viseme_at([("XX", 0.0, 1.0)], [0.5])


def test_one_parameter_drives_both_sides() -> None:
    mouth = np.arange(len(MOUTH_PARAMETERS), dtype=np.float32)[None]
    values = dict(zip(SPOKEN_CHANNELS, to_channels(mouth)[0], strict=True))
    assert set(values) <= set(ARKIT_CHANNELS)
    assert values["mouthSmileLeft"] == values["mouthSmileRight"]
    assert values["mouthSmileLeft"] == MOUTH_PARAMETERS.index("mouthSmile")
    assert len(values) == 18
