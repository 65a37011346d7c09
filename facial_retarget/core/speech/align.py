"""When each word of a script is spoken: its sounds laid over what was heard (Viterbi, 1967)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .script import Word
from .visemes import NO_VISEME, SILENCE, Phone, phone_visemes

Floats = NDArray[np.float32]

_SILENT: Final = "SIL"
_LEAST: Final = 0.01  # probability: a recogniser is never quite sure
_BREATH: Final = 0.15  # what HH, which has no shape, is heard with
# States within reach of the best one: some hundred words, so that long scripts stay small.
_BAND: Final = 1200
_NEVER: Final = np.float32(-1e30)
_NO_STATE: Final = -1
_NO_WORD: Final = -1


@dataclass(frozen=True)
class Alignment:
    """What is spoken when.

    phones: all sounds, silences too, without gaps. words: a text, its start and its end in
    seconds. misfit: by how much the words are less likely than the likeliest sounds, in log
    probability by the row of speech: below .5 where they are spoken, about 1 or more where others
    are.
    """

    phones: tuple[Phone, ...]
    words: tuple[Phone, ...]
    misfit: float


def shortest(words: Sequence[Word]) -> int:
    """Return how many rows the words need at least."""
    return sum(
        min(sum(max(len(phone_visemes(sound)), 1) for sound in way) for way in word.ways)
        for word in words
    )


def align(words: Sequence[Word], visemes: Floats, rows_a_second: float) -> Alignment:
    """Lay words over (n, VISEMES) probabilities, with silence between them where there is any.

    Of several ways to say a word the one that was heard is taken. Raises ValueError where there
    are fewer rows than the words need.
    """
    if len(visemes) < shortest(words):
        raise ValueError("the words need more rows than there are")
    graph = _Graph.of(words)
    known = np.log(np.maximum(visemes, _LEAST)).astype(np.float32)
    path, likelihood = _best_path(graph, known)
    spoken = max(float((1 - visemes[:, SILENCE]).sum()), 1.0)
    misfit = (float(known.max(axis=1).sum()) - likelihood) / spoken
    starts = np.flatnonzero(np.append(True, path[1:] != path[:-1]))
    times = np.append(starts, len(path)) / rows_a_second
    return Alignment(*_told(graph, words, path[starts], times), misfit)


@dataclass(frozen=True, eq=False)
class _Graph:
    """States in order of time: of each sound one, or two for a diphthong.

    viseme: (states,). before: (k, states) the states that may come before each, itself the first,
    _NO_STATE where fewer. sounds: of each state the number and the name of its sound. words:
    (states,) the word of each, _NO_WORD for silence. starts, ends: where the script may do so.
    """

    viseme: NDArray[np.int64]
    before: NDArray[np.int64]
    sounds: tuple[tuple[int, str], ...]
    words: tuple[int, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, words: Sequence[Word]) -> "_Graph":
        builder = _Builder()
        builder.add_silence()
        starts = [0]
        for number, word in enumerate(words):
            firsts = builder.add_word(number, word)
            starts += firsts if number == 0 else []
            builder.add_silence()
        most = max(len(before) for before in builder.before)
        before = np.full((most, len(builder.before)), _NO_STATE)
        for state, known in enumerate(builder.before):
            before[: len(known), state] = known
        return cls(
            np.array(builder.viseme),
            before,
            tuple(builder.sounds),
            tuple(builder.words),
            tuple(starts),
            tuple(builder.open_ends),
        )


class _Builder:
    """Appends states, each knowing what may come before it."""

    def __init__(self) -> None:
        self.viseme: list[int] = []
        self.before: list[list[int]] = []
        self.sounds: list[tuple[int, str]] = []
        self.words: list[int] = []
        self.open_ends: list[int] = []  # the states that the next word may follow
        self._sound = -1

    def add_silence(self) -> None:
        """Add a silence that may be left out."""
        self._sound += 1
        state = self._add(SILENCE, _SILENT, _NO_WORD, self.open_ends)
        self.open_ends = [*self.open_ends, state]

    def add_word(self, number: int, word: Word) -> list[int]:
        """Add all ways to say a word, side by side; return their first states."""
        firsts, ends = [], []
        for way in word.ways:
            before = self.open_ends
            for sound in way:
                self._sound += 1
                for viseme in _visemes(sound):
                    state = self._add(viseme, sound, number, before)
                    if before is self.open_ends:
                        firsts.append(state)
                    before = [state]
            ends += before
        self.open_ends = ends
        return firsts

    def _add(self, viseme: int, sound: str, word: int, before: list[int]) -> int:
        state = len(self.viseme)
        self.viseme.append(viseme)
        self.before.append([state, *before])
        self.sounds.append((self._sound, sound))
        self.words.append(word)
        return state


def _visemes(sound: str) -> list[int]:
    return [viseme for viseme, _ in phone_visemes(sound)] or [NO_VISEME]


def _best_path(graph: _Graph, known: Floats) -> tuple[NDArray[np.int64], float]:
    """Return (rows,) the state in each row, and the log probability of what was heard.

    known: (rows, VISEMES) log probabilities.
    """
    # HH comes last, where NO_VISEME looks for it.
    heard = np.column_stack([known, np.full(len(known), np.log(_BREATH), np.float32)])
    width = min(_BAND, len(graph.viseme))
    score = np.full(len(graph.viseme) + 1, _NEVER)  # the last is that of _NO_STATE
    score[list(graph.starts)] = heard[0, graph.viseme[list(graph.starts)]]
    low = 0
    lows = np.zeros(len(heard), np.int64)
    came = np.zeros((len(heard), width), np.int8)
    for row in range(1, len(heard)):
        band = slice(low, low + width)
        options = score[graph.before[:, band]]
        came[row] = options.argmax(axis=0)
        score[band] = options.max(axis=0) + heard[row, graph.viseme[band]]
        lows[row] = low
        ahead = low + int(score[band].argmax()) - width // 2
        moved = min(max(ahead, low), len(graph.viseme) - width)
        score[low:moved] = _NEVER
        low = moved
    ends = np.array(graph.ends)
    last = int(ends[score[ends].argmax()])
    path = np.zeros(len(heard), np.int64)
    path[-1] = last
    for row in range(len(heard) - 1, 0, -1):
        state = path[row]
        path[row - 1] = graph.before[came[row, state - lows[row]], state]
    return path, float(score[last])


def _told(
    graph: _Graph, words: Sequence[Word], states: NDArray[np.int64], times: NDArray[np.float64]
) -> tuple[tuple[Phone, ...], tuple[Phone, ...]]:
    """Return the sounds and the words of a row of states with n + 1 times around them."""
    phones: list[Phone] = []
    spoken: list[Phone] = []
    sound, word = -1, _NO_WORD
    for place, state in enumerate(states.tolist()):
        end = float(times[place + 1])
        number, name = graph.sounds[state]
        begin = phones[-1][1] if number == sound else float(times[place])
        phones[len(phones) - (number == sound) :] = [(name, begin, end)]
        if graph.words[state] != _NO_WORD:
            begin = spoken[-1][1] if graph.words[state] == word else float(times[place])
            text = words[graph.words[state]].text
            spoken[len(spoken) - (graph.words[state] == word) :] = [(text, begin, end)]
        sound, word = number, graph.words[state]
    return tuple(phones), tuple(spoken)
