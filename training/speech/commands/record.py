"""`record`: speech with the times of its phones, and `recordings`: what it holds."""

import argparse
from typing import Final

from facial_retarget.core.errors import FacialRetargetError

from .common import Commands, add_folder_option

_RECORD: Final = """\
Let speech engines say our sentences, and write down when each phone sounds. Run it again to go on
where it stopped. With --share 1/2 and --share 2/2, two processes do half of the voices each."""

_ENGINES: Final = (
    *("espeak", "flite", "festival", "openjtalk"),
    *("piper", "kokoro", "kokoro_abroad"),
)


def add(commands: Commands) -> None:
    """Add both commands."""
    parser = commands.add_parser("record", help="make speech with phone times", description=_RECORD)
    add_folder_option(parser)
    parser.add_argument(
        "--engines",
        type=lambda text: text.split(","),
        default=list(_ENGINES),
        metavar="A,B",
        help=f"which speak: {','.join(_ENGINES)}",
    )
    parser.add_argument("--share", default="1/1", metavar="I/N", help="which part of the voices")
    parser.set_defaults(handler=_record)
    parser = commands.add_parser("recordings", help="what the recordings hold, engine by engine")
    add_folder_option(parser)
    parser.set_defaults(handler=_show)


def _record(arguments: argparse.Namespace) -> None:
    from ..recorder import record_all

    unknown = set(arguments.engines) - set(_ENGINES)
    if unknown:
        names = ", ".join(sorted(unknown))
        raise FacialRetargetError(f"{names} is no engine. Choose from {', '.join(_ENGINES)}.")
    share = _share(arguments.share)
    record_all(
        arguments.engines,
        arguments.folder / "recordings",
        share,
        lambda line: print(line, flush=True),
    )


def _share(text: str) -> tuple[int, int]:
    part, _, parts = text.partition("/")
    if not (part.isdigit() and parts.isdigit() and 1 <= int(part) <= int(parts)):
        raise FacialRetargetError(f"--share {text}: write which part of how many, such as 1/2.")
    return int(part) - 1, int(parts)


def _show(arguments: argparse.Namespace) -> None:
    from ..record_summary import summary

    print(summary(arguments.folder / "recordings"))
