import itertools

import numpy as np
import pytest

from training.speech.engines.spoken import Phone, at_sample_rate, contiguous


def test_silence_fills_what_is_around_and_between() -> None:
    phones = [Phone("M", 0.1, 0.2), Phone("AA", 0.3, 0.4)]
    filled = contiguous(phones, 0.5)
    assert [phone.name for phone in filled] == ["SIL", "M", "SIL", "AA", "SIL"]
    assert filled[0].start == 0
    assert filled[-1].end == 0.5
    assert all(a.end == b.start for a, b in itertools.pairwise(filled))


def test_neighbouring_silences_become_one() -> None:
    filled = contiguous([Phone("SIL", 0.1, 0.2), Phone("SIL", 0.2, 0.3), Phone("B", 0.3, 0.4)], 0.4)
    assert filled == (Phone("SIL", 0.0, 0.3), Phone("B", 0.3, 0.4))


def test_phones_end_with_the_sound() -> None:
    assert contiguous([Phone("B", 0.0, 0.9)], 0.5) == (Phone("B", 0.0, 0.5),)


def test_a_tone_keeps_its_length_and_pitch_at_another_rate() -> None:
    pytest.importorskip("scipy", reason="scipy is not installed: make test-training brings it")
    time = np.arange(22050) / 22050
    tone = np.sin(2 * np.pi * 440 * time).astype(np.float32)
    resampled = at_sample_rate(tone, 22050)
    assert resampled.dtype == np.float32
    assert len(resampled) == 16000
    assert np.argmax(np.abs(np.fft.rfft(resampled))) == 440
