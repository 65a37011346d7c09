"""A studio's model, applied: computed by hand, and refused where it does not fit.

hand_made/ is what tests/training/studio/test_export.py writes: two vertices, every number chosen.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.errors import MeshError, ModelError
from facial_retarget.core.progress import Progress
from facial_retarget.core.shapes.studio import Normalisation, StudioModel

HAND_MADE = Path(__file__).parent / "hand_made"
NEUTRAL = np.array([[1, 1, 0], [0.5, 0.25, 1]], np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the model that may be damaged, under a name that is no ASCII."""
    return Path(shutil.copytree(HAND_MADE, tmp_path / "モデル v1"))


def floats(*values: object) -> np.ndarray:
    return np.array(values, np.float32)


def test_each_coordinate_is_brought_to_minus_one_to_one() -> None:
    low, high = floats(0, -4, 5, 0, 0, 0), floats(2, 4, 5 + 5e-6, 1, 1e-5, 1.1e-5)
    empty = np.zeros((0, 0), np.float32)
    normalisation = Normalisation(low, high, empty, empty)
    normalised = normalisation.normalised
    # What varies by no more than 1e-5 has no range to be brought to, and counts as 0.
    assert normalisation.varying.tolist() == [True, True, False, True, False, True]
    assert normalised(low).tolist() == [-1, -1, 0, -1, 0, -1]
    assert normalised(high).tolist() == [1, 1, 0, 1, 0, 1]
    assert normalised(floats([1, 2, 9], [2, 0, 0])).tolist() == [0, 0.5, 0, 3, 0, -1]


def test_the_shapes_are_those_computed_by_hand() -> None:
    # Normalised: 0, -.5, -, 0, -.5, 1. Identity: 0 - 1 + .5 = -.5 and -1 + 1 - 1 = -1.
    # Hidden: -.5 + 1 = .5;  2 + .5 = 2.5;  -1.5 + 1 = -.5, which the ReLU makes 0.
    # Outputs: 1 + .5 = 1.5;  -.5 + 5 - 1 = 3.5; times the scale .1, at the two coordinates of the
    # mask; elsewhere the mean. All times the model's strength of .5.
    shapes = StudioModel.load(HAND_MADE).predict(NEUTRAL)
    assert shapes.names == ("jawOpen", "mouthClose")
    assert shapes.delta("jawOpen") == pytest.approx(floats([0, 0.075, 0], [0.175, 0, 0.15]))
    assert shapes.delta("mouthClose") == pytest.approx(floats([0, 0, 0.1], [0, 0, 0]))
    assert shapes.deltas.dtype == np.float32
    # Held out, it was .1 off in a motion of .4; the second was never measured.
    assert shapes.confidence == pytest.approx([0.75, 0.0])


def test_who_lies_outside_the_range_trained_on_gets_less_confidence() -> None:
    model = StudioModel.load(HAND_MADE)
    assert model.predict(NEUTRAL).vertex_confidence.tolist() == [1, 1]
    wider = NEUTRAL + floats([0, 0, 0], [0, 0, 0.5])
    assert model.predict(wider).vertex_confidence == pytest.approx([1, 0.5])


def test_progress_counts_the_targets() -> None:
    heard: list[Progress] = []
    StudioModel.load(HAND_MADE).predict(NEUTRAL, progress=heard.append)
    assert [(progress.done, progress.total) for progress in heard] == [(0, 2), (1, 2)]


def test_another_topology_is_refused_with_both_counts() -> None:
    model = StudioModel.load(HAND_MADE)
    with pytest.raises(MeshError, match=r"trained for 2 vertices; Köpfe.json has 1,000\."):
        model.predict(np.zeros((1000, 3), np.float32), "Köpfe.json")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_positions_that_are_no_numbers_are_refused(value: float) -> None:
    with pytest.raises(MeshError, match="without a position"):
        StudioModel.load(HAND_MADE).predict(np.full((2, 3), value, np.float32))


@pytest.mark.parametrize("elsewhere", [NEUTRAL * 100, NEUTRAL + 20, NEUTRAL - 20])
def test_another_unit_or_place_is_refused(elsewhere: np.ndarray) -> None:
    with pytest.raises(MeshError, match="same unit, axes, place"):
        StudioModel.load(HAND_MADE).predict(elsewhere)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (shutil.rmtree, "holds no studio model"),
        (
            lambda folder: (folder / "studio_model.json").rename(folder / "checkpoint.json"),
            "has not ended. Run the same training command again",
        ),
        (lambda folder: (folder / "studio_model.json").write_text("{"), "is damaged"),
        (lambda folder: (folder / "studio_model.json").write_text("[]"), "of a kind"),
        (lambda folder: (folder / "normalisation.npz").unlink(), "normalisation.npz is missing"),
        (lambda folder: (folder / "normalisation.npz").write_bytes(b"x"), "was altered"),
        (lambda folder: (folder / "jawOpen.onnx").unlink(), "jawOpen.onnx is missing"),
        (lambda folder: (folder / "jawOpen.onnx").write_bytes(b"x"), "jawOpen.onnx was altered"),
    ],
)
def test_a_folder_that_is_not_whole_is_refused(
    folder: Path, change: Callable[[Path], None], sentence: str
) -> None:
    change(folder)
    with pytest.raises(ModelError, match=sentence):
        StudioModel.load(folder).predict(NEUTRAL)


@pytest.mark.parametrize(
    "edit",
    [
        lambda index: index.pop("targets"),
        lambda index: index.pop("normalisation"),
        lambda index: index["normalisation"].update(file="../normalisation.npz"),
        lambda index: index.update(targets=[]),
        lambda index: index["targets"].pop("mouthClose"),
    ],
)
def test_an_index_that_was_edited_is_refused(folder: Path, edit: Callable[..., object]) -> None:
    file = folder / "studio_model.json"
    index = json.loads(file.read_text("utf-8"))
    edit(index)
    file.write_text(json.dumps(index), "utf-8")
    with pytest.raises(ModelError, match="is damaged"):
        StudioModel.load(folder)
