"""Retargeting: which channel drives which control of a character, and the result."""

from .apply import retarget
from .drive import Combine, Terms
from .mapping import How, Mapping, MappingRow
from .matching import match_controls
from .vocabularies import Vocabulary, vocabularies, vocabulary

__all__ = [
    "Combine",
    "How",
    "Mapping",
    "MappingRow",
    "Terms",
    "Vocabulary",
    "match_controls",
    "retarget",
    "vocabularies",
    "vocabulary",
]
