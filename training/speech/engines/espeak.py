"""eSpeak NG, a formant engine of many languages, through its C library."""

import ctypes
from typing import ClassVar, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from facial_retarget.core.errors import FacialRetargetError

from ..symbols import SILENCE, PhoneticAlphabet
from .spoken import Manner, Phone, Spoken, at_sample_rate, contiguous, divided

_LIBRARY: Final = "libespeak-ng.so.1"
# Values of speak_lib.h.
_RETURN_SAMPLES: Final = 2
_PHONEME_EVENTS: Final = 1 | 2  # named in IPA
_PHONEME_EVENT: Final = 7
_LAST_EVENT: Final = 0
_LANGUAGE_CHANGE: Final = "("  # (en) before an English word: no sound
_UTF8: Final = 1
_RATE: Final = 1
_PITCH: Final = 3
_WORDS_A_MINUTE: Final = 175
_MIDDLE_PITCH: Final = 50

_VOICELESS_STOPS: Final = ("P", "T", "K", "CH")
_SILENT: Final = 0.02  # of the loudest; some variants have an echo
_EARLY_BURST: Final = 0.012  # seconds by which a burst may begin before it is announced
_SHORTEST_CLOSURE: Final = 0.01  # seconds
_SHORTEST_PAUSE: Final = 0.05  # seconds
_LONGEST_CLOSURE: Final = 0.12  # seconds


class Event(NamedTuple):
    """A sound begins. symbols: IPA, empty for a pause. time: seconds."""

    symbols: str
    time: float


class _Identifier(ctypes.Union):
    _fields_: ClassVar = [
        ("number", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("string", ctypes.c_char * 8),
    ]


class _Event(ctypes.Structure):
    _fields_: ClassVar = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("identifier", _Identifier),
    ]


_Callback: Final = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class Espeak:
    """A voice is a language with a variant: en-us+f2. Its times are exact."""

    def __init__(self) -> None:
        try:
            self._library = ctypes.CDLL(_LIBRARY)
        except OSError as error:
            raise FacialRetargetError(
                "eSpeak NG's library is missing. Install it: apt-get install libespeak-ng1"
            ) from error
        self._sample_rate = self._library.espeak_Initialize(
            _RETURN_SAMPLES, 0, None, _PHONEME_EVENTS
        )
        self._samples: list[int] = []
        self._events: list[Event] = []
        self._callback = _Callback(self._receive)  # kept: the library calls it later
        self._library.espeak_SetSynthCallback(self._callback)

    def say(self, voice: str, text: str, manner: Manner) -> Spoken:
        """Say a sentence."""
        self._samples.clear()
        self._events.clear()
        if self._library.espeak_SetVoiceByName(voice.encode()):
            raise FacialRetargetError(f"eSpeak NG has no voice '{voice}'.")
        rate, pitch = round(_WORDS_A_MINUTE * manner.speed), round(_MIDDLE_PITCH * manner.pitch)
        self._library.espeak_SetParameter(_RATE, rate, 0)
        self._library.espeak_SetParameter(_PITCH, pitch, 0)
        data = text.encode()
        self._library.espeak_Synth(data, len(data) + 1, 0, 0, 0, _UTF8, None, None)
        self._library.espeak_Synchronize()
        samples = np.array(self._samples, dtype=np.float32) / np.float32(32768)
        english = ("english",) if voice.startswith("en") else ()
        seconds = len(samples) / self._sample_rate
        phones = phones_of_events(self._events, seconds, PhoneticAlphabet(*english))
        phones = with_closures(phones, samples, self._sample_rate)
        return Spoken(at_sample_rate(samples, self._sample_rate), contiguous(phones, seconds))

    def _receive(
        self, wave: "ctypes._Pointer[ctypes.c_short]", count: int, events: "ctypes._Pointer[_Event]"
    ) -> int:
        if wave and count:
            self._samples.extend(wave[:count])
        index = 0
        while (event := events[index]).type != _LAST_EVENT:
            if event.type == _PHONEME_EVENT:
                symbols = bytes(event.identifier.string).decode(errors="ignore")
                if not symbols.startswith(_LANGUAGE_CHANGE):
                    self._events.append(Event(symbols, event.sample / self._sample_rate))
            index += 1
        return 0


def phones_of_events(
    events: list[Event], seconds: float, alphabet: PhoneticAlphabet
) -> list[Phone]:
    """Return the phones of events; one that stands for several is cut into equal pieces.

    A pause that is too short for one is the end of the sound before it, such as a trill's.
    """
    ends = [*(event.time for event in events[1:]), seconds]
    events = [
        event
        for event, end in zip(events, ends, strict=True)
        if event.symbols or end - event.time > _SHORTEST_PAUSE
    ]
    phones = []
    for event, following in zip(events, [*events[1:], Event("", seconds)], strict=True):
        names = alphabet.phones(event.symbols) or [SILENCE]
        phones += divided(names, event.time, following.time)
    return phones


def with_closures(
    phones: list[Phone], samples: NDArray[np.float32], sample_rate: int
) -> list[Phone]:
    """Give the silence before a voiceless stop's burst to the stop.

    The engine announces a stop at its burst; the lips or the tongue have closed before that, where
    its sound falls silent within the phone before.
    """
    silence = _SILENT * float(np.abs(samples).max(initial=0.0))
    moved = phones[:1]
    for phone in phones[1:]:
        if phone.name in _VOICELESS_STOPS and moved[-1].name != SILENCE:
            longest = min(_LONGEST_CLOSURE, (moved[-1].end - moved[-1].start) / 2)
            burst = round(phone.start * sample_rate)
            before = np.abs(samples[max(0, burst - int(longest * sample_rate)) : burst])
            start = phone.start - _closure(before > silence, sample_rate) / sample_rate
            moved[-1] = moved[-1]._replace(end=start)
            moved.append(phone._replace(start=start))
        else:
            moved.append(phone)
    return moved


def _closure(loud: NDArray[np.bool_], sample_rate: int) -> int:
    """Return how many samples the closure takes that ends these, but for the burst's first ones."""
    early = int(_EARLY_BURST * sample_rate)
    heard = np.flatnonzero(loud[:-early])
    silent = len(loud) - early - (int(heard[-1]) + 1 if len(heard) else 0)
    return silent + early if silent >= _SHORTEST_CLOSURE * sample_rate else 0
