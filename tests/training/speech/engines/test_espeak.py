import numpy as np
import pytest

from training.speech.engines.espeak import Event, phones_of_events, with_closures
from training.speech.engines.spoken import Phone
from training.speech.symbols import PhoneticAlphabet

EVENTS = [Event("tʃ", 0.1), Event("ɑːɹ", 0.2), Event("", 0.4), Event("p", 0.6)]


def test_a_phone_lasts_until_the_next_event() -> None:
    phones = phones_of_events(EVENTS, 0.7, PhoneticAlphabet("english"))
    assert [phone.name for phone in phones] == ["CH", "AA", "R", "SIL", "P"]
    assert phones[0] == Phone("CH", 0.1, 0.2)
    assert phones[3:] == [Phone("SIL", 0.4, 0.6), Phone("P", 0.6, 0.7)]


def test_one_event_of_two_phones_is_cut_in_two() -> None:
    _, vowel, consonant, *_ = phones_of_events(EVENTS, 0.7, PhoneticAlphabet("english"))
    assert (vowel.start, vowel.end, consonant.end) == pytest.approx((0.2, 0.3, 0.4))


def test_a_short_pause_within_a_word_is_the_end_of_the_sound_before() -> None:
    events = [Event("t", 0.0), Event("", 0.1), Event("r", 0.12), Event("", 0.2)]
    phones = phones_of_events(events, 0.3, PhoneticAlphabet())
    assert phones == [Phone("T", 0.0, 0.12), Phone("R", 0.12, 0.2), Phone("SIL", 0.2, 0.3)]


def test_an_event_without_length_is_no_phone() -> None:
    events = [Event("a", 0.0), Event("ʔ", 0.2), Event("b", 0.2)]
    phones = phones_of_events(events, 0.3, PhoneticAlphabet())
    assert [phone.name for phone in phones] == ["AA", "B"]


def test_the_silence_before_a_burst_belongs_to_the_stop() -> None:
    samples = np.full(4000, 0.5, dtype=np.float32)
    samples[1600:2000] = 0
    phones = [Phone("AA", 0.0, 0.25), Phone("P", 0.25, 0.5)]
    vowel, stop = with_closures(phones, samples, 8000)
    assert vowel == Phone("AA", 0.0, 0.2)
    assert stop == Phone("P", 0.2, 0.5)


def test_a_burst_may_begin_before_it_is_announced() -> None:
    samples = np.full(4000, 0.5, dtype=np.float32)
    samples[1600:1960] = 0.005
    phones = [Phone("AA", 0.0, 0.25), Phone("P", 0.25, 0.5)]
    assert with_closures(phones, samples, 8000)[1] == Phone("P", 0.2, 0.5)


def test_a_stop_without_closure_starts_where_it_is_announced() -> None:
    phones = [Phone("AA", 0.0, 0.25), Phone("P", 0.25, 0.5)]
    assert with_closures(phones, np.full(4000, 0.5, dtype=np.float32), 8000) == phones


def test_a_voiced_stop_and_one_after_a_pause_stay_where_they_are() -> None:
    samples = np.zeros(4000, dtype=np.float32)
    for name, stop in (("AA", "B"), ("SIL", "P")):
        phones = [Phone(name, 0.0, 0.25), Phone(stop, 0.25, 0.5)]
        assert with_closures(phones, samples, 8000) == phones


def test_a_closure_takes_no_more_than_half_of_the_phone_before() -> None:
    phones = [Phone("AA", 0.0, 0.1), Phone("P", 0.1, 0.2)]
    vowel, _ = with_closures(phones, np.zeros(1600, dtype=np.float32), 8000)
    assert vowel == Phone("AA", 0.0, 0.05)
