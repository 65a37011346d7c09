"""The makers whose heads are learned from, each by its name."""

from .family import Family, ModalFamily, PeopleFamily, Person
from .registry import FAMILY_NAMES, open_family

__all__ = ["FAMILY_NAMES", "Family", "ModalFamily", "PeopleFamily", "Person", "open_family"]
