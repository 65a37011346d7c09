"""Retargeting: which channel drives which control of a character, and the result."""

from .apply import retarget
from .drive import Combine, Terms
from .mapping import How, Mapping, MappingRow
from .matching import match_controls
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
    "How",
    "Mapping",
    "MappingRow",
    "Terms",
    "Vocabulary",
    "drives_visemes",
    "find_visemes",
    "in_steps",
    "is_speech",
    "mapping_for",
    "match_controls",
    "retarget",
    "speech_mapping",
    "vocabularies",
    "vocabulary",
]
