import numpy as np
import pytest

from facial_retarget.core.formats.time_code import (
    from_time_codes,
    time_code_parts,
    to_time_code,
)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "00:00:00:00.000"),
        (1 / 60, "00:00:00:01.000"),
        (0.9999999, "00:00:01:00.000"),
        (36819 + (1.936 / 60), "10:13:39:01.936"),
        (3600.5, "01:00:00:30.000"),
        (-1 / 60, "23:59:59:59.000"),
    ],
)
def test_seconds_are_written_by_the_clock(seconds: float, text: str) -> None:
    assert to_time_code(seconds) == text


@pytest.mark.parametrize("rate", [12, 23.976, 24, 25, 29.97, 30, 50, 59.94, 60, 119.88])
@pytest.mark.parametrize("count", [2, 20, 200])
def test_times_of_any_rate_come_back(rate: float, count: int) -> None:
    times = np.arange(count) / rate
    read = from_time_codes([to_time_code(time) for time in times])
    np.testing.assert_allclose(read, times, atol=1.01 / 120_000)


@pytest.mark.parametrize("seed", range(8))
def test_irregular_times_come_back(seed: int) -> None:
    random = np.random.default_rng(seed)
    steps = random.choice([1 / 60, 1 / 30, 0.2, 0.7, 1.0], 300)
    times = np.cumsum(steps) - steps[0]
    read = from_time_codes([to_time_code(time) for time in times])
    np.testing.assert_allclose(read, times, atol=1.01 / 60_000)


@pytest.mark.parametrize("rate", [24, 25, 30, 50])
def test_frames_counted_at_another_rate_are_understood(rate: int) -> None:
    codes = [f"00:00:{n // rate:02}:{n % rate:02}.000" for n in range(3 * rate)]
    np.testing.assert_allclose(from_time_codes(codes), np.arange(3 * rate) / rate, atol=1e-9)


def test_a_take_passes_midnight() -> None:
    times = from_time_codes(["23:59:59:30.000", "23:59:59:45.000", "00:00:00:00.000"])
    np.testing.assert_allclose(times, [0, 0.25, 0.5])


def test_drop_frame_signs_and_missing_thousandths_are_read() -> None:
    np.testing.assert_allclose(from_time_codes(["01:00:00;00", "01:00:00;30"]), [0, 0.5])


@pytest.mark.parametrize("text", ["", "12", "00:00:00", "aa:00:00:00", "00:00:00:00,5", "1:2:3:-4"])
def test_other_texts_are_no_time_codes(text: str) -> None:
    assert np.isnan(time_code_parts([text, "1:2:3:4"])).tolist() == [[True] * 4, [False] * 4]
