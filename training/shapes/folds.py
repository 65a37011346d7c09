"""People split so that each is tested once, and those with one rig never stand on both sides."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

FOLD_COUNT: Final = 5


def folds(groups: Mapping[str, str], count: int = FOLD_COUNT) -> dict[str, int]:
    """Give each person (person -> group) a fold, 0 to count - 1.

    Groups stay whole and the folds are as even as that allows; the same people always get the
    same folds, in whatever order they come.
    """
    sizes = Counter(groups.values())
    load = [0] * count
    fold_of: dict[str, int] = {}
    for group in sorted(sizes, key=lambda name: (-sizes[name], name)):
        lightest = load.index(min(load))
        fold_of[group] = lightest
        load[lightest] += sizes[group]
    return {person: fold_of[group] for person, group in groups.items()}
