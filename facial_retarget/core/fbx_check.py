"""A look at the structure of a binary FBX file, before Blender's importer believes its numbers.

That importer makes room for whatever number a file states: one wrong byte in a count, and it asks
for more memory than there is. It also waits for ever for a list of numbers that cannot be unpacked.
Here every stated length has to lie within the one around it, and every list has to unpack.
"""

import mmap
import struct
import zlib
from pathlib import Path
from typing import Final

from .errors import MeshError

_MAGIC: Final = b"Kaydara FBX Binary  \0\x1a\0"
_FIRST_WIDE: Final = 7500  # from this version on, offsets and counts take 8 bytes, not 4
_DEEPEST: Final = 64
_GREATEST_RATIO: Final = 1032  # by which zlib packs at most

_SIZES: Final = dict(zip(b"ZYBCIFDL", (1, 2, 1, 1, 4, 4, 8, 8), strict=True))
_ITEM_SIZES: Final = dict(zip(b"bcilfd", (1, 1, 4, 8, 4, 8), strict=True))
_TEXTS: Final = b"SR"
_ZLIB: Final = 1


def check_fbx(path: Path) -> None:
    """Pass over a file that is whole, or no binary FBX file at all. Raises MeshError otherwise."""
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            return
        try:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                _Walk(data).check()
        except (ValueError, struct.error, zlib.error, IndexError, KeyError) as error:
            raise MeshError(
                f"'{path.name}' is damaged: what it says of its own lengths is not true. "
                "Export it again."
            ) from error


class _Walk:
    """A walk from element to element. Any step that leads astray raises ValueError or the like."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        (version,) = struct.unpack_from("<I", data, len(_MAGIC))
        self._header = struct.Struct("<QQQB" if version >= _FIRST_WIDE else "<IIIB")

    def check(self) -> None:
        """Walk over all elements, up to the empty one that ends them."""
        place = len(_MAGIC) + 4
        while self._header.unpack_from(self._data, place)[0]:
            place = self._element(place, len(self._data), 0)

    def _element(self, start: int, limit: int, depth: int) -> int:
        """Return where an element ends; what is inside of it ends with an empty one, too."""
        header = self._header.unpack_from(self._data, start)
        end, count, length, name_length = map(int, header)
        place = start + self._header.size + name_length
        inner_end = end - self._header.size
        _expect(place + length <= end <= limit and depth < _DEEPEST)
        _expect(self._properties(place, count, place + length) == place + length)
        place += length
        if place == end:
            return end
        while place < inner_end:
            place = self._element(place, inner_end, depth + 1)
        _expect(place == inner_end and not any(self._data[inner_end:end]))
        return end

    def _properties(self, place: int, count: int, limit: int) -> int:
        _expect(2 * count <= limit - place)
        for _ in range(count):
            kind = self._data[place]
            place += 1
            if kind in _SIZES:
                place += _SIZES[kind]
            elif kind in _TEXTS:
                place += 4 + struct.unpack_from("<I", self._data, place)[0]
            else:
                place = self._array(kind, place)
            _expect(place <= limit)
        return place

    def _array(self, kind: int, place: int) -> int:
        items, encoding, stored = struct.unpack_from("<III", self._data, place)
        size = items * _ITEM_SIZES[kind]
        start, end = place + 12, place + 12 + int(stored)
        if encoding != _ZLIB:
            _expect(size == stored)
            return end
        _expect(size <= stored * _GREATEST_RATIO)
        unpacking = zlib.decompressobj()
        _expect(len(unpacking.decompress(self._data[start:end], size + 1)) == size)
        _expect(unpacking.eof)
        return end


def _expect(is_so: bool) -> None:
    if not is_so:
        raise ValueError
