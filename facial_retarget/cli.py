"""The headless commands: `facial-retarget ...` and `blender --command facial_retarget ...`.

Progress goes to stderr, the report to stdout (JSON with --json). Exit codes: 0 done, 1 could not,
2 wrong use. Outputs appear whole or not at all, and a command can be run twice.
"""

import argparse
import json
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO, TypeAlias

from . import rig_commands, voice_arguments
from .console import Interruption, ProgressLine, Report, clean_stdout
from .core.errors import Cancelled, FacialRetargetError
from .core.performance import ALL_REGIONS
from .core.progress import Progress, ProgressListener
from .core.shapes.visemes import VISEME_SETS

if TYPE_CHECKING:
    from .core.clip import Clip

DONE: Final = 0
COULD_NOT: Final = 1
WRONG_USE: Final = 2

# Those of core.capture, which takes numpy to import.
SOLVERS: Final = ("learned", "tracker")


Handler = Callable[[argparse.Namespace, ProgressListener], Report]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def capture(arguments: argparse.Namespace, progress: ProgressListener) -> Report:
    """Track the face of a video, or hear a voice, and write what it does to a capture file."""
    from .core.formats import check_writable, write_clip

    is_voice = voice_arguments.is_voice(arguments)
    check_writable(arguments.output)
    clip = (_heard if is_voice else _tracked)(arguments, progress)
    write_clip(clip, arguments.output)
    seen = {} if is_voice else {"seen": float(clip.seen.mean())}
    told = "" if is_voice else f", face seen in {seen['seen']:.0%}"
    return Report(
        f"{len(clip)} frames{told}: {arguments.output}",
        {
            "output": str(arguments.output),
            "frames": len(clip),
            "seconds": clip.duration,
            **seen,
            "unobserved": clip.unobserved_channels(),
        },
    )


def shapes(arguments: argparse.Namespace, progress: ProgressListener) -> Report:
    """Give the head of a file its shape keys, or neutral vertices their shapes by a model."""
    from .core.output import check_writable, whole_file

    if arguments.model and (arguments.strength, arguments.visemes) != (None, None):
        raise FacialRetargetError(
            "--strength and --visemes belong to the generator. Leave them out with --model."
        )
    if arguments.report:
        check_writable(arguments.report)
    is_json = arguments.source.suffix.lower() == ".json"
    report = (_shapes_of_vertices if is_json else _shapes_of_head)(arguments, progress)
    if arguments.report:
        with whole_file(arguments.report) as part:
            part.write_text(json.dumps(report.data, indent=1, ensure_ascii=False), "utf-8")
    return report


def bake(arguments: argparse.Namespace, progress: ProgressListener) -> Report:
    """Put the performance of a video, voice, capture file or other character on a character."""
    from .blender.headless_bake import BakeRequest, VoiceRequest, bake_file

    is_voice = voice_arguments.is_voice(arguments)
    rig_commands.check_bake_options(arguments, is_voice)

    voice = VoiceRequest(
        is_voice,
        voice_arguments.speech_options(arguments),
        arguments.stepped,
        arguments.markers,
    )
    report = bake_file(
        BakeRequest(
            blend=arguments.character,
            source=arguments.source,
            output=arguments.output,
            object_name=arguments.object,
            start=arguments.start,
            end=arguments.end,
            face=arguments.face,
            first_frame=arguments.first_frame,
            regions=tuple(arguments.regions),
            sound=not arguments.no_sound,
            voice=voice,
            mapping=arguments.mapping,
            trained=arguments.trained,
            solver=arguments.solver,
            understand=arguments.understand,
            source_object=arguments.source_object,
            source_action=arguments.source_action,
        ),
        progress,
    )
    return Report(report.line, {"output": str(arguments.output), **report.to_json()})


def render(arguments: argparse.Namespace, progress: ProgressListener) -> Report:
    """Render a .blend file to a video, beside its source if one is given."""
    from .blender.headless import render_file

    frames = render_file(
        arguments.blend, arguments.output, arguments.beside, arguments.title, progress
    )
    return Report(
        f"{frames} frames: {arguments.output}",
        {"output": str(arguments.output), "frames": frames},
    )


def demo(arguments: argparse.Namespace, progress: ProgressListener) -> Report:
    """Build a head, give it the performance of a real video, and render both side by side."""
    from .demo.run import run_demo

    report = run_demo(arguments.assets, arguments.output, progress)
    return Report(report.line, report.to_json())


def _heard(arguments: argparse.Namespace, progress: ProgressListener) -> "Clip":
    from .core.speech import SpeechOptions, animate_speech

    trim = {"start": arguments.start, "end": arguments.end}
    return animate_speech(
        arguments.source,
        SpeechOptions(**trim, **voice_arguments.speech_options(arguments)),
        progress,
    )


def _tracked(arguments: argparse.Namespace, progress: ProgressListener) -> "Clip":
    from .core.capture import CaptureOptions, capture_video

    options = CaptureOptions(start=arguments.start, end=arguments.end, face=arguments.face)
    if arguments.solver:
        options = replace(options, solver=arguments.solver)
    return capture_video(arguments.source, options, progress)


def _shapes_of_head(arguments: argparse.Namespace, progress: ProgressListener) -> Report:
    from .blender.headless_shapes import ShapesRequest, shapes_file

    report = shapes_file(
        ShapesRequest(
            source=arguments.source,
            output=arguments.output,
            object_name=arguments.object,
            model=arguments.model,
            strength=arguments.strength,
            visemes=arguments.visemes and tuple(arguments.visemes),
            alone=arguments.no_companions,
            replace=arguments.replace,
        ),
        progress,
    )
    return Report(report.line, {"output": str(arguments.output), **report.to_json()})


def _shapes_of_vertices(arguments: argparse.Namespace, progress: ProgressListener) -> Report:
    from .core.output import check_writable
    from .core.shapes.studio import StudioModel
    from .core.shapes.vertex_files import read_vertices, write_character

    if arguments.model is None:
        raise FacialRetargetError(
            f"{arguments.source.name} holds vertices without a surface. Name the folder of a model "
            "of their topology with --model."
        )
    if arguments.output.suffix.lower() != ".json":
        raise FacialRetargetError(
            f"{arguments.output.name}: out of a JSON file comes a .json file. Name one with -o."
        )
    check_writable(arguments.output)
    neutral = read_vertices(arguments.source)
    made = StudioModel.load(arguments.model).predict(neutral, arguments.source.name, progress)
    write_character(arguments.output, neutral, made)
    confidence = dict(zip(made.names, made.confidence.round(3).tolist(), strict=True))
    return Report(
        f"{len(made)} shapes: {arguments.output}",
        {"output": str(arguments.output), "confidence": confidence},
    )


def main(argv: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    try:
        arguments = _parser().parse_args(list(argv))
    except SystemExit as stop:  # argparse has printed the help or what is wrong
        return DONE if not stop.code else WRONG_USE
    line, interruption = ProgressLine(), Interruption()

    def listen(progress: Progress) -> None:
        interruption.heed()
        line(progress)

    with clean_stdout() as stdout:
        try:
            with interruption.awaited():
                report = arguments.handler(arguments, listen)
        except FacialRetargetError as error:
            return _failed(str(error), arguments.json, line, stdout)
        except (Cancelled, KeyboardInterrupt):
            return _failed("Stopped; nothing was written.", arguments.json, line, stdout)
        except Exception:
            traceback.print_exc()
            return _failed("This should not have happened.", arguments.json, line, stdout)
        line.end()
        print(json.dumps(report.data) if arguments.json else report.line, file=stdout)
    return DONE


def run() -> None:
    """Entry point of the `facial-retarget` program."""
    sys.exit(main(sys.argv[1:]))


def _failed(sentence: str, as_json: bool, line: ProgressLine, stdout: TextIO) -> int:
    line.end()
    print(f"facial-retarget: {sentence}", file=sys.stderr)
    if as_json:
        print(json.dumps({"error": sentence}), file=stdout)
    return COULD_NOT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="facial-retarget",
        description="A character's face from a video or a voice, without a window.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    add = _adder(commands, capture)
    add("source", type=Path, metavar="CLIP", help="the video of a face, or the sound of a voice")
    add("-o", "--output", type=Path, required=True, help="a .csv (Live Link Face) or .frclip file")
    _add_source_options(add)
    voice_arguments.add_options(add)

    add = _adder(commands, shapes)
    add("source", type=Path, metavar="IN", help=".blend, .obj, .glb, .fbx, or .json with --model")
    add("-o", "--output", type=Path, required=True, metavar="OUT", help=".blend, .glb, .fbx, .json")
    add("--object", metavar="NAME", help="the mesh with the face; needed if there are several")
    add("--report", type=Path, metavar="FILE.json", help="how sure each shape is, as JSON")
    add(
        "--strength",
        type=voice_arguments.amount(3),
        metavar="X",
        help="how far shapes go (default: the scene's)",
    )
    add("--visemes", nargs="+", choices=VISEME_SETS, help="shape keys for speech as well")
    add("--no-companions", action="store_true", help="leave eyes, teeth and tongue as they are")
    add("--replace", action="store_true", help="make keys that an artist made or changed anew, too")
    add("--model", type=Path, metavar="DIR", help="use a studio's own model of this topology")

    add = _adder(commands, bake)
    add("character", type=Path, metavar="CHARACTER.blend", help="the file with the character")
    add("source", type=Path, metavar="SOURCE", help="a video, sound, capture file or .blend file")
    add("-o", "--output", type=Path, required=True, metavar="OUT.blend")
    add("--object", metavar="NAME", help="the character's face; needed if there are several")
    add("--first-frame", type=int, metavar="FRAME", help="where it starts (default: the scene's)")
    add("--regions", nargs="+", choices=ALL_REGIONS, default=ALL_REGIONS, help="what is animated")
    add("--no-sound", action="store_true", help="leave the source's sound out of the file")
    add("--stepped", action="store_true", help="voice: one viseme at a time, for drawn mouths")
    add("--markers", choices=("ACTION", "TIMELINE"), help="voice: mark visemes and words there")
    rig_commands.add_bake_options(add)
    _add_source_options(add)
    voice_arguments.add_options(add)

    rig_commands.add_understand_options(_adder(commands, rig_commands.understand))
    rig_commands.add_export_options(_adder(commands, rig_commands.export))

    add = _adder(commands, render)
    add("blend", type=Path, metavar="FILE.blend")
    add("-o", "--output", type=Path, required=True, metavar="OUT.mp4")
    add("--beside", type=Path, metavar="VIDEO", help="show this video at the left, in step")
    add("--title", default="", help="a line of text above the picture")

    add = _adder(commands, demo)
    add("--assets", type=Path, help="the folder of the demo's files, as make demo gets them")
    add("-o", "--output", type=Path, default=Path("out"), help="the folder for the results")
    return parser


def _adder(commands: Commands, handler: Handler) -> Callable[..., argparse.Action]:
    """Add a command named after its handler, described by its docstring."""
    text = str(handler.__doc__)
    command = commands.add_parser(handler.__name__, help=text, description=text)
    command.set_defaults(handler=handler)
    command.add_argument("--json", action="store_true", help="print the report as JSON")
    add: Callable[..., argparse.Action] = command.add_argument
    return add


def _add_source_options(add: Callable[..., argparse.Action]) -> None:
    add("--start", type=float, metavar="SECONDS", help="leave out what comes before")
    add("--end", type=float, metavar="SECONDS", help="leave out what comes after")
    add("--face", type=int, metavar="N", help="which face of the first frame, from 0 (the largest)")
    add("--solver", choices=SOLVERS, help="video: channels by the trained solver, or the tracker's")
