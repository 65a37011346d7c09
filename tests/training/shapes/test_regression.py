"""Patch by patch regression, and what is exported of it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")

import torch

from facial_retarget.core.mesh import FaceMesh
from training.shapes.export import export
from training.shapes.regression import (
    Patches,
    PatchRegression,
    RegressionConfig,
    farthest_points,
)

PEOPLE, POINTS, SHAPES = 6, 40, 3
CONFIG = RegressionConfig(patches=4, components=PEOPLE, width=0.6, ridge=1e-3)


class Examples:
    """People whose shapes differ as their faces do."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        mean = rng.uniform(-1, 1, (POINTS, 3))
        self.faces = (mean + rng.normal(0, 0.1, (PEOPLE, POINTS, 3))).astype(np.float32)
        self.shapes = rng.normal(0, 0.2, (SHAPES, POINTS, 3)).astype(np.float32)
        personal = rng.normal(0, 0.05, (PEOPLE, SHAPES, POINTS, 3))
        self.personal = (personal - personal.mean(axis=0)).astype(np.float32)

    def learned(self, config: RegressionConfig = CONFIG) -> PatchRegression:
        numbers = np.arange(POINTS, dtype=np.int32)
        triangles = np.stack([numbers, np.roll(numbers, 1), np.roll(numbers, 2)], axis=1)
        mean = FaceMesh(self.faces.mean(axis=0), triangles)
        patches = Patches.spread(mean, np.ones(POINTS, bool), config)
        doubt = np.full((SHAPES, POINTS), 0.25, np.float32)
        return PatchRegression(self.faces, self.shapes, self.personal, patches, doubt, config)


def everywhere() -> tuple[torch.Tensor, torch.Tensor]:
    corners = torch.arange(POINTS)[:, None].repeat(1, 3)
    return corners, torch.tensor([1.0, 0.0, 0.0]).repeat(POINTS, 1)


@pytest.fixture(scope="module")
def examples() -> Examples:
    return Examples()


def test_whoever_was_learned_from_moves_as_he_does(examples: Examples) -> None:
    network = examples.learned()
    for face, personal in zip(examples.faces, examples.personal, strict=True):
        deltas, _ = network(torch.from_numpy(face), *everywhere())
        assert np.abs(deltas.numpy() - (examples.shapes + personal)).max() < 0.01


def test_the_mean_face_moves_as_everyone_does(examples: Examples) -> None:
    mean = torch.from_numpy(examples.faces.mean(axis=0))
    deltas, doubt = examples.learned()(mean, *everywhere())
    assert np.abs(deltas.numpy() - examples.shapes).max() < 0.01
    assert np.allclose(doubt.numpy(), 0.25, atol=0.002)


def test_whoever_is_like_nobody_stays_near_the_people(examples: Examples) -> None:
    far = torch.from_numpy(examples.faces[0] + 50 * (examples.faces[1] - examples.faces[2]))
    deltas, _ = examples.learned()(far, *everywhere())
    most = np.abs(examples.personal).max()
    assert np.abs(deltas.numpy() - examples.shapes).max() < 6 * most


def test_a_stronger_ridge_leaves_less_that_is_personal(examples: Examples) -> None:
    face = torch.from_numpy(examples.faces[0])
    strength = [
        np.abs(examples.learned(config)(face, *everywhere())[0].numpy() - examples.shapes).mean()
        for config in (replace(CONFIG, ridge=ridge) for ridge in (0.001, 0.5, 50))
    ]
    assert strength[0] > strength[1] > strength[2]


def test_places_between_vertices_get_what_lies_between(examples: Examples) -> None:
    face = torch.from_numpy(examples.faces[0])
    network = examples.learned()
    whole, _ = network(face, *everywhere())
    corners, weights = torch.tensor([[3, 7, 9]]), torch.tensor([[0.5, 0.25, 0.25]])
    between, _ = network(face, corners, weights)
    wanted = 0.5 * whole[:, 3] + 0.25 * whole[:, 7] + 0.25 * whole[:, 9]
    assert torch.allclose(between[:, 0], wanted, atol=1e-5)


def test_the_exported_model_says_the_same_for_any_number_of_points(
    examples: Examples, tmp_path: Path
) -> None:
    network = examples.learned()
    predictor = export(network, ("a", "b", "c"), tmp_path / "model.onnx")
    assert predictor.names == ("a", "b", "c")
    corners, weights = everywhere()
    face = examples.faces[2]
    for count in (1, POINTS):
        inputs = {
            "face": face,
            "corners": corners[:count].numpy(),
            "weights": weights[:count].numpy(),
        }
        found = predictor.session.run(["deltas", "doubt"], inputs)
        wanted = network(torch.from_numpy(face), corners[:count], weights[:count])
        for one, other in zip(found, wanted, strict=True):
            assert np.abs(one - other.numpy()).max() < 1e-4


def test_farthest_points_are_allowed_ones_and_apart() -> None:
    line = np.linspace(0, 1, 11)[:, None] * np.array([[1, 0, 0]])
    allowed = np.arange(11) != 10
    assert farthest_points(line, allowed, 3).tolist() == [0, 9, 4]
