"""Read damaged files of every kind: each ends in a result or a sentence, none in a crash or a hang.

python -m tools.fuzz [--count N] [READER ...]    every reader by default, 10,000 files each
python -m tools.fuzz --write READER NUMBER FILE  write one of the damaged files, to look into it
"""

import argparse
import sys
from pathlib import Path

from .damage import damaged
from .readers import READERS, sample
from .run import fuzz


def main() -> int:
    """Fuzz what is asked for and print a line for each reader; return 1 where one failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("readers", nargs="*", metavar="READER", help=", ".join(READERS))
    parser.add_argument("--count", type=int, default=10_000, help="damaged files for each reader")
    parser.add_argument("--write", nargs=3, metavar=("READER", "NUMBER", "FILE"))
    arguments = parser.parse_args()
    if arguments.write:
        key, number, file = arguments.write
        Path(file).write_bytes(damaged(sample(key), key, int(number)))
        return 0
    status = 0
    for key in arguments.readers or READERS:
        found = fuzz(key, arguments.count)
        print(found.line, flush=True)
        for number, what in found.failures:
            print(f"    {number}: {what}", flush=True)
        status |= bool(found.failures)
    return status


if __name__ == "__main__":
    sys.exit(main())
