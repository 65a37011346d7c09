"""Pictures of what a training came to: curves beside those wanted, and the error of each value."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from facial_retarget.core.output import whole_file
from facial_retarget.core.retarget.trained import prepared

from .general import Figures, Rows, TrainedSolver, predicted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_CURVES: Final = 6
_FRAMES: Final = 600
_WANTED, _MADE, _PEER = "#9a9a9a", "#0b6fb8", "#d9b38c"


def draw_curves(trained: TrainedSolver, path: Path) -> None:
    """Draw the values that moved most in a test take: as wanted, and as the network gives them."""
    from matplotlib.figure import Figure

    take = max(trained.parts["test"], key=lambda take: len(take.target))
    rows = Rows(take, prepared(take.landmarks, trained.about.reference), take.target)
    made = predicted(trained.network, rows)[:_FRAMES]
    wanted = take.target[:_FRAMES]
    times = np.arange(len(wanted)) / take.rate
    shown = np.argsort(-wanted.std(axis=0))[:_CURVES]
    figure = Figure(figsize=(9, 1.3 * len(shown) + 0.8), layout="constrained")
    axes = figure.subplots(len(shown), sharex=True, squeeze=False)[:, 0]
    for axis, value in zip(axes, shown.tolist(), strict=True):
        axis.plot(times, wanted[:, value], color=_WANTED, linewidth=2.5, label="wanted")
        axis.plot(times, made[:, value], color=_MADE, linewidth=1, label="predicted")
        axis.set_ylabel(trained.about.names[value], rotation=0, ha="right", va="center")
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].legend(loc="upper right", ncols=2, frameon=False)
    axes[0].set_title(f"A take that was not learned from: {take.file}", loc="left")
    axes[-1].set_xlabel("seconds")
    _save(figure, path)


def draw_errors(figures: Figures, path: Path) -> None:
    """Draw each value's error on the test takes beside that of always giving the mean."""
    from matplotlib.figure import Figure

    order = np.argsort(figures.error)[::-1]
    places = np.arange(len(order))
    figure = Figure(figsize=(8, 0.22 * len(order) + 1.2), layout="constrained")
    axis = figure.subplots()
    axis.barh(places, np.array(figures.mean)[order], 0.8, color=_PEER, label="the mean")
    axis.barh(places, np.array(figures.error)[order], 0.5, color=_MADE, label="the network")
    axis.set_yticks(places, [figures.names[value] for value in order])
    axis.set_xlabel("mean absolute error on takes not learned from, in the rig's units")
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False)
    _save(figure, path)


def _save(figure: "Figure", path: Path) -> None:
    with whole_file(path) as part, warnings.catch_warnings():
        # A name may be in a script that the font does not have: it is drawn as boxes.
        warnings.filterwarnings("ignore", message="Glyph")
        figure.savefig(part, dpi=120)
