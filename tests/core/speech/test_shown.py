from itertools import pairwise

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from facial_retarget.core.speech.shown import HORIZON, ShownVisemes
from facial_retarget.core.speech.visemes import VISEMES


def known(visemes: np.ndarray) -> np.ndarray:
    """Rows that each know the next ones too."""
    later = np.minimum(np.arange(len(visemes))[:, None] + np.arange(HORIZON), len(visemes) - 1)
    return visemes[later].astype(np.float32)


def sure(text: str, certainty: float = 0.9) -> np.ndarray:
    rows = []
    for word in text.split():
        viseme, count = word.split(":")
        row = np.full(15, (1 - certainty) / 14)
        row[VISEMES.index(viseme)] = certainty
        rows += [row] * int(count)
    return np.array(rows)


def stretches(weights: np.ndarray) -> list[tuple[str, int]]:
    shown = weights.argmax(axis=1)
    first = np.flatnonzero(np.append(True, shown[1:] != shown[:-1]))
    lengths = np.diff(np.append(first, len(shown)))
    return [(VISEMES[shown[i]], int(n)) for i, n in zip(first, lengths, strict=True)]


def test_what_is_clear_is_shown_when_it_is_said() -> None:
    weights = ShownVisemes().feed(known(sure("sil:10 PP:4 aa:8 SS:5 I:6 sil:10")))
    assert stretches(weights) == [
        *(("sil", 10), ("PP", 4), ("aa", 8), ("SS", 5), ("I", 6), ("sil", 10)),
    ]


def test_weights_add_up_to_one_and_fade() -> None:
    weights = ShownVisemes().feed(known(sure("sil:10 aa:8 sil:10")))
    assert_allclose(weights.sum(axis=1), 1, atol=1e-6)
    assert_allclose(weights[9:13, VISEMES.index("aa")], [0, 0.6, 0.9, 1], atol=1e-6)


def test_no_viseme_is_shown_for_less_than_eighty_milliseconds() -> None:
    rng = np.random.default_rng(0)
    weights = ShownVisemes().feed(known(rng.dirichlet(np.full(15, 0.1), 1000)))
    found = stretches(weights)
    assert len(found) > 50
    for (name, count), (following, _) in pairwise(found[1:]):
        assert count >= (2 if following == "PP" else 4), name


def test_a_closure_is_shown_even_where_others_are_too_short() -> None:
    weights = ShownVisemes().feed(known(sure("sil:10 aa:3 PP:3 I:3 sil:10")))
    assert "PP" in [name for name, _ in stretches(weights)]


def test_pieces_give_what_the_whole_gives() -> None:
    rows = known(np.random.default_rng(1).dirichlet(np.full(15, 0.2), 300))
    whole = ShownVisemes().feed(rows)
    shown = ShownVisemes()
    pieces = [shown.feed(piece) for piece in np.split(rows, [1, 2, 50, 51, 200])]
    assert_array_equal(np.concatenate(pieces), whole)


def test_nothing_gives_nothing() -> None:
    assert ShownVisemes().feed(np.zeros((0, HORIZON, 15), np.float32)).shape == (0, 15)
