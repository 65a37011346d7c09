"""Retargeting: which channel drives which control of a character, and the result."""

from .apply import retarget
from .controls import Control, Kind, ProbedRig
from .drive import Combine, Terms
from .mapping import How, Mapping, MappingRow
from .matching import match_controls
from .source import channels_of
from .surface_fit import SurfaceFit
from .understand import understand_rig
from .visemes import (
    drives_visemes,
    find_visemes,
    in_steps,
    is_speech,
    mapping_for,
    speech_mapping,
)
from .vocabularies import Vocabulary, vocabularies, vocabulary

__all__ = [
    "Combine",
    "Control",
    "How",
    "Kind",
    "Mapping",
    "MappingRow",
    "ProbedRig",
    "SurfaceFit",
    "Terms",
    "Vocabulary",
    "channels_of",
    "drives_visemes",
    "find_visemes",
    "in_steps",
    "is_speech",
    "mapping_for",
    "match_controls",
    "retarget",
    "speech_mapping",
    "understand_rig",
    "vocabularies",
    "vocabulary",
]
