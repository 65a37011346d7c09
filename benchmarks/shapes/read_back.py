"""Read back: keys at 1, drawn, and what the Face Landmarker makes of them.

For every channel that it answers to when the head's own maker moves the face, another key of the
same channel is held to the maker's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.row import Row
from benchmarks.shapes.drawing import draw
from benchmarks.shapes.heads import Keys, MakerHead
from facial_retarget.core.capture.landmarker import FaceFinder
from facial_retarget.core.channels import ARKIT_CHANNELS, mirrored
from facial_retarget.core.mesh import Floats

TURNS: Final = (-10.0, 10.0)  # degrees; the mean of two views is steadier than one
# Rise of a channel's own score from which on the tracker answers to it: turning a still face by a
# degree raises one or another of the scores by as much as .1.
ANSWERS: Final = 0.1


@dataclass(frozen=True)
class Answer:
    """What the tracker made of one key at 1. rise: of the channel's own score over the neutral's.

    top: the channel whose score rose most.
    """

    head: str
    maker: str
    channel: str
    rise: float
    top: str


class Reader:
    """Looks at heads with the Face Landmarker."""

    def __init__(self, finder: FaceFinder) -> None:
        self._finder = finder

    def answers(self, head: MakerHead, deltas: Mapping[str, Floats]) -> dict[str, Answer]:
        """Return channel -> answer, for the keys with which a face is still seen."""
        neutral = self._scores(head, None)
        found: dict[str, Answer] = {}
        for channel, delta in deltas.items():
            rises = self._scores(head, delta) - neutral
            if np.isfinite(rises).any():
                top = ARKIT_CHANNELS[int(np.nanargmax(rises))]
                rise = float(rises[ARKIT_CHANNELS.index(channel)])
                found[channel] = Answer(head.name, head.maker, channel, rise, top)
        return found

    def _scores(self, head: MakerHead, shift: Floats | None) -> Floats:
        views = [self._seen(head, shift, turn) for turn in TURNS]
        scores: Floats = np.mean(views, axis=0)
        return scores

    def _seen(self, head: MakerHead, shift: Floats | None, turn: float) -> Floats:
        faces = self._finder.find(draw(head, shift, turn))
        return faces[0].scores if faces else np.full(len(ARKIT_CHANNELS), np.nan, np.float32)


@dataclass(frozen=True)
class Comparison:
    """One channel on one head: the maker's own key, and the generated one."""

    own: Answer
    generated: Answer

    @property
    def is_read_as_meant(self) -> bool:
        """Whether nothing rises more than the channel, or what rises most for the maker's key.

        What does for the maker's may do so for the generated one: then it is the tracker that
        takes the one for the other. Each may be its own counterpart on the other side.
        """
        meant = _alike(self.own.channel) | _alike(self.own.top)
        return self.generated.top in meant


def _is_itself(answer: Answer) -> bool:
    """Tell whether nothing rises more than the channel or its counterpart on the other side."""
    return answer.top in _alike(answer.channel)


def _alike(channel: str) -> set[str]:
    """Return a channel and its mirror image; for a look also what the other eye does in it.

    The tracker reads both eyes together: one that looks out is taken for two that look aside.
    """
    found = {channel, mirrored(channel)}
    for one, other in (("LookIn", "LookOut"), ("LookOut", "LookIn")):
        if one in channel:
            found.add(mirrored(channel).replace(one, other))
    return found


def compared(own: Mapping[str, Answer], generated: Mapping[str, Answer]) -> list[Comparison]:
    """Pair the answers of one head, for the channels that its maker's key is answered to."""
    return [
        Comparison(answer, generated[channel])
        for channel, answer in own.items()
        if answer.rise > ANSWERS and channel in generated
    ]


def measure(heads: Iterable[MakerHead], keys_of: Keys) -> list[Comparison]:
    """Hold the keys that `keys_of` gives each head to its maker's."""
    found: list[Comparison] = []
    with FaceFinder.opened() as finder:
        reader = Reader(finder)
        for head in heads:
            own = reader.answers(head, head.deltas)
            answered = [name for name, answer in own.items() if answer.rise > ANSWERS]
            keys = keys_of(head)
            generated = reader.answers(head, {name: keys[name] for name in answered})
            found += compared(own, generated)
    return found


def rows(found: Sequence[Comparison], who: str = "generated") -> list[Row]:
    """Return the figures for the table."""
    counted = (
        f"read back, {len(found)} {who} keys on {len({each.own.head for each in found})} heads"
    )
    rise = (
        100 * _mean_rise(each.generated for each in found) / _mean_rise(each.own for each in found)
    )
    meant = 100 * float(np.mean([each.is_read_as_meant for each in found]))
    own, generated = (
        100 * float(np.mean([_is_itself(answer) for answer in answers]))
        for answers in ([each.own for each in found], [each.generated for each in found])
    )
    return [
        Row(f"{counted}: rise of the own score / the maker's", rise, "%", 80, 100, True),
        Row(
            f"{counted}: no channel rises more that does not for the maker's",
            meant,
            "%",
            90,
            97,
            True,
        ),
        Row(f"{counted}: no other channel rises more at all", generated, "%"),
        Row(f"{counted}: the same of the makers' own keys", own, "%"),
    ]


def channel_table(found: Sequence[Comparison]) -> str:
    """Return every channel's mean rises as a table in Markdown, and what was read instead."""
    lines = [
        "| channel | heads | the maker's rise | generated | read as |",
        "|---|---|---|---|---|",
    ]
    for channel in dict.fromkeys(each.own.channel for each in found):
        mine = [each for each in found if each.own.channel == channel]
        own, made = (
            _mean_rise(answers)
            for answers in ((each.own for each in mine), (each.generated for each in mine))
        )
        others = [
            f"{each.generated.top} ({each.own.head})" for each in mine if not each.is_read_as_meant
        ]
        lines.append(f"| {channel} | {len(mine)} | {own:.2f} | {made:.2f} | {', '.join(others)} |")
    return "\n".join(lines)


def _mean_rise(answers: Iterable[Answer]) -> float:
    return float(np.mean([answer.rise for answer in answers]))
