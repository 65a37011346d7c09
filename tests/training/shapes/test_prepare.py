"""What training reads: places and sizes left out, detections brought onto one head."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("fast_simplification")

from facial_retarget.core.errors import MeshError
from facial_retarget.core.mesh import FaceMesh
from facial_retarget.core.shapes.mesh_landmarks import LANDMARK_COUNT, MeshLandmarks
from training.shapes.families import ModalFamily, PeopleFamily
from training.shapes.families.draws import charmorph_mix, makehuman_mix, standard_normal
from training.shapes.prepare import PrepareOptions, prepare, principal_modes, rotation, save

SIDE = 10


def sheet() -> tuple[np.ndarray, np.ndarray]:
    x, y = np.meshgrid(np.linspace(0, 1, SIDE + 1), np.linspace(0, 1, SIDE + 1))
    first = (np.arange(SIDE)[:, None] * (SIDE + 1) + np.arange(SIDE)).ravel()
    a, b, c, d = first, first + 1, first + SIDE + 2, first + SIDE + 1
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]).astype(np.int32)
    points = np.stack([x, y, 0.2 * np.sin(3 * x + y)], axis=-1)
    return points.reshape(-1, 3).astype(np.float32), triangles


def modal(modes: np.ndarray | None = None) -> ModalFamily:
    vertices, triangles = sheet()
    rng = np.random.default_rng(0)
    if modes is None:
        modes = rng.normal(0, 0.02, (3, *vertices.shape)).astype(np.float32)
    return ModalFamily(
        name="sheets",
        licence="CC0",
        triangles=triangles,
        skin=np.ones(len(vertices), bool),
        shape_names=("jawOpen", "mine"),
        neutral=vertices,
        mode_names=tuple(f"mode{number}" for number in range(len(modes))),
        modes=modes,
        deltas=np.full((2, *vertices.shape), 0.01, np.float32),
        draw=standard_normal,
    )


def found_at_vertices(mesh: FaceMesh) -> MeshLandmarks:
    """Stand in for the finder: the same corner of every mesh, however turned or remeshed."""
    corner = mesh.vertices[mesh.vertices @ np.array([1, 1, 0], np.float32) < 0.5]
    points = np.repeat(corner[:1], LANDMARK_COUNT, axis=0)
    return MeshLandmarks(points, np.ones(LANDMARK_COUNT, np.float32))


def test_a_family_is_written_with_its_own_names_and_arkits(tmp_path: Path) -> None:
    path = save(prepare(modal(), PrepareOptions(people=0)), tmp_path)
    with np.load(path, allow_pickle=False) as arrays:
        assert arrays["shape_names"].tolist() == ["jawOpen", "mine"]
        assert arrays["arkit"].shape == (52, 2)
        assert arrays["arkit_known"].sum() == 1
        assert "landmark_noise" not in arrays


def test_an_empty_shape_is_not_known() -> None:
    family = modal()
    family.deltas[0] = 0
    assert not prepare(family, PrepareOptions(people=0))["arkit_known"].any()


def test_place_and_size_are_no_part_of_an_identity() -> None:
    vertices, _ = sheet()
    shift = np.ones_like(vertices)
    growth = vertices - vertices.mean(axis=0)
    family = modal(np.stack([shift, growth]))
    _, modes = principal_modes(family, np.arange(len(vertices)), np.random.default_rng(0))
    assert np.abs(modes).max() < 1e-4


def test_principal_modes_spread_as_the_drawn_identities_do() -> None:
    family = modal()
    rows = np.arange(len(family.neutral))
    _, modes = principal_modes(family, rows, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    heads = np.stack([family.sample(rng).vertices for _ in range(300)])
    centered = heads - heads.mean(axis=(0, 1)) - (heads.mean(axis=0) - heads.mean(axis=(0, 1)))
    drawn = np.linalg.norm(centered.std(axis=0))
    assert np.linalg.norm(modes) == pytest.approx(drawn, rel=0.1)


def test_detections_are_fastened_to_the_common_topology() -> None:
    arrays = prepare(modal(), PrepareOptions(people=2), find=found_at_vertices)
    detections = len(arrays["detection_people"])
    assert detections == 6
    assert arrays["landmark_noise"].shape == (detections, LANDMARK_COUNT, 3)
    assert arrays["landmark_weights"].sum(axis=1) == pytest.approx(1)
    assert arrays["landmark_scatter"].shape == (LANDMARK_COUNT, 3, 3)
    assert arrays["detection_corners"].max() < len(arrays["vertices"])


def test_refused_heads_are_left_out_of_the_detections() -> None:
    calls = iter(range(100))

    def find(mesh: FaceMesh) -> MeshLandmarks:
        if next(calls) % 3 == 1:
            raise MeshError("No face.")
        return found_at_vertices(mesh)

    arrays = prepare(modal(), PrepareOptions(people=3), find=find)
    assert len(arrays["detection_people"]) == 6


def test_a_family_without_any_face_says_so() -> None:
    def find(mesh: FaceMesh) -> MeshLandmarks:
        raise MeshError("No face.")

    with pytest.raises(MeshError, match="sheets"):
        prepare(modal(), PrepareOptions(people=1), find=find)


def test_people_keep_their_groups_and_folds() -> None:
    vertices, triangles = sheet()
    family = PeopleFamily(
        name="people",
        licence="CC0",
        triangles=triangles,
        skin=vertices[:, 0] <= 0.5,
        shape_names=("jawOpen",),
        names=("a", "b", "c"),
        vertices=np.stack([vertices] * 3),
        deltas_mm=np.full((3, 1, *vertices.shape), 4, np.float16),
        groups={"a": "twins", "b": "twins", "c": "c"},
    )
    arrays = prepare(family, PrepareOptions(people=0))
    assert arrays["people"].shape == (3, family.skin.sum(), 3)
    assert arrays["deltas"].max() == pytest.approx(0.004, rel=1e-3)
    assert arrays["folds"][0] == arrays["folds"][1] != arrays["folds"][2]


def test_a_quarter_turn_is_a_quarter_turn() -> None:
    assert rotation(np.array([0, 0, np.pi / 2])) @ [1, 0, 0] == pytest.approx([0, 1, 0])


def test_makehuman_mixes_share_out_one_person() -> None:
    modes = [
        f"{r}-{s}-{a}"
        for r in ("african", "asian", "caucasian")
        for s in ("female", "male")
        for a in ("baby", "child", "young", "old")
    ]
    modes += ["nose/nose-hump-incr", "eyes/l-eye-bag-in", "eyes/r-eye-bag-in"]
    modes += [f"cheek/{side}-cheek-{number}" for side in "lr" for number in range(20)]
    for seed in range(10):
        weights = makehuman_mix(np.random.default_rng(seed), modes)
        assert weights[:24].sum() == pytest.approx(1)
        assert 0 <= weights.min() <= weights.max() <= 1.5


def test_charmorph_mixes_leave_the_teeth_in() -> None:
    modes = ["Race_A", "Race_B", "Race_C", "Mouth_NoTeeth", "Nose_Height"]
    drawn = np.stack([charmorph_mix(np.random.default_rng(seed), modes) for seed in range(40)])
    assert not drawn[:, 3].any()
    assert drawn[:, 4].any()
    assert (drawn[:, :3].sum(axis=1) <= 1).all()
