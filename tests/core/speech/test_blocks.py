import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from facial_retarget.core.errors import ModelError
from facial_retarget.core.speech.blocks import (
    Meeting,
    OnnxRows,
    PassStream,
    Queue,
    RowFunction,
    RowStream,
    whole,
)


def sum_of(left: int, right: int, stride: int = 1, grid: int = 1) -> RowFunction:
    """A model that adds up its window."""

    def run(rows: np.ndarray) -> np.ndarray:
        windows = np.lib.stride_tricks.sliding_window_view(rows[:, 0], left + right + stride)
        return windows[::stride, : left + right + 1].sum(axis=1, keepdims=True)

    return RowFunction(run, left, right, 1, {"sum": 1}, stride, grid)


def rows(count: int) -> np.ndarray:
    return np.arange(count, dtype=np.float32)[:, None] ** 2


@pytest.mark.parametrize(
    ("left", "right", "stride", "grid"), [(3, 2, 1, 1), (4, 2, 1, 2), (5, 1, 2, 2)]
)
def test_pieces_give_what_the_whole_gives(left: int, right: int, stride: int, grid: int) -> None:
    model = sum_of(left, right, stride, grid)
    given = rows(102)
    wanted = model.run(given[: left + right + (102 - left - right) // grid * grid])["sum"]
    rng = np.random.default_rng(0)
    for _ in range(5):
        stream = RowStream(model)
        cuts = np.sort(rng.integers(0, len(given), 12))
        made = [stream.feed(piece)["sum"] for piece in np.split(given, cuts)]
        assert_array_equal(np.concatenate(made), wanted)


def test_a_stream_keeps_no_more_than_it_needs() -> None:
    stream = RowStream(sum_of(3, 2))
    stream.feed(rows(1000))
    assert len(stream._waiting) == 5


def test_a_whole_run_answers_every_row() -> None:
    made = whole(sum_of(2, 1, stride=2, grid=2), np.ones((7, 1), np.float32), np.zeros(1))["sum"]
    assert_allclose(made[:, 0], [2, 4, 4, 3])


def test_a_pass_holds_the_first_and_the_last_row() -> None:
    stream = PassStream(sum_of(2, 1))
    made = [stream.feed(rows(0)), stream.feed(rows(3)[1:]), stream.finish()]
    assert_array_equal(np.concatenate([each["sum"] for each in made])[:, 0], [7, 10])
    assert len(PassStream(sum_of(2, 1)).finish()["sum"]) == 0


def test_a_queue_drops_what_is_early_and_gives_the_rest_in_order() -> None:
    queue = Queue(1, early=3)
    queue.put(rows(2))
    queue.put(rows(3))
    assert_array_equal(queue.take(5)[:, 0], [1, 4])
    assert len(queue) == 0


def test_rows_that_meet_are_equally_many() -> None:
    meeting = Meeting(a=1, b=1)
    assert len(meeting.bring(a=rows(3))["a"]) == 0
    met = meeting.bring(b=rows(2))
    assert_array_equal(met["a"], met["b"])
    assert len(meeting.bring(b=rows(2))["a"]) == 1


class _Session:
    def __init__(self, metadata: dict[str, str]) -> None:
        self.custom_metadata_map = metadata

    def get_modelmeta(self) -> "_Session":
        return self

    def get_inputs(self) -> list[object]:
        return [type("Input", (), {"name": "mel", "shape": [1, "N", 64]})]

    def get_outputs(self) -> list[object]:
        return [type("Output", (), {"name": "logits", "shape": [1, "M", 15]})]

    def run(self, names: list[str], given: dict[str, np.ndarray]) -> list[np.ndarray]:
        return [given["mel"][:, 3:-1, :15]]


def test_a_model_tells_its_context_in_its_metadata() -> None:
    model = OnnxRows(_Session({"left": "3", "right": "1", "stride": "1"}))
    assert (model.left, model.right, model.stride, model.grid) == (3, 1, 1, 2)
    assert (model.width, model.outputs) == (64, {"logits": 15})
    assert model.run(np.zeros((10, 64), np.float32))["logits"].shape == (6, 15)


def test_a_model_that_tells_nothing_is_refused() -> None:
    with pytest.raises(ModelError, match="Install the add-on again"):
        OnnxRows(_Session({"left": "3"}))
