"""What is put right after a network: lips that must meet, stillness in silence, smoothness.

Rows come 50 a second. Each pass is a function of a window of rows, so that a stream and a file give
the same; the window's reach ahead is what it adds to the delay.
"""

import functools
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .blocks import RowFunction
from .coarticulation import CLOSURE, impose
from .options import SpeechOptions
from .parameters import JAW_OPEN, MOUTH_CLOSE, MOUTH_PARAMETERS
from .visemes import SILENCE, VISEMES, vowels

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

_CLOSURE: Final = VISEMES.index(CLOSURE)
_LOUDNESS: Final = len(VISEMES)

# A closure heard in one row is held for three: 60 ms, the shortest that an eye takes in.
_CLOSURE_WEIGHTS: Final = {-2: 0.4, -1: 1.0, 0: 1.0, 1: 1.0, 2: 0.5}
_CLOSURE_LIKELY: Final = (0.35, 0.6)
_SPEECH_LIKELY: Final = (0.4, 0.65)
# After speech the mouth stays for 60 ms and is at rest after 240; it wakes just before a sound.
_ACTIVITY_WEIGHTS: Final = {
    **{2: 0.4, 1: 0.8, 0: 1.0, -1: 1.0, -2: 1.0},
    **{-2 - k: float(np.cos(k * np.pi / 20) ** 2) for k in range(1, 10)},
}
# Stops are silent: there is speech while anything was heard within so many rows.
_HEARD_WITHIN: Final = 10
_FAINTEST_SPEECH: Final = 0.05
# Hum and noise keep their level for so many rows as only a sung vowel does.
_STEADY_FOR: Final = 50
_STEADY_WITHIN: Final = 0.06
_SURELY_A_VOWEL: Final = 0.6
_VISEME_WEIGHTS: Final = {-2: 0.12, -1: 0.24, 0: 0.28, 1: 0.24, 2: 0.12}

_BEHIND: Final = _STEADY_FOR - min(_ACTIVITY_WEIGHTS)
_AHEAD: Final = 1 + max(_ACTIVITY_WEIGHTS)

_SMOOTH_BEHIND: Final = 6
_SMOOTH_AHEAD: Final = 1
_ROWS_AT_FULL_SMOOTHING: Final = 3.0
_LEAST_SIGMA: Final = 1e-2
_NO_WEIGHT: Final = 1e-9

_JAW_PARAMETERS: Final = (JAW_OPEN, MOUTH_CLOSE)
_PARTS_LIPS: Final = np.isin(
    MOUTH_PARAMETERS,
    ("jawOpen", "mouthClose", "mouthRollLower", "mouthRollUpper", "mouthPress"),
).astype(np.float32)

# Columns of gates_pass.
CLOSED: Final = 0
ACTIVE: Final = 1
FIRST_VISEME: Final = 2


def gates_pass() -> RowFunction:
    """Return the pass from (n, VISEMES + loudness) to (n, 2 + VISEMES) gates, each 0 to 1.

    CLOSED says how far the lips must meet, ACTIVE whether anyone speaks; from FIRST_VISEME on are
    the visemes, without flicker.
    """
    outputs = {"gates": FIRST_VISEME + len(VISEMES)}
    return RowFunction(_gates, _BEHIND, _AHEAD, len(VISEMES) + 1, outputs)


def mouth_pass(options: SpeechOptions) -> RowFunction:
    """Return the pass from (n, MOUTH_PARAMETERS + CLOSED + ACTIVE) to (n, MOUTH_PARAMETERS)."""
    columns = len(MOUTH_PARAMETERS)
    function = functools.partial(_finished, options=options)
    return RowFunction(function, _SMOOTH_BEHIND, _SMOOTH_AHEAD, columns + 2, {"mouth": columns})


def _gates(rows: Floats) -> Floats:
    visemes, heard = rows[:, :_LOUDNESS], rows[:, _LOUDNESS]
    own = slice(_BEHIND, len(rows) - _AHEAD)
    closure = _step(visemes[:, _CLOSURE], _CLOSURE_LIKELY)
    active = _spread(_activity(visemes, heard), _ACTIVITY_WEIGHTS)[own, None]
    steadied = [np.float32(weight) * _shifted(visemes, k) for k, weight in _VISEME_WEIGHTS.items()]
    shown = active * np.sum(steadied, axis=0)[own]
    shown[:, SILENCE] += 1 - active[:, 0]
    closed = active[:, 0] * _spread(closure, _CLOSURE_WEIGHTS)[own]
    gates: Floats = np.concatenate([closed[:, None], active, shown], axis=1)
    return gates


def _activity(visemes: Floats, heard: Floats) -> Floats:
    """Return (n,) 0 to 1: is this a voice? Neither silence nor what never changes is."""
    speech = np.mean([_shifted(1 - visemes[:, SILENCE], k) for k in (-1, 0, 1)], axis=0)
    is_heard = _over_past(np.maximum, heard, _HEARD_WITHIN) > _FAINTEST_SPEECH
    most, least = (_over_past(edge, heard, _STEADY_FOR) for edge in (np.maximum, np.minimum))
    is_sung = visemes[:, vowels()].max(axis=1) > _SURELY_A_VOWEL
    is_voice = is_heard & ((most - least > _STEADY_WITHIN) | is_sung)
    active: Floats = _step(speech, _SPEECH_LIKELY) * is_voice
    return active


def _finished(rows: Floats, options: SpeechOptions) -> Floats:
    """Smooth, scale, seal and still; see mouth_pass."""
    columns = len(MOUTH_PARAMETERS)
    own = slice(_SMOOTH_BEHIND, len(rows) - _SMOOTH_AHEAD)
    closed, active = rows[own, columns + CLOSED], rows[own, columns + ACTIVE]
    mouth = _smoothed(rows[:, :columns], rows[:, columns + CLOSED], options.smoothing)
    gain = np.full(columns, options.lips * options.strength, np.float32)
    gain[list(_JAW_PARAMETERS)] = options.jaw * options.strength
    mouth = np.clip(mouth * gain, 0, 1)
    impose(mouth, closed, CLOSURE, least=min(options.lips * options.strength, 1.0))
    sealed = np.maximum(mouth[:, MOUTH_CLOSE], closed * mouth[:, JAW_OPEN])
    mouth[:, MOUTH_CLOSE] = np.minimum(sealed, mouth[:, JAW_OPEN])
    return mouth * active[:, None]


def _smoothed(mouth: Floats, closed: Floats, amount: float) -> Floats:
    """Average over a window; what parts the lips, never over the edge between open and closed."""
    sigma = max(amount * _ROWS_AT_FULL_SMOOTHING, _LEAST_SIGMA)
    own = slice(_SMOOTH_BEHIND, len(mouth) - _SMOOTH_AHEAD)
    summed = np.zeros_like(mouth[own])
    total = np.full_like(summed, _NO_WEIGHT)
    for k in range(-_SMOOTH_BEHIND, _SMOOTH_AHEAD + 1):
        other = slice(own.start + k, own.stop + k)
        weight = np.float32(np.exp(-0.5 * (k / sigma) ** 2))
        apart = np.abs(closed[other] - closed[own])[:, None] * _PARTS_LIPS
        weights = weight * (1 - apart)
        summed += weights * mouth[other]
        total += weights
    smoothed: Floats = summed / total
    return smoothed


def _step(values: Floats, edges: tuple[float, float]) -> Floats:
    """Go smoothly from 0 at the first edge to 1 at the second."""
    share: Floats = np.clip((values - edges[0]) / (edges[1] - edges[0]), 0, 1)
    return share * share * (3 - 2 * share)


def _shifted(values: Floats, k: int) -> Floats:
    """Return the values k rows later, the last of them held."""
    return values[np.clip(np.arange(len(values)) + k, 0, len(values) - 1)]


def _spread(values: Floats, weights: dict[int, float]) -> Floats:
    """Return the greatest of the neighbours k rows on, each times its weight."""
    spread = np.zeros_like(values)
    for k, weight in weights.items():
        np.maximum(spread, np.float32(weight) * _shifted(values, k), out=spread)
    return spread


def _over_past(edge: np.ufunc, values: Floats, rows: int) -> Floats:
    """Return the greatest or least value of each row and `rows` before it."""
    padded = np.concatenate([np.full(rows, values[0]), values])
    windows = np.lib.stride_tricks.sliding_window_view(padded, rows + 1)
    past: Floats = edge.reduce(windows, axis=1)
    return past
