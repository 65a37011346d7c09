"""Files damaged as disks, editors, exporters and ill will damage them, each by a number."""

import io
import json
import random
import re
import struct
import zipfile
from collections.abc import Callable
from typing import Final

STRANGE: Final = (
    *("nan", "-inf", "1e999", "-1", "0", "9" * 400, "1e308", "null", "true", "[]", "{}", '"', "'"),
    *("\0", "\ufeff", "\uff11", "½", "∞", ";", "&", "<!DOCTYPE a>", "]]>", "&amp;", "/", "f", "v"),
    *("\r", "\n", "\t", " ", ",,", "4294967295", "-2147483649", "65536", "e", "."),
)

_PIECES: Final = re.compile(rb"[\d.]+|[A-Za-z_]+|\s+")
_NUMBERS: Final = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\x80")


def damaged(data: bytes, key: str, number: int) -> bytes:
    """Return the damaged version of a file that a number stands for: always the same."""
    chance = random.Random(f"{key} {number}")
    within = _WITHIN.get(data[:4])
    if within is not None and chance.random() < 0.6:
        return within(data, chance)
    return _several(data, chance)


def _several(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 3, 5, 8))):
        data = chance.choice(_WAYS)(data, chance)
    return data


def _place(data: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(start + chance.choice((1, 2, 4, 16, 256)), len(data))


def _bytes_changed(data: bytes, chance: random.Random) -> bytes:
    start, end = _place(data, chance)
    return data[:start] + chance.randbytes(end - start) + data[end:]


def _bit_flipped(data: bytes, chance: random.Random) -> bytes:
    if not data:
        return data
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]


def _cut_out(data: bytes, chance: random.Random) -> bytes:
    start, end = _place(data, chance)
    return data[:start] + data[end:]


def _cut_short(data: bytes, chance: random.Random) -> bytes:
    return data[: _place(data, chance)[0]]


def _doubled(data: bytes, chance: random.Random) -> bytes:
    start, end = _place(data, chance)
    return data[:end] + data[start:end] * chance.choice((1, 2, 50)) + data[end:]


def _moved(data: bytes, chance: random.Random) -> bytes:
    (start, end), (other, _) = _place(data, chance), _place(data, chance)
    return data[:other] + data[start:end] + data[other:]


def _strange_piece(data: bytes, chance: random.Random) -> bytes:
    pieces = [match.span() for match in _PIECES.finditer(data[: 1 << 16])]
    start, end = chance.choice(pieces) if pieces else _place(data, chance)
    return data[:start] + chance.choice(STRANGE).encode() + data[end:]


def _strange_number(data: bytes, chance: random.Random) -> bytes:
    start = _place(data, chance)[0]
    return data[:start] + chance.choice(_NUMBERS) + data[start + 4 :]


def _lines_mixed(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    chance.shuffle(lines)
    return b"\n".join(lines)


def _within_zip(data: bytes, chance: random.Random) -> bytes:
    """Damage one member, and keep the archive around it whole."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(sorted(members))
    members[name] = _several(members[name], chance)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for each, content in members.items():
            archive.writestr(zipfile.ZipInfo(each), content)
    return out.getvalue()


def _within_glb(data: bytes, chance: random.Random) -> bytes:
    """Damage the description of the scene, or the numbers, and keep the lengths right."""
    (length,) = struct.unpack_from("<I", data, 12)
    chunks = [data[20 : 20 + length], data[28 + length :]]
    which = chance.randrange(2)
    chunks[which] = _json_changed(chunks[0], chance) if which == 0 else _several(chunks[1], chance)
    whole = b"".join(
        struct.pack("<I4s", len(chunk), kind) + chunk
        for chunk, kind in zip(chunks, (b"JSON", b"BIN\0"), strict=True)
    )
    return data[:8] + struct.pack("<I", 12 + len(whole)) + whole


def _json_changed(data: bytes, chance: random.Random) -> bytes:
    """Change one value somewhere, and keep it JSON."""
    try:
        content = json.loads(data)
    except ValueError:
        return _several(data, chance)
    holder, key = content, chance.choice(sorted(content))
    while isinstance(holder[key], dict | list) and holder[key] and chance.random() < 0.85:
        holder = holder[key]
        keys = sorted(holder) if isinstance(holder, dict) else range(len(holder))
        key = chance.choice(list(keys))
    strange: tuple[object, ...] = (None, -1, 0, 2**31, 1e300, "", "x", [], {}, [[]], True, 5126)
    holder[key] = chance.choice(strange)
    return json.dumps(content).encode()


_Way = Callable[[bytes, random.Random], bytes]

_WAYS: Final[tuple[_Way, ...]] = (
    *(_bytes_changed, _bit_flipped, _cut_out, _cut_short, _doubled, _moved),
    *(_strange_piece, _strange_piece, _strange_number, _lines_mixed),
)
# Damage deep inside, by the bytes that such files begin with.
_WITHIN: Final[dict[bytes, _Way]] = {b"PK\x03\x04": _within_zip, b"glTF": _within_glb}
