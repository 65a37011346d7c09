"""Binary FBX files made by hand, whole and with one wrong number each."""

import struct
import time
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from facial_retarget.core.errors import MeshError
from facial_retarget.core.fbx_check import check_fbx

MAGIC = b"Kaydara FBX Binary  \0\x1a\0"


def element(
    name: bytes, properties: Sequence[bytes], start: int, inside: bytes = b"", *, count: int = -1
) -> bytes:
    """An element of version 7400, which begins at `start` of the file."""
    listed = b"".join(properties)
    end = start + 13 + len(name) + len(listed) + len(inside)
    number = len(properties) if count < 0 else count
    return struct.pack("<IIIB", end, number, len(listed), len(name)) + name + listed + inside


def numbers(kind: bytes, items: int, data: bytes, encoding: int = 1) -> bytes:
    stored = zlib.compress(data) if encoding else data
    return kind + struct.pack("<III", items, encoding, len(stored)) + stored


def write(folder: Path, *properties: bytes, count: int = -1) -> Path:
    """A file with one element that has these properties and one element inside."""
    start = len(MAGIC) + 4
    inner_start = start + 13 + 4 + sum(map(len, properties))
    inside = element(b"In", [b"L" + bytes(8)], inner_start) + bytes(13)
    whole = element(b"Mesh", properties, start, inside, count=count)
    file = folder / "頭 head.fbx"
    file.write_bytes(MAGIC + struct.pack("<I", 7400) + whole + bytes(13))
    return file


def test_a_whole_file_is_passed_over(tmp_path: Path) -> None:
    doubles = struct.pack("<3d", 1, 2, 3)
    check_fbx(
        write(
            tmp_path,
            b"Y\1\2",
            b"S" + struct.pack("<I", 3) + b"abc",
            numbers(b"d", 3, doubles),
            numbers(b"d", 3, doubles, encoding=0),
        )
    )


@pytest.mark.parametrize(
    ("properties", "count"),
    [
        ([numbers(b"d", 1 << 30, bytes(24))], -1),
        ([numbers(b"d", 3, bytes(23))], -1),
        ([numbers(b"d", 3, bytes(24)).replace(b"x", b"y")], -1),
        ([numbers(b"i", 3, bytes(8), encoding=0)], -1),
        ([b"S" + struct.pack("<I", 0xFFFFFFFF)], -1),
        ([b"Y\1\2"], 0x7FFFFFFF),
        ([b"Y\1\2"], 0),
        ([b"?\1\2"], -1),
    ],
)
def test_a_number_that_is_not_true_is_refused_at_once(
    properties: list[bytes], count: int, tmp_path: Path
) -> None:
    began = time.process_time()
    with pytest.raises(MeshError, match=r"'頭 head\.fbx' is damaged.*Export it again"):
        check_fbx(write(tmp_path, *properties, count=count))
    assert time.process_time() - began < 0.5


def test_a_file_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path, numbers(b"d", 3, bytes(24)))
    whole = file.read_bytes()
    for length in range(len(MAGIC), len(whole)):
        file.write_bytes(whole[:length])
        with pytest.raises(MeshError):
            check_fbx(file)


def test_elements_without_end_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "deep.fbx"
    head = MAGIC + struct.pack("<I", 7400)
    deep = b"".join(struct.pack("<IIIB", 1 << 20, 0, 0, 0) for _ in range(1 << 16))
    file.write_bytes((head + deep).ljust(1 << 20, b"\0"))
    with pytest.raises(MeshError):
        check_fbx(file)


def test_what_is_no_binary_fbx_file_is_left_to_blender(tmp_path: Path) -> None:
    file = tmp_path / "text.fbx"
    file.write_text("; FBX 7.3.0 project file")
    check_fbx(file)
