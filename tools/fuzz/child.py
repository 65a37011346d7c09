"""The process that reads: child.py READER FIRST COUNT FOLDER. Prints a line for each file."""

import os
import resource
import sys
import time
from pathlib import Path
from typing import Final

from tools.fuzz.damage import damaged
from tools.fuzz.readers import READERS, outcome, sample

# What no small file may make a reader ask for; Blender reserves more than it uses.
_MEMORY: Final = 3 << 30


def main(key: str, first: str, count: str, folder: str) -> None:
    """Read the damaged files from FIRST up to COUNT."""
    told = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Blender prints there
    reader = READERS[key]
    whole = sample(key)
    file = Path(folder) / f"damaged{reader.suffix}"
    file.write_bytes(whole)
    assert outcome(key, file) == "read", outcome(key, file)
    if not reader.in_blender:
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    for number in range(int(first), int(count)):
        file.write_bytes(damaged(whole, key, number))
        began = time.monotonic()
        what = outcome(key, file)
        told.write(f"{time.monotonic() - began:.4f} {what}\n")
        told.flush()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
