"""The failures a user can put right. The text of each is the sentence shown to them."""


class FacialRetargetError(Exception):
    """Base of every expected failure: says what is wrong, where, and what to do next."""


class MediaError(FacialRetargetError):
    """A video or sound file cannot be read."""


class CaptureError(FacialRetargetError):
    """A video can be read, but no performance can be taken from it."""


class SpeechError(FacialRetargetError):
    """A sound can be read, but no speech can be taken from it."""


class ModelError(FacialRetargetError):
    """A model file is missing or is not the one this version was built with."""


class MicrophoneError(FacialRetargetError):
    """Nothing can be heard, or nothing any more."""


class FormatError(FacialRetargetError):
    """A capture file does not hold what its format promises."""


class MappingError(FacialRetargetError):
    """Source channels and a character's controls cannot be brought together."""


class RigError(FacialRetargetError):
    """What a character's controls move cannot be understood."""


class CharacterError(FacialRetargetError):
    """A character in the scene cannot take an animation as it is."""


class MeshError(FacialRetargetError):
    """A mesh is not a face that shapes can be made for."""


class OutputError(FacialRetargetError):
    """A result cannot be written where it was asked for."""


class JobError(FacialRetargetError):
    """A job in a process of its own did not come to its end."""


class Cancelled(Exception):  # noqa: N818 - a decision of the user, not an error
    """The user stopped the job; nothing is to be written."""
