"""`prepare`: recordings become tracks."""

import argparse

from facial_retarget.console import ProgressLine
from facial_retarget.core.progress import Progress

from .common import Commands, add_config_option, add_folder_option

_PREPARE = """\
Make tracks of what `record` made: the training's under many conditions, the validation's and the
test's as they are. One file a split in DIR/tracks."""


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("prepare", help="make tracks", description=_PREPARE)
    add_config_option(parser)
    add_folder_option(parser)
    parser.set_defaults(handler=_prepare)


def _prepare(arguments: argparse.Namespace) -> None:
    import numpy as np

    from ..config import SpeechConfig
    from ..recordings import SPLITS, load_recordings
    from ..tracks import Tracks, altered_track, plain_track, schedule, statistical_voices

    config, line = SpeechConfig.read(arguments.config), ProgressLine()
    recordings = load_recordings(arguments.folder / "recordings")
    folder = arguments.folder / "tracks"
    folder.mkdir(parents=True, exist_ok=True)
    for split in SPLITS:
        own = [each for each in recordings if each.split == split]
        if not own:
            continue
        if split == "train":
            rng = np.random.default_rng(config.seed)
            plan = schedule(own, config.tracks.shares, config.tracks.copies, rng)
            voices = statistical_voices(own)
            made = []
            for number, utterances in enumerate(plan):
                line(Progress("Making tracks", number, len(plan)))
                rng = np.random.default_rng([config.seed, number])
                made.append(altered_track(utterances, voices, rng))
        else:
            made = [plain_track(each) for each in own]
        tracks = Tracks.of(made)
        tracks.write(folder / f"{split}.npz")
        line.end()
        print(f"{split}: {len(tracks)} tracks, {tracks.hours:.2f} h")
