"""The commands about rigs: understand one, export what its face does; and options of a bake."""

import argparse
from collections.abc import Callable
from pathlib import Path

from .console import Report
from .core.errors import FacialRetargetError
from .core.progress import ProgressListener


def understand(arguments: argparse.Namespace, progress: ProgressListener) -> Report:
    """Find out what each control of a character does, and write it as a mapping."""
    from .blender.headless_rigs import understand_file

    understood = understand_file(arguments.character, arguments.output, arguments.object, progress)
    return Report(
        f"{understood.line}: {arguments.output}",
        {"output": str(arguments.output), **understood.to_json()},
    )


def export(arguments: argparse.Namespace, progress: ProgressListener) -> Report:
    """Write what a character does with its face to a capture file."""
    from .blender.headless_rigs import export_file

    frames = export_file(
        arguments.blend,
        arguments.output,
        arguments.object,
        arguments.action,
        (arguments.start, arguments.end),
        progress,
    )
    return Report(
        f"{frames} frames: {arguments.output}",
        {"output": str(arguments.output), "frames": frames},
    )


def add_understand_options(add: Callable[..., argparse.Action]) -> None:
    """Add what `understand` takes."""
    add("character", type=Path, metavar="CHARACTER.blend", help="the file with the character")
    add("-o", "--output", type=Path, required=True, metavar="MAPPING.json")
    add("--object", metavar="NAME", help="the character's face; needed if there are several")


def add_export_options(add: Callable[..., argparse.Action]) -> None:
    """Add what `export` takes."""
    add("blend", type=Path, metavar="SHOT.blend", help="the file with the animated character")
    add(
        *("-o", "--output"),
        type=Path,
        required=True,
        metavar="TAKE",
        help=".csv (Live Link Face), .json (Audio2Face) or .frclip",
    )
    add("--object", metavar="NAME", help="the character's face; needed if there are several")
    add("--action", metavar="NAME", help="one Action alone (default: all that is played)")
    add("--start", type=int, metavar="FRAME", help="the first frame (default: the animation's)")
    add("--end", type=int, metavar="FRAME", help="the last frame (default: the animation's)")


def add_bake_options(add: Callable[..., argparse.Action]) -> None:
    """Add what a bake takes beside its source and its place."""
    add("--mapping", type=Path, metavar="FILE.json", help="what drives the character's controls")
    add("--understand", action="store_true", help="find out what its controls do, first")
    add("--trained", type=Path, metavar="FILE.onnx", help="video: a network of this very rig")
    add("--source-object", metavar="NAME", help=".blend as source: the face that is copied")
    add("--source-action", metavar="NAME", help=".blend as source: one Action of it alone")


def check_bake_options(arguments: argparse.Namespace, is_listened_to: bool) -> None:
    """Raise FacialRetargetError for options that contradict each other or the source."""
    if arguments.mapping and arguments.understand:
        raise FacialRetargetError(
            "--mapping says what --understand would find out. Leave one of them out."
        )
    if arguments.trained and is_listened_to:
        raise FacialRetargetError("--trained belongs to a video. Leave it out with a voice.")
    named = arguments.source_object or arguments.source_action
    if named and arguments.source.suffix.lower() != ".blend":
        raise FacialRetargetError(
            f"{arguments.source.name} holds no character: --source-object and --source-action "
            "belong to a .blend file as source."
        )
