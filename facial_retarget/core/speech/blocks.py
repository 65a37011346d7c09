"""Models that turn rows into rows, run piece by piece with the result of one run over the whole."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError

if TYPE_CHECKING:
    import onnxruntime

Floats = NDArray[np.float32]

# The networks hear two rows of 10 ms at a time, so they are fed even numbers of them.
_MEL_GRID: Final = 2
_MEL_INPUT: Final = "mel"


class RowModel(Protocol):
    """Rows in, rows out, without padding.

    left, right: input rows needed before and after a row's own. stride: input rows for each
    output row. grid: in how many input rows at a time it moves on. width: columns of the input.
    outputs: columns of each output, by name.
    """

    @property
    def left(self) -> int: ...  # noqa: D102
    @property
    def right(self) -> int: ...  # noqa: D102
    @property
    def stride(self) -> int: ...  # noqa: D102
    @property
    def grid(self) -> int: ...  # noqa: D102
    @property
    def width(self) -> int: ...  # noqa: D102
    @property
    def outputs(self) -> Mapping[str, int]: ...  # noqa: D102

    def run(self, rows: Floats) -> dict[str, Floats]:
        """Take (left + right + stride * n, width), return (n, columns) of each output.

        Row i of an output is about the input's row left + stride * i.
        """
        ...


@dataclass(frozen=True, eq=False)
class RowFunction:
    """A RowModel of one output that is a function: a filter with a window of left + 1 + right."""

    function: Callable[[Floats], Floats]
    left: int
    right: int
    width: int
    outputs: Mapping[str, int]
    stride: int = 1
    grid: int = 1

    def run(self, rows: Floats) -> dict[str, Floats]:
        """Return what the function makes of (left + right + n, width) rows."""
        (name,) = self.outputs
        return {name: self.function(rows)}


class OnnxRows:
    """A RowModel in a file of ONNX, whose metadata tell how much context it needs."""

    def __init__(self, session: "onnxruntime.InferenceSession") -> None:
        """Take an open session. Raises ModelError where it isn't such a model."""
        (given,) = session.get_inputs()
        metadata = session.get_modelmeta().custom_metadata_map
        try:
            self.left, self.right = int(metadata["left"]), int(metadata["right"])
            self.stride = int(metadata["stride"])
            self.width = int(given.shape[-1])
            self.outputs = {each.name: int(each.shape[-1]) for each in session.get_outputs()}
        except (KeyError, ValueError, TypeError) as error:
            raise ModelError(
                "A speech model does not tell how it is to be run. Install the add-on again."
            ) from error
        self.grid = max(self.stride, _MEL_GRID if given.name == _MEL_INPUT else 1)
        self._input = given.name
        self._session = session

    def run(self, rows: Floats) -> dict[str, Floats]:
        """Run the network on (left + right + stride * n, width) rows."""
        made = self._session.run(list(self.outputs), {self._input: rows[None]})
        return {name: values[0] for name, values in zip(self.outputs, made, strict=True)}


class RowStream:
    """Feeds a RowModel what comes in pieces; keeps no more than the context it needs."""

    def __init__(self, model: RowModel) -> None:
        self._model = model
        self._waiting: Floats = np.zeros((0, model.width), np.float32)

    def feed(self, rows: Floats) -> dict[str, Floats]:
        """Return, of each output, the (n, columns) rows that further (m, width) rows complete.

        The first is about the row `left` of all that was fed.
        """
        model = self._model
        self._waiting = np.concatenate([self._waiting, rows])
        context = model.left + model.right
        taken = max(len(self._waiting) - context, 0) // model.grid * model.grid
        if not taken:
            return {name: np.zeros((0, width), np.float32) for name, width in model.outputs.items()}
        made = model.run(self._waiting[: taken + context])
        self._waiting = self._waiting[taken:]
        return made


class Queue:
    """Rows that wait for others; those from before time 0 are dropped as they come."""

    def __init__(self, width: int, early: int = 0) -> None:
        """Take rows of `width` columns; the first `early` of them are of no use."""
        self._rows: Floats = np.zeros((0, width), np.float32)
        self._early = early

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, rows: Floats) -> None:
        """Append (n, width) rows."""
        dropped = min(self._early, len(rows))
        self._early -= dropped
        self._rows = np.concatenate([self._rows, rows[dropped:]])

    def take(self, count: int) -> Floats:
        """Remove and return the first `count` rows."""
        taken, self._rows = self._rows[:count], self._rows[count:]
        return taken


class PassStream:
    """Feeds a RowModel without a stride, holding the first and the last row at the ends.

    There is a row out for every row in.
    """

    def __init__(self, model: RowModel) -> None:
        self._model = model
        self._stream = RowStream(model)
        self._last: Floats = np.zeros((0, model.width), np.float32)

    def feed(self, rows: Floats) -> dict[str, Floats]:
        """Return, of each output, the rows that further (n, width) rows complete."""
        if not len(rows):
            return self._stream.feed(rows)
        before = 0 if len(self._last) else self._model.left
        self._last = rows[-1:]
        return self._stream.feed(np.concatenate([np.repeat(rows[:1], before, axis=0), rows]))

    def finish(self) -> dict[str, Floats]:
        """Return what is left."""
        return self._stream.feed(np.repeat(self._last, self._model.right, axis=0))


class Meeting:
    """Rows of several kinds that wait for each other."""

    def __init__(self, **widths: int) -> None:
        """Name the kinds and their columns."""
        self._queues = {kind: Queue(width) for kind, width in widths.items()}

    def bring(self, **rows: Floats) -> dict[str, Floats]:
        """Add (n, columns) rows of some kinds; return those that have all come, equally many."""
        for kind, come in rows.items():
            self._queues[kind].put(come)
        count = min(len(queue) for queue in self._queues.values())
        return {kind: queue.take(count) for kind, queue in self._queues.items()}


def whole(model: RowModel, rows: Floats, padding: Floats) -> dict[str, Floats]:
    """Run a model over all of (n, width) rows, `padding` (width,) before and after them.

    Row i of an output is about input row stride * i, up to the last.
    """
    wanted = -(-len(rows) // model.stride)
    before = np.tile(padding, (model.left, 1))
    after = np.tile(padding, (model.right + model.grid, 1))
    made = RowStream(model).feed(np.concatenate([before, rows, after]).astype(np.float32))
    return {name: values[:wanted] for name, values in made.items()}
