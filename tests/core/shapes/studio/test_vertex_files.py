"""Vertex positions in JSON files, read and written."""

import json
from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.errors import FormatError, OutputError
from facial_retarget.core.shapes.shape_set import ShapeSet
from facial_retarget.core.shapes.vertex_files import read_character, read_vertices, write_character

POINTS = [[0.1, 0.2, 0.3], [-1.0, 2.5, 1e-6]]


@pytest.mark.parametrize(
    "content",
    [
        {"vertices": POINTS},
        POINTS,
        [number for point in POINTS for number in point],
        {"neutral": POINTS, "targets": {}},
    ],
)
def test_a_list_of_vertices_may_come_in_each_way(tmp_path: Path, content: object) -> None:
    path = tmp_path / "花 子.json"
    path.write_text(json.dumps(content), encoding="utf-8-sig")
    assert np.array_equal(read_vertices(path), np.array(POINTS, np.float32))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is no JSON file"),
        ("{}", "holds no list of vertices"),
        ("[]", "holds no list of vertices"),
        ("[1, 2]", "holds no list of vertices"),
        ("[[1, 2], [3, 4]]", "holds no list of vertices"),
        ("[[1, 2, 3], [3, 4]]", "holds no list of vertices"),
        ('{"vertices": "many"}', "holds no list of vertices"),
        ("[1, 2, Infinity]", "without a position"),
        ("[1, 2, null]", "without a position"),
        ("[" * 100_000, "is no JSON file"),
    ],
)
def test_what_is_no_list_of_vertices_is_told(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text, "utf-8")
    with pytest.raises(FormatError, match=rf"a\.json.*{sentence}"):
        read_vertices(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="There is no file"):
        read_vertices(tmp_path / "no.json")
    with pytest.raises(FormatError, match="cannot be read"):
        read_vertices(tmp_path)


@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e4])
def test_what_is_written_can_be_read(tmp_path: Path, unit: float) -> None:
    random = np.random.default_rng(0)
    neutral = random.normal(0, unit, (50, 3)).astype(np.float32)
    deltas = random.normal(0, 0.1 * unit, (2, 50, 3)).astype(np.float32)
    shapes = ShapeSet(("jawOpen", "あ"), deltas, np.array([0.5, 1]), np.ones(50, np.float32))
    path = tmp_path / "out.json"
    write_character(path, neutral, shapes)
    character = read_character(path)
    assert character.neutral == pytest.approx(neutral, abs=1e-6 * unit)
    assert list(character.targets) == ["jawOpen", "あ"]
    assert character.targets["あ"] == pytest.approx(neutral + deltas[1], abs=1e-6 * unit)
    assert json.loads(path.read_text("utf-8"))["confidence"] == {"jawOpen": 0.5, "あ": 1.0}


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    none = ShapeSet((), np.zeros((0, 1, 3)), np.zeros(0), np.zeros(1))
    with pytest.raises(OutputError, match="does not exist"):
        write_character(tmp_path / "no" / "out.json", np.zeros((1, 3), np.float32), none)


def test_a_list_alone_is_no_character(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(POINTS))
    with pytest.raises(FormatError, match="holds no character"):
        read_character(path)
