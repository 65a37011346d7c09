"""`faces`: a user's own recordings, watched and heard; and what can be learned from them."""

import argparse
from pathlib import Path

from facial_retarget.console import ProgressLine

from .common import Commands, add_config_option, add_folder_option

_FACES = """\
Watch and hear videos of people who talk: what each face did, by groups (mouth, eyes), normalised by
the person's own range, beside the sound. One file a video in DIR/faces."""
_LEARN = """\
Learn one group from those videos, out of what the recogniser hears. Every --fold-th video, from
--first on, is left out, and the likeness to it is printed: put each person's videos on one side by
their names, which fix the order."""


def add(commands: Commands) -> None:
    """Add both commands."""
    parser = commands.add_parser("faces", help="watch your own videos", description=_FACES)
    parser.add_argument("videos", nargs="+", type=Path, metavar="VIDEO")
    add_folder_option(parser)
    parser.set_defaults(handler=_watch)
    parser = commands.add_parser("learn-faces", help="learn from them", description=_LEARN)
    parser.add_argument("group", choices=("mouth", "eyes"))
    parser.add_argument("--fold", type=int, default=5, metavar="N")
    parser.add_argument("--first", type=int, default=0, metavar="N")
    parser.add_argument("--steps", type=int, default=400)
    add_config_option(parser)
    add_folder_option(parser)
    parser.set_defaults(handler=_learn)


def _watch(arguments: argparse.Namespace) -> None:
    from ..faces import FilmedVoice

    folder, line = arguments.folder / "faces", ProgressLine()
    folder.mkdir(parents=True, exist_ok=True)
    for video in arguments.videos:
        voice = FilmedVoice.of(video, line)
        voice.write(folder / f"{video.stem}.npz")
        line.end()
        print(f"{video.name}: {len(voice.mouth) / 50:.1f} s")


def _learn(arguments: argparse.Namespace) -> None:
    from ..config import RunConfig, SpeechConfig
    from ..faces import FilmedVoice
    from ..facing import Facing, faces_lesson
    from ..stages import Studio
    from ..trainer import Place, train

    studio = Studio(arguments.folder, SpeechConfig.read(arguments.config))
    files = sorted((arguments.folder / "faces").glob("*.npz"))
    recogniser = studio.recogniser()
    lessons = [faces_lesson(recogniser, FilmedVoice.read(file), arguments.group) for file in files]
    left_out = lessons[arguments.first :: arguments.fold]
    learned = [each for each in lessons if each not in left_out]
    task = Facing(arguments.group, learned, left_out, 8, Place())
    out = arguments.folder / "networks" / f"faces_{arguments.group}_{arguments.first}"
    train(task, RunConfig(arguments.steps, 8, 1e-3), out, Place(), print)
