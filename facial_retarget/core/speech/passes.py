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
from .methods import AHEAD, ROWS_PER_MOUTH
from .options import SpeechOptions
from .parameters import JAW_OPEN, MOUTH_CLOSE, MOUTH_PARAMETERS
from .shown import HORIZON
from .visemes import SILENCE, VISEMES, vowels

Floats = NDArray[np.float32]

_CLOSURE: Final = VISEMES.index(CLOSURE)

# Columns of the input: visemes now, visemes soon, loudness now and loudness soon.
_NOW: Final = slice(0, len(VISEMES))
_SOON: Final = slice(len(VISEMES), 2 * len(VISEMES))
_HEARD_NOW: Final = 2 * len(VISEMES)
_HEARD_SOON: Final = _HEARD_NOW + 1
_ROWS_TO_SOON: Final = AHEAD // ROWS_PER_MOUTH

# A closure that is missed is seen more than one too many; what is only guessed must be surer.
_CLOSURE_LIKELY: Final = (0.08, 0.22)
_CLOSURE_LIKELY_SOON: Final = (0.5, 0.8)
# Weights by the row's distance; those ahead take what is said of soon. Lips meet 40 ms before they
# are heard, and for 60 ms at least, the shortest that an eye takes in.
_CLOSURE_WEIGHTS: Final = {3: 0.5, 2: 1.0, 1: 1.0, 0: 1.0, -1: 0.4}
_CLOSURE_HOLD: Final = 2  # rows after its first
_SPEECH_LIKELY: Final = (0.4, 0.65)
# The network relaxes by itself; this sees to it that 280 ms after speech nothing moves, and nothing
# until just before a sound.
_ACTIVITY_WEIGHTS: Final = {
    **{3: 0.3, 2: 0.7, 1: 1.0},
    **dict.fromkeys(range(-6, 1), 1.0),
    **{-6 - k: float(np.cos(k * np.pi / 16) ** 2) for k in range(1, 8)},
}
# Stops are silent: there is speech while anything was heard within so many rows.
_HEARD_WITHIN: Final = 10
_FAINTEST_SPEECH: Final = 0.05
# Hum and noise keep their level for so many rows as only a sung vowel does.
_STEADY_FOR: Final = 50
_STEADY_WITHIN: Final = 0.12
_SURELY_A_VOWEL: Final = 0.6

_BEHIND: Final = _STEADY_FOR + _ROWS_TO_SOON - min(_ACTIVITY_WEIGHTS)

_SMOOTH_BEHIND: Final = 6
_SMOOTH_BY_AHEAD: Final = 0.5  # more smoothing than that would lag without a row ahead
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
    """Return the pass from (n, 2 * VISEMES + 2) to (n, 2 + HORIZON * VISEMES) gates, each 0 to 1.

    It takes the probabilities of Heard, the loudness, and the loudness AHEAD rows of log-mel later.
    CLOSED says how far the lips must meet, ACTIVE whether anyone speaks; from FIRST_VISEME on are
    the probabilities of the row's own viseme and of those of the next, HORIZON in all.
    """
    outputs = {"gates": FIRST_VISEME + HORIZON * len(VISEMES)}
    return RowFunction(_gates, _BEHIND, 0, _HEARD_SOON + 1, outputs)


def mouth_pass(options: SpeechOptions) -> RowFunction:
    """Return the pass from (n, MOUTH_PARAMETERS + CLOSED + ACTIVE) to (n, MOUTH_PARAMETERS)."""
    columns = len(MOUTH_PARAMETERS)
    ahead = int(options.smoothing > _SMOOTH_BY_AHEAD)
    function = functools.partial(_finished, options=options, ahead=ahead)
    return RowFunction(function, _SMOOTH_BEHIND, ahead, columns + 2, {"mouth": columns})


def _gates(rows: Floats) -> Floats:
    now, soon = rows[:, _NOW], rows[:, _SOON]
    active = _spread(
        _activity(_speech(now, soon), now, rows[:, _HEARD_NOW]),
        _activity(_speech(soon, soon), soon, rows[:, _HEARD_SOON]),
        _ACTIVITY_WEIGHTS,
    )[_BEHIND:, None]
    spoken = [active * _at(now, soon, k)[_BEHIND:] for k in range(HORIZON)]
    for visemes in spoken:
        visemes[:, SILENCE] += 1 - active[:, 0]
    closed = active * _closed(now[:, _CLOSURE], soon[:, _CLOSURE])[_BEHIND:, None]
    gates: Floats = np.concatenate([closed, active, *spoken], axis=1)
    return gates


def _closed(now: Floats, soon: Floats) -> Floats:
    """Return (n,) how far lips must meet, of the probabilities that they do now and soon."""
    now, soon = _step(now, _CLOSURE_LIKELY), _step(soon, _CLOSURE_LIKELY_SOON)
    begun = np.maximum(now - _at(now, soon, -1), 0)
    held = [_at(begun, begun, -k) for k in range(1, _CLOSURE_HOLD + 1)]
    closed: Floats = np.max([_spread(now, soon, _CLOSURE_WEIGHTS), *held], axis=0)
    return closed


def _speech(now: Floats, soon: Floats) -> Floats:
    """Return (n,) the probability of speech, which a single row cannot make."""
    near = (-1, 0, 1) if now is not soon else (-2, -1, 0)
    speech: Floats = 1 - np.mean([_at(now, soon, k)[:, SILENCE] for k in near], axis=0)
    return speech


def _activity(speech: Floats, visemes: Floats, heard: Floats) -> Floats:
    """Return (n,) 0 to 1: is this a voice? Neither silence nor what never changes is."""
    is_heard = _over_past(np.maximum, heard, _HEARD_WITHIN) > _FAINTEST_SPEECH
    most, least = (_over_past(edge, heard, _STEADY_FOR) for edge in (np.maximum, np.minimum))
    is_sung = visemes[:, vowels()].max(axis=1) > _SURELY_A_VOWEL
    is_voice = is_heard & ((most - least > _STEADY_WITHIN) | is_sung)
    active: Floats = _step(speech, _SPEECH_LIKELY) * is_voice
    return active


def _finished(rows: Floats, options: SpeechOptions, ahead: int) -> Floats:
    """Smooth, scale, seal and still; see mouth_pass."""
    columns = len(MOUTH_PARAMETERS)
    own = slice(_SMOOTH_BEHIND, len(rows) - ahead)
    closed, active = rows[own, columns + CLOSED], rows[own, columns + ACTIVE]
    mouth = _smoothed(rows[:, :columns], rows[:, columns + CLOSED], options.smoothing, ahead)
    gain = np.full(columns, options.lips * options.strength, np.float32)
    gain[list(_JAW_PARAMETERS)] = options.jaw * options.strength
    mouth = np.clip(mouth * gain, 0, 1)
    impose(mouth, closed, CLOSURE, least=min(options.lips * options.strength, 1.0))
    sealed = np.maximum(mouth[:, MOUTH_CLOSE], closed * mouth[:, JAW_OPEN])
    mouth[:, MOUTH_CLOSE] = np.minimum(sealed, mouth[:, JAW_OPEN])
    return mouth * active[:, None]


def _smoothed(mouth: Floats, closed: Floats, amount: float, ahead: int) -> Floats:
    """Average over a window; what parts the lips, never over the edge between open and closed."""
    sigma = max(amount * _ROWS_AT_FULL_SMOOTHING, _LEAST_SIGMA)
    own = slice(_SMOOTH_BEHIND, len(mouth) - ahead)
    summed = np.zeros_like(mouth[own])
    total = np.full_like(summed, _NO_WEIGHT)
    for k in range(-_SMOOTH_BEHIND, ahead + 1):
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


def _at(now: Floats, soon: Floats, k: int) -> Floats:
    """Return what is known of the row k rows later: of later ones, what was said of soon."""
    if k > 0:
        return _at(soon, soon, k - _ROWS_TO_SOON)
    earlier: Floats = now[np.maximum(np.arange(len(now)) + k, 0)]
    return earlier


def _spread(now: Floats, soon: Floats, weights: dict[int, float]) -> Floats:
    """Return the greatest of the neighbours k rows on, each times its weight."""
    spread = np.zeros_like(now)
    for k, weight in weights.items():
        np.maximum(spread, np.float32(weight) * _at(now, soon, k), out=spread)
    return spread


def _over_past(edge: np.ufunc, values: Floats, rows: int) -> Floats:
    """Return the greatest or least value of each row and `rows` before it."""
    padded = np.concatenate([np.full(rows, values[0]), values])
    windows = np.lib.stride_tricks.sliding_window_view(padded, rows + 1)
    past: Floats = edge.reduce(windows, axis=1)
    return past
