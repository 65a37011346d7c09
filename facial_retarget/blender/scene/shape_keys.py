"""Shape keys written by their names: new ones at 0, the artist's own left as they are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from bpy.types import Object, ShapeKey

from ...core.errors import CharacterError
from ...core.mesh import Floats
from .character import controls_of, keys_of
from .mesh_reading import points_of
from .shape_record import ShapeRecord, Signature, is_alike, signature


@dataclass(frozen=True)
class WrittenKeys:
    """What became of the shapes of one object: names of keys that are new, made afresh or kept."""

    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def written(self) -> int:
        """How many keys hold what was asked for."""
        return len(self.added) + len(self.replaced)


def check_keyable(obj: Object) -> None:
    """Raise CharacterError where shape keys cannot be added to an object."""
    data = obj.data
    if data.library is not None or not data.is_editable:
        origin = f" from {data.library.name}" if data.library is not None else ""
        raise CharacterError(
            f"The mesh of {obj.name} is linked{origin}: no shape keys can be added to it here. "
            "Generate them in its own file, or make the object and its data local "
            "(Object > Relations > Make Local)."
        )


def kept_keys(obj: Object) -> frozenset[str]:
    """Return the names of those keys that are the artist's: made or changed by hand, or locked."""
    key = keys_of(obj)
    if key is None:
        return frozenset()
    made = ShapeRecord.of(obj).keys
    base = points_of(key.reference_key)
    return frozenset(
        name
        for name, block in controls_of(key).items()
        if name not in made
        or block.lock_shape
        or not is_alike(signature(points_of(block) - base), made[name])
    )


def write_shape_keys(
    obj: Object, displacements: Mapping[str, Floats], replace_all: bool = False
) -> WrittenKeys:
    """Give an object a shape key for each (n, 3) displacement in its own space, by its name.

    Keys that are there keep their values, drivers and ranges. Those of the artist keep their
    shape too, unless all are to be replaced; locked ones always do. Where there are no keys at
    all, the neutral becomes the key Basis.
    """
    if not displacements:
        return WrittenKeys()
    kept, chosen = kept_keys(obj), obj.active_shape_key_index
    if keys_of(obj) is None:
        obj.shape_key_add(name="Basis", from_mix=False)
    key = keys_of(obj)
    if replace_all:
        kept = frozenset(name for name in kept if key.key_blocks[name].lock_shape)
    present, base = frozenset(controls_of(key)), points_of(key.reference_key)
    made = {
        name: _write(obj, name, base, displacement)
        for name, displacement in displacements.items()
        if name not in kept and name != key.reference_key.name
    }
    obj.active_shape_key_index = chosen
    _remember(obj, made)
    names = list(made)
    return WrittenKeys(
        added=tuple(name for name in names if name not in present),
        replaced=tuple(name for name in names if name in present),
        kept=tuple(name for name in displacements if name not in made),
    )


def _write(obj: Object, name: str, base: Floats, displacement: Floats) -> Signature:
    """Write one key, and return the signature of what it holds."""
    key = keys_of(obj)
    block: ShapeKey | None = key.key_blocks.get(name)
    if block is None:
        block = obj.shape_key_add(name=name, from_mix=False)
        block.value = 0.0  # since 5.0 a new key is on
    points = (base + displacement).astype(np.float32)
    block.relative_key = key.reference_key
    block.points.foreach_set("co", points.ravel())
    return signature(points - base)


def _remember(obj: Object, made: Mapping[str, Signature]) -> None:
    if made:
        record = ShapeRecord.of(obj)
        replace(record, keys={**record.keys, **made}).keep(obj)
