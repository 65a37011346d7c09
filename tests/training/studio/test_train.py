"""From a studio's files to a model that is applied: characters whose targets are known exactly."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs `make test-training`")

from facial_retarget.core.errors import Cancelled, FormatError
from facial_retarget.core.progress import Progress
from facial_retarget.core.shapes.studio import StudioModel
from training.cli import main
from training.studio.data import StudioData, TargetData, read_studio
from training.studio.fit import FitOptions, fit_normalisation, fit_target, held_out_errors
from training.studio.train import train_studio

COUNT = 40  # vertices
HEAD = np.random.default_rng(1).uniform(-0.1, 0.1, (COUNT, 3))


def person(width: float) -> np.ndarray:
    """A head whose left half is wider or narrower."""
    return np.where(HEAD > 0, HEAD * [1 + width, 1, 1], HEAD)


def jaw_open(neutral: np.ndarray) -> np.ndarray:
    """Linear in the neutral: half the head goes down by as much as each vertex lies out."""
    moved = neutral.copy()
    moved[: COUNT // 2, 2] -= 0.02 + 0.5 * np.abs(neutral[: COUNT // 2, 0])
    return moved


def write_studio(folder: Path, widths: dict[str, float]) -> Path:
    for name, width in widths.items():
        neutral = person(width)
        nod = neutral - np.array([0, 0.01, 0])
        (folder / name).mkdir(parents=True)
        for target, positions in {
            "neutral": neutral,
            "jawOpen": jaw_open(neutral),
            "nod": nod,
        }.items():
            content = json.dumps({"vertices": positions.tolist()})
            (folder / name / f"{target}.json").write_text(content, "utf-8")
    return folder


@pytest.fixture
def three(tmp_path: Path) -> Path:
    return write_studio(tmp_path / "data", {"anna": 0.0, "Ben Ö": 0.2, "千尋": 0.4})


def test_an_exact_linear_function_is_learned_from_three_characters(
    three: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "model"
    assert main(["studio", "train", "--data", str(three), "--out", str(model)]) == 0
    printed = capsys.readouterr().out
    assert "jawOpen" in printed
    assert "Better than copying the mean on people held out" in printed
    newcomer = person(0.1).astype(np.float32)
    shapes = StudioModel.load(model).predict(newcomer)
    wanted = jaw_open(newcomer) - newcomer
    seen_mean = np.mean([jaw_open(person(w)) - person(w) for w in (0, 0.2, 0.4)], axis=0)
    error = np.abs(shapes.delta("jawOpen") - wanted).max()
    assert error < 0.3 * np.abs(seen_mean - wanted).max()
    # The same for everyone, so no network: it is exact.
    assert shapes.delta("nod") == pytest.approx(np.tile([0, -0.01, 0], (COUNT, 1)), abs=1e-6)
    assert not (model / "checkpoint.json").exists()
    assert [file.name for file in sorted(model.glob("*.onnx"))] == ["jawOpen.onnx"]


def test_what_the_networks_give_in_training_is_what_the_runtime_gives(three: Path) -> None:
    data = read_studio(three)
    options = FitOptions(epochs=20)
    model = three.parent / "model"
    train_studio(data, model, options)
    normalisation = fit_normalisation(data.neutrals)
    identities = np.stack([normalisation.identity(row) for row in data.neutrals])
    fitted = fit_target(identities, data.targets["jawOpen"].displacements, options)
    opened = StudioModel.load(model)
    for row, identity in zip(data.neutrals, identities, strict=True):
        applied = opened.predict(row.reshape(-1, 3)).delta("jawOpen")
        assert applied.ravel() == pytest.approx(fitted.predict(identity), abs=1e-6)


def test_a_stopped_training_goes_on_and_ends_as_if_it_had_not_stopped(three: Path) -> None:
    data, options = read_studio(three), FitOptions(epochs=5)
    stopped, whole = three.parent / "stopped", three.parent / "whole"

    def stop_at_the_second(progress: Progress) -> None:
        if progress.done == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        train_studio(data, stopped, options, progress=stop_at_the_second)
    first = (stopped / "jawOpen.onnx").stat().st_mtime_ns
    train_studio(data, stopped, options)
    assert (stopped / "jawOpen.onnx").stat().st_mtime_ns == first
    train_studio(data, whole, options)
    assert (stopped / "jawOpen.onnx").read_bytes() == (whole / "jawOpen.onnx").read_bytes()
    assert not (stopped / "checkpoint.json").exists()


def test_other_options_train_everything_again(three: Path) -> None:
    data, model = read_studio(three), three.parent / "model"

    def stop(progress: Progress) -> None:
        if progress.done == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        train_studio(data, model, FitOptions(epochs=5), progress=stop)
    before = (model / "jawOpen.onnx").read_bytes()
    train_studio(data, model, FitOptions(epochs=5, seed=1))
    assert (model / "jawOpen.onnx").read_bytes() != before


def test_errors_are_measured_on_characters_that_were_not_seen() -> None:
    # Two who are the same, and one who moves three times as far: copying the others is off by
    # 1 for each of the two and by 2 for the one; a network that saw all three would not be.
    neutrals = np.array([[0, 0, 0], [0, 0, 0], [1, 0, 0]], np.float32)
    truths = np.array([[1, 0, 0], [1, 0, 0], [3, 0, 0]], np.float32)
    held_out = held_out_errors(neutrals, truths, FitOptions(epochs=50))
    assert held_out is not None
    assert held_out.mean_error == pytest.approx((1 + 1 + 2) / 3)
    assert held_out.length == pytest.approx(5 / 3)
    assert held_out_errors(neutrals, truths, FitOptions(folds=0)) is None
    assert held_out_errors(neutrals[:2], truths[:2], FitOptions()) is None


def test_flat_lists_and_whole_files_are_read_too(tmp_path: Path) -> None:
    neutral = [[0, 0, 0], [1, 0, 0]]
    (tmp_path / "anna").mkdir()
    (tmp_path / "anna" / "neutral.json").write_text(json.dumps([0, 0, 0, 1, 0, 0]))
    (tmp_path / "anna" / "blink.json").write_text(json.dumps([[0, 0, 1], [1, 0, 0]]))
    whole = {"neutral": neutral, "targets": {"blink": [0, 0, 3, 1, 0, 0], "puff": neutral}}
    (tmp_path / "ben.json").write_text(json.dumps(whole))
    data = read_studio(tmp_path)
    assert data.names == ("anna", "ben")
    assert data.neutrals.tolist() == [[0, 0, 0, 1, 0, 0]] * 2
    assert data.targets["blink"].displacements[:, 2].tolist() == [1, 3]
    assert data.targets["puff"].characters.tolist() == [1]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda folder: (folder / "anna" / "neutral.json").unlink(), "anna has no neutral.json"),
        (
            lambda folder: (folder / "anna.json").write_text("{}"),
            "is there twice|holds no character",
        ),
        (lambda folder: (folder / "anna" / "jawOpen.json").write_text("{"), "jawOpen.json is no"),
        (
            lambda folder: (folder / "anna" / "jawOpen.json").write_text("[0, 0, 0]"),
            "anna's jawOpen has 1 vertices; .* neutral has 40",
        ),
        (
            lambda folder: (folder / "anna" / "jawOpen.json").write_text('["a", 0, 0]'),
            "jawOpen.json holds no list of vertices",
        ),
        (
            lambda folder: (folder / "anna" / "jawOpen.json").write_text("[NaN, 0, 0]"),
            "jawOpen.json has vertices without a position",
        ),
    ],
)
def test_bad_data_is_told_by_the_name_of_its_file(three: Path, change, sentence: str) -> None:  # noqa: ANN001
    change(three)
    with pytest.raises(FormatError, match=sentence):
        read_studio(three)


def test_one_character_and_identical_ones_are_refused(tmp_path: Path) -> None:
    one = write_studio(tmp_path / "one", {"anna": 0.0})
    with pytest.raises(FormatError, match=r"holds 1 characters.*at least 2"):
        read_studio(one)
    rows = np.zeros((2, 6), np.float32)
    same = StudioData(("a", "b"), rows, {"nod": TargetData(np.arange(2, dtype=np.int32), rows)})
    with pytest.raises(FormatError, match="are the same"):
        train_studio(same, tmp_path / "model", FitOptions())


def test_a_missing_folder_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["studio", "train", "--data", str(tmp_path / "no"), "--out", str(tmp_path / "m")]
    assert main(arguments) == 1
    assert "There is no folder" in capsys.readouterr().err
    assert main(["studio", "train"]) == 2
