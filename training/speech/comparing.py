"""Every way from sound to mouth in one table."""

from typing import Final

import numpy as np

from .animating import Lessons, answers, is_fed_back, judged
from .recognising import accuracy
from .stages import MOUTHS, Studio

_COLUMNS: Final = ("error", "likeness", "gap_likeness", "closed", "open", "trembling")


def compared(studio: Studio, split: str) -> str:
    """Return a table in Markdown: a row for each way, and one for a mouth at rest."""
    rows = []
    for method, ways in MOUTHS.items():
        lessons = studio.lessons(method, split)
        for way in ways:
            network = studio.network(f"{method}_{way}")
            mouth, logits = answers(network, lessons)
            size = sum(each.numel() for each in network.parameters())
            said = accuracy(logits.argmax(1), lessons.labels)
            name = f"{method}: {way.replace('_', ' ')}"
            rows.append(_row(name, mouth, lessons, f"{size / 1e3:.0f}k", said))
    rows.append(_row("at rest", np.zeros_like(mouth), lessons, "", float("nan")))
    head = ("way", "weights", *(name.replace("_", " ") for name in _COLUMNS), "visemes")
    return "\n".join([_line(head), _line(["---"] * len(head)), *rows])


def best_way(studio: Studio, method: str) -> str:
    """Return the way of a method whose mouth is nearest to the true one in validation.

    One that is fed its own frames is left out: it cannot be run in blocks, and so ten minutes of
    sound would take thirty thousand calls.
    """
    lessons = studio.lessons(method, "validation")
    networks = {way: studio.network(f"{method}_{way}") for way in MOUTHS[method]}
    errors = {
        way: judged(answers(network, lessons)[0], lessons)["error"]
        for way, network in networks.items()
        if not is_fed_back(network)
    }
    return min(errors, key=lambda way: errors[way])


def _row(
    name: str, mouth: np.typing.NDArray[np.float32], lessons: Lessons, size: str, said: float
) -> str:
    figures = judged(mouth, lessons)
    return _line([name, size, *(f"{figures[each]:.3f}" for each in _COLUMNS), f"{said:.3f}"])


def _line(cells: tuple[str, ...] | list[str]) -> str:
    return f"| {' | '.join(cells)} |"
