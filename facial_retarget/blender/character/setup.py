"""What a user chose for a character, remembered on its face object and saved with the file.

It is one text, a property of the object itself: that alone lasts on library overrides of objects
whose own file has never seen this add-on. Groups and lists of properties are lost there (5.2).
"""

import functools
import json
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal, Self

from ...core.channels import ARKIT_CHANNELS
from ...core.errors import CharacterError, MappingError
from ...core.retarget import Mapping, drives_visemes, match_controls, speech_mapping
from ..scene.bone_freedom import rig_traits
from ..scene.character import Character, control_limits, control_names
from ..scene.control_address import Address, address_of
from ..scene.gaze import EyeTarget, GazeTarget, guess_gaze_target
from ..scene.head import HeadTarget, guess_head_target
from ..scene.names import is_facial_bone
from ..scene.shape_record import ShapeRecord
from . import PROPERTY

Choice = Literal["AUTO", "CHOSEN", "OFF"]

# With fewer of ARKit's channels than that, hardly a face would be seen to move.
_FEW_CHANNELS: Final = 8


@dataclass(frozen=True)
class HeadChoice:
    """What the head motion goes to: found by name, a named bone or object, or nothing."""

    choice: Choice = "AUTO"
    target: str = ""
    rotation: float = 1.0
    translation: float = 0.0


@dataclass(frozen=True)
class GazeChoice:
    """What the gaze goes to: found by name, two named bones or objects, or nothing."""

    choice: Choice = "AUTO"
    left: str = ""
    right: str = ""
    influence: float = 1.0


@dataclass(frozen=True)
class CharacterSetup:
    """All that is remembered of a character.

    edits: the mapping's rows made by hand. found: the mapping as the rig was understood, None
    where nobody asked for that.
    """

    edits: Mapping = field(default_factory=lambda: Mapping(()))
    found: Mapping | None = None
    head: HeadChoice = HeadChoice()
    gaze: GazeChoice = GazeChoice()

    def to_json(self) -> str:
        """Return the text that is saved."""
        return json.dumps(
            {
                "mapping": self.edits.to_json(),
                "found": self.found and self.found.to_json(),
                "head": asdict(self.head),
                "gaze": asdict(self.gaze),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a saved text; what cannot be read (of a later version, damaged) is left out."""
        try:
            data: dict[str, Any] = json.loads(text)
            return cls(
                Mapping.from_json(data["mapping"]),
                Mapping.from_json(data["found"]) if data.get("found") else None,
                HeadChoice(**data["head"]),
                GazeChoice(**data["gaze"]),
            )
        except (ValueError, KeyError, TypeError, MappingError):
            return cls()


def setup_of(character: Character) -> CharacterSetup:
    """Return what is remembered of a character."""
    return _read(getattr(character.face, PROPERTY))


def remember(character: Character, setup: CharacterSetup) -> None:
    """Save a setup with the character. Raises CharacterError where its face is linked."""
    check_editable(character)
    setattr(character.face, PROPERTY, setup.to_json())


def check_editable(character: Character) -> None:
    """Raise CharacterError where nothing can be remembered: its face is linked."""
    face = character.face
    if not face.is_editable:
        raise CharacterError(
            f"{face.name} is linked and cannot be changed in this file. "
            "Make a library override of it first."
        )


def mapping_of(character: Character) -> Mapping:
    """Return what drives a character's controls: what was found, with the user's own edits."""
    return found_mapping(character).keeping_edits_of(setup_of(character).edits)


def found_mapping(character: Character) -> Mapping:
    """Return the same without the edits: as its rig was understood, else matched by name."""
    return _found_mapping(getattr(character.face, PROPERTY), names_of(character))


def names_of(character: Character) -> tuple[str, ...]:
    """Return the names of all that the mapping is of: shape keys, and what else was understood."""
    return control_names(character, _found_controls(character))


def traits_of(character: Character) -> tuple[str, ...]:
    """Return what differs where `names_of` does; it is quick, for each redraw asks."""
    text = getattr(character.face, PROPERTY)
    names = control_names(character)
    if _read(text).found is None or character.armature is None:
        return names
    return (*names, *rig_traits(character.armature, _found_properties(text)))


def limits_of(character: Character) -> dict[str, tuple[float, float]]:
    """Return the least and the greatest value of everything that the mapping is of."""
    return control_limits(character, _found_controls(character))


@functools.lru_cache(maxsize=8)
def _found_properties(text: str) -> tuple[Address, ...]:
    found = _read(text).found
    addresses = (address_of(row.control) for row in found.rows) if found else ()
    return tuple(address for address in addresses if address.kind == "property")


def _found_controls(character: Character) -> Iterator[str]:
    found = setup_of(character).found
    return (row.control for row in found.rows) if found else iter(())


def is_unclear(character: Character) -> bool:
    """Tell whether names say next to nothing of a character that nobody has looked at yet.

    That is one with few of ARKit's channels, and most of whose controls have no name of a face.
    """
    setup = setup_of(character)
    if setup.found is not None or setup.edits.rows:
        return False
    mapping = mapping_of(character)
    if drives_visemes(speech_mapping(mapping)):
        return False
    covered = len(ARKIT_CHANNELS) - len(mapping.missing_channels())
    return covered < _FEW_CHANNELS and 2 * len(mapping.matched) <= len(mapping.unmatched)


def may_show_more(character: Character) -> bool:
    """Tell whether bones, which nobody has looked at yet, may show what no key is named after."""
    armature = character.armature
    bones = armature.pose.bones if armature is not None and armature.pose is not None else ()
    return setup_of(character).found is None and any(is_facial_bone(bone.name) for bone in bones)


def keep_found(character: Character, found: Mapping) -> None:
    """Remember what was understood of a rig. Raises CharacterError where its face is linked."""
    remember(character, replace(setup_of(character), found=found))


def forget_found(character: Character) -> None:
    """Let all controls be driven as their names say, whatever was found or edited."""
    remember(character, replace(setup_of(character), edits=Mapping(()), found=None))


def forget_edits(character: Character, controls: Collection[str] | None = None) -> None:
    """Let some controls, or all, be driven as was found."""
    setup = setup_of(character)
    kept = (
        () if controls is None else (row for row in setup.edits.rows if row.control not in controls)
    )
    remember(character, replace(setup, edits=Mapping(tuple(kept))))


def with_mapping(setup: CharacterSetup, mapping: Mapping) -> CharacterSetup:
    """Return the setup with the edited rows of a mapping."""
    return replace(setup, edits=Mapping(tuple(row for row in mapping.rows if row.how == "manual")))


@functools.lru_cache(maxsize=8)
def _found_mapping(text: str, names: tuple[str, ...]) -> Mapping:
    """Return what a saved text knows of the controls of today; new ones are matched by name."""
    found = _read(text).found
    if found is None:
        return automatic_mapping(names)
    known = {row.control: row for row in found.rows}
    added = automatic_mapping(tuple(name for name in names if name not in known))
    return replace(found, rows=tuple(known.get(name) or added.row(name) for name in names))


@functools.lru_cache(maxsize=8)
def automatic_mapping(controls: tuple[str, ...]) -> Mapping:
    """Return what the names alone say."""
    return match_controls(controls)


def head_target(character: Character) -> HeadTarget | None:
    """Return what the head motion goes to, as far as it is known."""
    chosen = setup_of(character).head
    if chosen.choice == "OFF":
        return None
    if chosen.choice == "CHOSEN":
        target = HeadTarget(*_joint(character, chosen.target))
    else:
        target = guess_head_target(character)
    return target and replace(target, rotation=chosen.rotation, translation=chosen.translation)


def gaze_target(character: Character, mapping: Mapping | None = None) -> GazeTarget | None:
    """Return what the gaze goes to beside what a mapping drives, as far as it is known.

    mapping: the character's own by default.
    """
    # Keys generated for eyes that turn by themselves move their lids alone.
    turning = ShapeRecord.of(character.face).eyes_turn
    return _gaze_target(character, None if turning else mapping or mapping_of(character))


def eye_joints(character: Character) -> GazeTarget | None:
    """Return what can turn the eyes, whether or not shape keys do as well."""
    return _gaze_target(character, None)


def _gaze_target(character: Character, mapping: Mapping | None) -> GazeTarget | None:
    chosen = setup_of(character).gaze
    if chosen.choice == "OFF":
        return None
    if chosen.choice == "CHOSEN":
        left, right = (EyeTarget(*_joint(character, name)) for name in (chosen.left, chosen.right))
        return GazeTarget(left, right, chosen.influence)
    target = guess_gaze_target(character, mapping)
    return target and replace(target, influence=chosen.influence)


def joint_names(character: Character) -> list[str]:
    """Return what can be named as a head or an eye: the armature's bones, then the objects."""
    return [*_bone_names(character), *(member.name for member in character.members)]


def _joint(character: Character, name: str) -> tuple[str, str | None]:
    """Return the object and the bone that a name stands for; bones come first."""
    if name in _bone_names(character):
        return character.armature.name, name
    return name, None


def _bone_names(character: Character) -> list[str]:
    armature = character.armature
    return [bone.name for bone in armature.pose.bones] if armature and armature.pose else []


@functools.lru_cache(maxsize=16)
def _read(text: str) -> CharacterSetup:
    return CharacterSetup.from_json(text)
