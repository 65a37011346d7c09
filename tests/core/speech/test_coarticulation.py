import numpy as np
import pytest

from facial_retarget.core.speech.coarticulation import mouth_curves, mouth_table
from facial_retarget.core.speech.parameters import MOUTH_PARAMETERS
from facial_retarget.core.speech.visemes import VISEMES, Phone, phones

RATE = 100


def spoken(text: str) -> list[Phone]:
    """Read "B:80 AA:140" as sounds and their milliseconds."""
    sounds, time = [], 0.0
    for word in text.split():
        name, length = word.split(":")
        sounds.append((name, time, time + int(length) / 1000))
        time = sounds[-1][2]
    return sounds


def curves(text: str, loudness: float | None = None) -> dict[str, np.ndarray]:
    sounds = spoken(text)
    times = np.arange(0, sounds[-1][2], 1 / RATE)
    heard = None if loudness is None else np.full(len(times), loudness)
    mouth = mouth_curves(sounds, times, heard)
    assert mouth.shape == (len(times), len(MOUTH_PARAMETERS))
    assert mouth.dtype == np.float32
    return dict(zip(MOUTH_PARAMETERS, mouth.T, strict=True)) | {"time": times}


def aperture(mouth: dict[str, np.ndarray]) -> np.ndarray:
    return mouth["jawOpen"] - mouth["mouthClose"]


def during(mouth: dict[str, np.ndarray], start: float, end: float) -> np.ndarray:
    return (mouth["time"] >= start - 1e-9) & (mouth["time"] <= end + 1e-9)


@pytest.mark.parametrize("sound", ["P", "B", "M"])
@pytest.mark.parametrize("vowel", ["AA", "IY", "UW", "AO"])
@pytest.mark.parametrize("milliseconds", [40, 80, 120])
def test_lips_meet_whatever_is_spoken_round_them(sound: str, vowel: str, milliseconds: int) -> None:
    mouth = curves(f"SIL:300 {vowel}:150 {sound}:{milliseconds} {vowel}:150 SIL:300")
    closed = during(mouth, 0.45, 0.45 + 0.7 * milliseconds / 1000)
    np.testing.assert_allclose(aperture(mouth)[closed], 0, atol=1e-6)
    assert mouth["mouthRollLower"][closed].min() >= 0.2
    assert mouth["mouthLowerDown"][closed].max() == 0
    assert aperture(mouth)[during(mouth, 0.34, 0.36)].min() > 0.05


def test_lips_begin_to_close_before_the_sound_and_part_at_its_end() -> None:
    mouth = curves("SIL:300 AA:250 B:80 AA:250 SIL:300")
    opened = aperture(mouth)[during(mouth, 0.4, 0.43)].mean()
    closing = mouth["time"][(mouth["time"] > 0.4) & (aperture(mouth) < 0.5 * opened)][0]
    assert -0.12 < closing - 0.55 < -0.06
    assert aperture(mouth)[during(mouth, 0.7, 0.72)].min() > 0.5 * opened


def test_a_vowel_between_two_closures_is_seen() -> None:
    mouth = curves("SIL:300 B:70 AA:120 B:70 AE:120 M:70 SIL:300")
    for middle in (0.43, 0.62):
        assert aperture(mouth)[during(mouth, middle - 0.015, middle + 0.001)].min() > 0.1


def test_teeth_rest_on_the_lip_for_f_and_v() -> None:
    mouth = curves("SIL:300 AA:120 F:90 AA:120 V:80 IY:100 SIL:300")
    for start, end in ((0.42, 0.48), (0.63, 0.68)):
        bitten = during(mouth, start, end)
        assert mouth["mouthRollLower"][bitten].min() >= 0.4
        assert mouth["jawOpen"][bitten].max() <= 0.09 + 1e-6
        assert mouth["mouthClose"][bitten].max() == 0


@pytest.mark.parametrize(("sound", "most"), [("S", 0.08), ("Z", 0.08), ("SH", 0.1), ("JH", 0.1)])
def test_sibilants_narrow_the_jaw(sound: str, most: float) -> None:
    mouth = curves(f"SIL:300 AA:150 {sound}:100 AA:150 SIL:300")
    assert mouth["jawOpen"][during(mouth, 0.45, 0.52)].max() <= most + 1e-6
    assert mouth["jawOpen"].max() > 0.3


def test_rounding_begins_in_the_sounds_before() -> None:
    mouth = curves("SIL:300 S:80 T:60 UW:150 SIL:300")
    flat = curves("SIL:300 S:80 T:60 IY:150 SIL:300")
    early = during(mouth, 0.37, 0.39)
    assert mouth["mouthPucker"][early].mean() > 0.15
    assert flat["mouthPucker"][early].max() < 0.05


def test_the_tongues_sounds_take_their_lips_from_their_neighbours() -> None:
    between = during(rounded := curves("UW:150 N:80 UW:150"), 0.16, 0.22)
    spread = curves("IY:150 N:80 IY:150")
    assert rounded["mouthPucker"][between].min() > 0.45
    assert spread["mouthSmile"][between].min() > 0.17


def test_silence_brings_the_mouth_to_rest_and_keeps_it_there() -> None:
    mouth = curves("SIL:500 HH:60 AH:80 L:80 OW:150 SIL:900 IY:100 SIL:500")
    values = np.stack([mouth[name] for name in MOUTH_PARAMETERS])
    assert np.all(values[:, during(mouth, 0, 0.24)] == 0)
    assert np.all(values[:, during(mouth, 0.87 + 0.25, 0.87 + 0.64)] == 0)
    assert values[:, during(mouth, 0.87 + 0.05, 0.87 + 0.08)].max() > 0.1


def test_a_short_pause_is_spoken_over() -> None:
    mouth = curves("SIL:300 AA:120 N:60 SIL:50 IY:100 SIL:300")
    assert mouth["mouthLowerDown"][during(mouth, 0.48, 0.53)].min() > 0.1


def test_a_loud_vowel_opens_the_jaw_further_than_a_quiet_one() -> None:
    loud, quiet = (curves("SIL:300 K:60 AA:150 T:60 SIL:300", heard) for heard in (1.0, 0.4))
    assert loud["jawOpen"].max() > 1.3 * quiet["jawOpen"].max()
    assert quiet["jawOpen"].max() > 0.15


def test_a_mouth_moves_without_leaps_and_within_limits() -> None:
    rng = np.random.default_rng(2)
    names = rng.choice(phones(), 400)
    text = " ".join(f"{name}:{rng.integers(40, 160)}" for name in names)
    mouth = curves(text)
    values = np.stack([mouth[name] for name in MOUTH_PARAMETERS])
    assert np.isfinite(values).all()
    assert values.min() >= 0
    assert values.max() <= 1
    assert np.all(mouth["mouthClose"] <= mouth["jawOpen"])
    assert np.abs(np.diff(values)).max() < 0.25


def test_no_sounds_and_no_times_are_rest() -> None:
    assert not mouth_curves([], [0.0, 1.0]).any()
    assert mouth_curves([("AA", 0.0, 1.0)], []).shape == (0, len(MOUTH_PARAMETERS))


def test_the_table_names_only_what_there_is() -> None:
    table = mouth_table()
    named = {name for target in table["targets"].values() for name in target}
    named |= {name for contact in table["contacts"].values() for name in contact["limits"]}
    moved = [name for motion in table["articulators"].values() for name in motion["parameters"]]
    assert named <= set(MOUTH_PARAMETERS)
    assert sorted([*moved, "mouthClose"]) == sorted(MOUTH_PARAMETERS)
    assert set(table["targets"]) == set(table["dominance"]) == set(VISEMES)
