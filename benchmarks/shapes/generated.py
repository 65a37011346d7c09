"""The generator's keys for a head, made once however many measurements look at them."""

from collections.abc import Mapping
from functools import cache

from benchmarks.shapes.heads import MakerHead
from facial_retarget.core.mesh import Floats
from facial_retarget.core.shapes.generate import generate_shapes


@cache
def generated(head: MakerHead) -> Mapping[str, Floats]:
    """Return channel -> (n, 3)."""
    shapes = generate_shapes(head.mesh).shapes
    return dict(zip(shapes.names, shapes.deltas, strict=True))
