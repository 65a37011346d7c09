import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs `make test-training`")

import onnx

from facial_retarget.core.clip import Clip, HeadMotion, Source
from facial_retarget.core.errors import CaptureError, FormatError, ModelError
from facial_retarget.core.landmarks import POINTS, LandmarkTrack
from facial_retarget.core.retarget.trained import METADATA, Trained, apply_trained
from training.retarget.cli import add_commands
from training.retarget.general import GeneralOptions, TrainedSolver, train_general
from training.retarget.general_data import Takes
from training.retarget.general_export import MODEL_FILE, save_trained

NAMES = ("Key 17", "jaw|rotation|x", "まばたき")
QUICK = GeneralOptions(steps=120, batch=8, hidden=16)

FACE = np.random.default_rng(1).normal(0, 1, (20, 3))
MOTIONS = np.random.default_rng(2).normal(0, 0.1, (len(NAMES), 20, 3))


def targets(frames: int, seed: int) -> np.ndarray:
    """Smooth motions between 0 and 1, -0.3 and 0.3, and 0 and 2."""
    random = np.random.default_rng(seed)
    times = np.arange(frames)[:, None] / 30
    waves = np.sin(times * random.uniform(2, 9, len(NAMES)) + random.uniform(0, 6, len(NAMES)))
    return (0.5 + 0.5 * waves) * [1, 0.6, 2] - [0, 0.3, 0]


def take(frames: int, seed: int, noise: float = 0.002) -> dict[str, np.ndarray]:
    """A face that moves linearly, on a head that turns, comes nearer and goes aside."""
    random = np.random.default_rng(seed)
    target = targets(frames, seed)
    points = FACE + np.einsum("fv,vpc->fpc", target, MOTIONS)
    angle = 0.4 * np.sin(np.arange(frames) / 20 + seed)
    turn = np.zeros((frames, 3, 3))
    turn[:, 0, 0] = turn[:, 1, 1] = np.cos(angle)
    turn[:, 0, 1], turn[:, 1, 0] = -np.sin(angle), np.sin(angle)
    turn[:, 2, 2] = 1
    points = points @ turn * (1 + 0.3 * np.sin(angle))[:, None, None] + random.normal(0, 2, 3)
    points += random.normal(0, noise, points.shape)
    return {"landmarks": points, "target": target, "names": np.array(NAMES)}


def write(folder: Path, count: int = 5, **changes: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        np.savez(folder / f"take_{number}.npz", **{**take(150, number), **changes})
    return folder


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainedSolver, Path]:
    folder = tmp_path_factory.mktemp("general")
    said: list[str] = []
    trained = train_general(write(folder / "data"), folder / "out", QUICK, said.append)
    assert any(line.startswith("temporal: step 50") for line in said)
    return trained, save_trained(trained, folder / "out")


def test_a_rig_that_landmarks_mix_linearly_is_learned_through_the_file(
    solved: tuple[TrainedSolver, Path],
) -> None:
    new = take(200, seed=99)
    opened = Trained.load(solved[1])
    assert opened.about.names == NAMES
    values = opened.values(new["landmarks"], 30)
    spread = new["target"].std(axis=0)
    assert (np.abs(values - new["target"]).mean(axis=0) / spread < 0.05).all()


def test_the_file_says_what_the_network_said(solved: tuple[TrainedSolver, Path]) -> None:
    path = solved[1]
    figures = json.loads((path.parent / "figures.json").read_text("utf-8"))
    assert figures["kind"] == min(figures["validation"], key=figures["validation"].get)
    assert figures["test"]["names"] == list(NAMES)
    parts = figures["parts"]
    assert sorted(file for part in parts.values() for file in part) == [
        f"take_{number}.npz" for number in range(5)
    ]
    (file,) = parts["test"]
    test = take(150, int(file[5]))
    values = Trained.load(path).values(test["landmarks"], 30)
    error = np.abs(values - test["target"]).mean(axis=0)
    np.testing.assert_allclose(error, figures["test"]["error"], rtol=0.02)
    assert (np.array(figures["test"]["correlation"]) > 0.99).all()
    card = path.with_suffix(".md").read_text("utf-8")
    assert "| jaw|rotation|x |" in card.replace("\\|", "|")
    for picture in ("curves.png", "errors.png"):
        assert (path.parent / picture).stat().st_size > 5000


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["dense", "temporal"])
def test_what_no_line_can_tell_a_network_learns(tmp_path: Path, kind: str) -> None:
    """A key that is bent, or one that shows a tenth of a second later than it is wanted."""

    def shown(target: np.ndarray) -> np.ndarray:
        return np.exp(2 * target) if kind == "dense" else np.roll(target, 3, axis=0)

    for number in range(4):
        target = targets(240, number)
        np.savez(tmp_path / f"{number}.npz", landmarks=shown(target), target=target)
    options = GeneralOptions(steps=700, batch=8, hidden=16, rate=4e-3)
    trained = train_general(tmp_path, tmp_path / "out", options, lambda _: None)
    assert trained.validation[kind] < 0.8 * trained.validation["linear"]
    if kind == "temporal":
        assert trained.kind == kind
    path = save_trained(trained, tmp_path / "out")
    new = targets(200, 77)
    opened = Trained.load(path)
    assert opened.about.rate == (30 if trained.kind == "temporal" else 0)
    made = opened.values(shown(new), rate=30)
    assert np.abs(made - new)[20:-20].mean() < 0.8 * np.mean(trained.figures.linear)


def test_a_stopped_training_goes_on_and_a_finished_one_is_not_done_again(tmp_path: Path) -> None:
    data = write(tmp_path / "data", count=3)

    def stop(text: str) -> None:
        if text.startswith("temporal"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_general(data, tmp_path / "out", QUICK, stop)
    said: list[str] = []
    train_general(data, tmp_path / "out", QUICK, said.append)
    assert not any(line.startswith("dense: step 50") for line in said)
    assert any(line.startswith("temporal: step 50") for line in said)
    other = train_general(data, tmp_path / "out", replace(QUICK, seed=1, steps=5), said.append)
    assert other.options.seed == 1
    assert len(list((tmp_path / "out" / "work").iterdir())) == 2


def test_people_are_kept_apart_where_there_are_three(tmp_path: Path) -> None:
    for number in range(8):
        person = np.array("ABCD"[number // 2])
        np.savez(tmp_path / f"{number}.npz", **take(20, number), person=person)
    parts = Takes.read(tmp_path).split(seed=0)
    people = {part: {one.person for one in those} for part, those in parts.items()}
    assert {part: len(those) for part, those in people.items()} == {
        "train": 2,
        "validation": 1,
        "test": 1,
    }
    assert set.union(*people.values()) == set("ABCD")


def test_frames_without_a_face_are_left_out(tmp_path: Path) -> None:
    lost = take(50, 0)
    lost["landmarks"][10:20] = np.nan
    lost["target"][12] = np.nan
    write(tmp_path, 3)
    np.savez(tmp_path / "lost.npz", **lost, times=np.arange(50) / 60)
    read = next(one for one in Takes.read(tmp_path).takes if one.file == "lost.npz")
    assert read.landmarks.shape == (40, 20, 3)
    assert read.rate == pytest.approx(60)


def test_plain_numbers_are_landmarks_too(tmp_path: Path) -> None:
    for number in range(3):
        one = targets(120, number)
        numbers = one @ np.random.default_rng(7).normal(0, 1, (3, 8)) + 5
        np.savez(tmp_path / f"{number}.npz", landmarks=numbers, target=one)
    trained = train_general(tmp_path, tmp_path / "out", replace(QUICK, steps=20), lambda _: None)
    path = save_trained(trained, tmp_path / "out")
    opened = Trained.load(path)
    assert opened.about.names == ("value 1", "value 2", "value 3")
    made = opened.values(numbers.astype(np.float32))
    assert np.abs(made - one).mean() < 0.02
    with pytest.raises(ModelError, match="trained on 8 numbers a frame, and here are 9 numbers"):
        opened.values(np.zeros((4, 9)))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"landmarks": np.zeros((150, 20, 4))}, r"landmarks of take_2.npz have the shape"),
        ({"landmarks": np.zeros(150)}, r"landmarks of take_2.npz have the shape \(150,\)"),
        ({"landmarks": np.zeros((150, 19, 3))}, "19 x 3 a frame, those of .* 20 x 3"),
        ({"landmarks": np.full((150, 20, 3), np.nan)}, "take_2.npz has 0 frames with landmarks"),
        ({"target": np.zeros((149, 3))}, r"target of take_2.npz .* \(149, 3\).* \(150, values\)"),
        ({"target": np.zeros(150)}, r"target of take_2.npz has the shape \(150,\)"),
        ({"target": np.full((150, 3), np.inf)}, "no number, in frame 0"),
        ({"target": np.array([["a"] * 3] * 150)}, "target of take_2.npz are no numbers"),
        ({"target": np.zeros((150, 2))}, "do not have the same values"),
        ({"names": np.array(["a", "b", "c"])}, "do not have the same values"),
        ({"names": np.array([{}, {}, {}])}, "take_2.npz is damaged, or holds more than plain"),
        ({"times": np.zeros(150)}, "times of take_2.npz should be 150 seconds that rise"),
    ],
)
def test_takes_that_do_not_fit_are_refused_with_one_sentence(
    tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    write(tmp_path, 2)
    np.savez(tmp_path / "take_2.npz", **{**take(150, 2), **changes})
    with pytest.raises(FormatError, match=says):
        Takes.read(tmp_path)


def test_too_few_takes_and_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"holds 0 \.npz files\. At least 3"):
        Takes.read(tmp_path / "nowhere")
    write(tmp_path, 2)
    with pytest.raises(FormatError, match=r"holds 2 \.npz files\. At least 3"):
        Takes.read(tmp_path)
    (tmp_path / "x.npz").write_bytes(b"PK nothing")
    with pytest.raises(FormatError, match=r"x\.npz is damaged"):
        Takes.read(tmp_path)
    np.savez(tmp_path / "x.npz", target=np.zeros((4, 3)))
    with pytest.raises(FormatError, match=r"x\.npz has no array 'landmarks'\. It holds: target"):
        Takes.read(tmp_path)


def video_clip(landmarks: np.ndarray) -> Clip:
    track = LandmarkTrack.recording()
    for points in landmarks:
        track.append(None if np.isnan(points).any() else points.astype(np.float32))
    frames = len(landmarks)
    values = np.zeros((frames, 1), np.float32)
    still = np.tile(np.float32([1, 0, 0, 0]), (frames, 1))
    head = HeadMotion(still, np.zeros((frames, 3), np.float32), np.ones(frames, np.float32))
    return Clip(
        ("jawOpen",),
        np.arange(frames) / 25,
        values,
        values + 1,
        head=head,
        landmarks=track,
        source=Source("take.mp4", width=640, height=480),
    )


@pytest.fixture(scope="module")
def of_video(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Callable[..., np.ndarray]]:
    """A network for a video's points, and what makes the landmarks of any values."""
    folder = tmp_path_factory.mktemp("video")
    random = np.random.default_rng(3)
    face, motions = random.normal(0, 0.1, (POINTS, 3)), random.normal(0, 0.02, (3, POINTS, 3))

    def landmarks(target: np.ndarray) -> np.ndarray:
        return face + np.einsum("fv,vpc->fpc", target, motions)

    for number in range(3):
        one = targets(90, number)
        np.savez(folder / f"{number}.npz", landmarks=landmarks(one), target=one, names=NAMES)
    trained = train_general(folder, folder / "out", replace(QUICK, steps=20), lambda _: None)
    return save_trained(trained, folder / "out"), landmarks


def test_a_captured_clip_drives_the_rigs_controls(
    of_video: tuple[Path, Callable[..., np.ndarray]],
) -> None:
    path, landmarks = of_video
    target = targets(60, 11)
    in_picture = landmarks(target) * [1, 640 / 480, 1]
    in_picture[20:24] = np.nan
    clip = video_clip(in_picture)
    made = apply_trained(path, clip)
    assert made.channels == NAMES
    np.testing.assert_array_equal(made.times, clip.times)
    assert made.head is clip.head
    seen = np.arange(60)[(np.arange(60) < 20) | (np.arange(60) >= 24)]
    assert np.isnan(made.values[20:24]).all()
    np.testing.assert_array_equal(made.seen, np.isin(np.arange(60), seen))
    assert np.abs(made.values - target)[seen].mean() < 0.05


def test_a_trained_file_of_the_wrong_shape_is_told_in_one_sentence(
    solved: tuple[TrainedSolver, Path],
) -> None:
    clip = video_clip(np.zeros((5, POINTS, 3)))
    with pytest.raises(
        ModelError, match=r"trained on 20 points in 3 dimensions a frame, and a video gives 478"
    ):
        apply_trained(solved[1], clip)
    with pytest.raises(CaptureError, match=r"take\.mp4 has no landmarks"):
        apply_trained(solved[1], replace(clip, landmarks=None))


@pytest.mark.parametrize(
    "change",
    [
        {"shape": [19, 3]},
        {"names": ["a", "b"]},
        {"names": ["a", "a", "b"]},
        {"names": []},
        {"reference": None},
        {"reference": [[float("nan")] * 3] * 20},
        {"shape": [60], "reference": None, "rate": -1},
        {"rate": "fast"},
        {"format": "another"},
    ],
)
def test_a_file_that_contradicts_itself_is_refused(
    solved: tuple[TrainedSolver, Path], tmp_path: Path, change: dict[str, Any]
) -> None:
    model = onnx.load(str(solved[1]))
    about = json.loads(next(p.value for p in model.metadata_props if p.key == METADATA))
    onnx.helper.set_model_props(model, {METADATA: json.dumps({**about, **change})})
    onnx.save(model, str(tmp_path / MODEL_FILE))
    with pytest.raises(ModelError, match=r"trained\.onnx"):
        Trained.load(tmp_path / MODEL_FILE)


@pytest.mark.parametrize("data", [b"", b"no network", b"PK\x03\x04"])
def test_what_is_no_network_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.onnx").write_bytes(data)
    with pytest.raises(ModelError, match=r"'x\.onnx' is no network"):
        Trained.load(tmp_path / "x.onnx")
    with pytest.raises(ModelError, match=r"'y\.onnx' cannot be opened"):
        Trained.load(tmp_path / "y.onnx")


def test_the_command_trains_and_tells_what_came_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers())
    data, out = str(write(tmp_path / "data", count=3)), str(tmp_path / "out")
    arguments = ["retarget", "train", "--data", data, "--out", out, "--steps", "5"]
    parsed = parser.parse_args([*arguments, "--hidden", "8"])
    parsed.handler(parsed)
    said = capsys.readouterr().out
    assert "one was the best on the takes" in said.replace("\n", " ")
    assert "of always giving the mean" in said
    assert Trained.load(tmp_path / "out" / MODEL_FILE).about.names == NAMES
