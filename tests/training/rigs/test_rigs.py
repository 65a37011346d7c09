"""What rigs are recognised by, and how that is measured: on the template as a maker's head."""

from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS, mirrored
from facial_retarget.core.errors import FacialRetargetError
from facial_retarget.core.retarget.prototypes import meanings, prototypes
from facial_retarget.core.retarget.signatures import MOTIONS_FILE, Patches, mirrored_signatures
from facial_retarget.core.shapes.mesh_landmarks import MeshLandmarks
from facial_retarget.core.shapes.shape_set import ShapeSet
from facial_retarget.core.shapes.template import Template
from training.rigs.evaluate import Answer, answers, mistakes, right, scrambled
from training.rigs.heads import FAMILIES, Head
from training.rigs.heads import tested_heads as heads_to_test
from training.rigs.learn import maker_signatures, save
from training.rigs.patches import spread_patches
from training.shapes.families import ModalFamily, Person
from training.shapes.licences import licence_of

_EYE_DISTANCE = np.float32(0.062)


@pytest.fixture(scope="module")
def head() -> Head:
    """The template as a maker with 52 keys of its own."""
    template = Template.load()
    order = [template.shapes.index(channel) for channel in ARKIT_CHANNELS]
    neutral, deltas = template.vertices * _EYE_DISTANCE, template.deltas[order] * _EYE_DISTANCE
    family = ModalFamily(
        name="template",
        licence="CC0",
        triangles=template.triangles,
        skin=template.parts == 0,
        shape_names=ARKIT_CHANNELS,
        neutral=neutral,
        mode_names=(),
        modes=np.zeros((0, *neutral.shape), np.float32),
        deltas=deltas,
        draw=lambda _random, _names: np.zeros(0, np.float32),
    )
    return Head("template", family, Person("template", neutral, deltas, "template"))


def test_patches_are_alike_on_both_halves_and_those_that_ship() -> None:
    patches = spread_patches()
    np.testing.assert_array_equal(patches.mirror[patches.mirror], np.arange(len(patches)))
    other = patches.centers[patches.mirror] * [-1, 1, 1]
    np.testing.assert_allclose(other, patches.centers, atol=0.05)
    np.testing.assert_array_equal(patches.sides[patches.mirror], patches.sides)
    np.testing.assert_array_equal(patches.centers, Patches.load().centers)
    assert np.square(patches.weights).sum() == pytest.approx(1)


def test_what_ships_names_its_makers_and_their_notices() -> None:
    with np.load(MOTIONS_FILE, allow_pickle=False) as data:
        assert tuple(data["families"]) == FAMILIES
        assert data["notices"].tolist() == [licence_of(family).notice for family in FAMILIES]
        assert data["signatures"].shape == (len(FAMILIES), 52, 3 * len(Patches.load()) + 9)
    assert MOTIONS_FILE.stat().st_size < 300_000
    lengths = np.linalg.norm(prototypes(), axis=2)
    assert lengths.max() == pytest.approx(1, abs=1e-3)
    assert prototypes().shape[1] == len(meanings())


def test_a_makers_signatures_are_alike_on_both_sides(head: Head) -> None:
    patches = Patches.load()
    signatures = maker_signatures([head], patches)
    assert signatures.shape == (52, 3 * len(patches) + 9)
    left, right_ = (ARKIT_CHANNELS.index(f"mouthSmile{side}") for side in ("Left", "Right"))
    np.testing.assert_allclose(
        mirrored_signatures(signatures[[left]], patches)[0], signatures[right_], atol=1e-3
    )
    assert (signatures @ signatures.T)[left].argsort()[-1] == left


def test_names_are_taken_away_and_what_was_meant_is_kept(head: Head) -> None:
    test = scrambled(head, with_others=False)
    assert not set(test.rig.names) & set(ARKIT_CHANNELS)
    assert sorted(channel for meant in test.meant.values() for channel in meant) == sorted(
        ARKIT_CHANNELS
    )
    for control, field in zip(test.rig.controls, test.rig.raised, strict=True):
        (channel,) = test.meant[control.name]
        np.testing.assert_array_equal(field, head.channels[ARKIT_CHANNELS.index(channel)])


def test_a_head_whose_own_shapes_are_known_is_understood(head: Head) -> None:
    landmarks = MeshLandmarks(Template.load().landmarks * _EYE_DISTANCE, np.ones(468, np.float32))
    ones = np.ones(52, np.float32)
    shapes = ShapeSet(ARKIT_CHANNELS, head.channels, ones, ones[:1])
    found = answers(head, shapes, landmarks)
    assert len(found) == 52
    assert right(found) == 1
    assert list(mistakes(found)) == []


def test_mistakes_are_counted() -> None:
    found = [Answer("a", frozenset({"jawOpen"}), taken) for taken in ("jawOpen", "jawLeft", "")]
    assert right(found) == pytest.approx(1 / 3)
    assert list(mistakes(found)) == [
        "1 x jawOpen taken for jawLeft",
        "1 x jawOpen taken for nothing",
    ]


def test_nobody_is_learned_from_and_tested() -> None:
    try:
        learned, tested = (list(heads_to_test("valid", 2, first)) for first in (0, 2))
    except FacialRetargetError:
        pytest.skip("VALID's packed file is not there")
    assert not {one.person.group for one in learned} & {one.person.group for one in tested}


def test_a_file_of_signatures_is_written_whole(tmp_path: Path) -> None:
    patches = Patches.load()
    signatures = np.ones((2, 52, 3 * len(patches) + 9), np.float32)
    save(tmp_path / "new" / "motions.npz", FAMILIES[:2], patches, signatures)
    with np.load(tmp_path / "new" / "motions.npz", allow_pickle=False) as data:
        assert str(data["licence"]) == "CC0-1.0 AND MIT"
        np.testing.assert_array_equal(data["mirror"], patches.mirror)


def test_every_channel_has_a_meaning_and_so_have_both_sides() -> None:
    known = {(meaning.channels, meaning.part) for meaning in meanings()}
    for channel in ARKIT_CHANNELS:
        assert ((channel,), "") in known
    assert (("eyeBlinkLeft", mirrored("eyeBlinkLeft")), "") in known
    assert (("mouthFunnel",), "upper") in known
    assert len(known) == len(meanings())
