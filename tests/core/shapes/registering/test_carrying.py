"""What the template knows, carried to another head."""

from typing import Any

import numpy as np

from facial_retarget.core.shapes.carry import Carrier
from facial_retarget.core.shapes.register import register
from facial_retarget.core.shapes.registration import Part
from facial_retarget.core.shapes.template import Template


def carrier(head: Any) -> Carrier:
    found = register(head.mesh, head.landmarks)
    return Carrier(found, found.frame.turned_to_face(head.mesh.normals))


def test_a_shape_comes_over_with_each_lip_on_its_own(woman: Any) -> None:
    template = Template.load()
    jaw = template.deltas[template.shapes.index("jawOpen")]
    carried = carrier(woman)(jaw)
    own = woman.deltas["jawOpen"] / register(woman.mesh, woman.landmarks).frame.scale
    skin = template.parts == Part.SKIN
    cosine = (carried * own)[skin].sum() / np.sqrt(
        np.square(carried[skin]).sum() * np.square(own[skin]).sum()
    )
    assert cosine > 0.97
    upper, lower = (
        np.linalg.norm(carried[template.lips[lip][4:-4]], axis=1) for lip in template.lips
    )
    assert lower.min() > 1.8 * upper.max()


def test_a_constant_stays_what_it_is_on_the_skin_and_is_nothing_elsewhere(woman: Any) -> None:
    template = Template.load()
    carried = carrier(woman)(np.ones(len(template.vertices), np.float32))
    skin = template.parts == Part.SKIN
    assert np.allclose(carried[skin], 1, atol=1e-5)
    assert not carried[~skin].any()
