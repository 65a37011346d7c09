"""What drives a control, as text to read and to type: "jawOpen", "max(a, 0.5 b)", "a - 0.2 b"."""

import re
from dataclasses import dataclass
from typing import Final, cast

from ...core.channels import ALL_CHANNELS
from ...core.errors import MappingError
from ...core.retarget import Combine, MappingRow, Terms

_CALL: Final = re.compile(r"\s*(mean|max)\s*\((.*)\)\s*")
_TERM: Final = re.compile(r"\s*([+-]?)\s*(\d*\.?\d+)?\s*\*?\s*([^\W\d]\w*)\s*")
_SUM_SEPARATOR: Final = re.compile(r"(?=[+-])")


@dataclass(frozen=True)
class Driving:
    """A row as it is shown: its source as text and, taken out of it, the greatest gain."""

    source: str
    gain: float

    @classmethod
    def of(cls, row: MappingRow) -> "Driving":
        """Describe what drives a row's control; an empty source where nothing does."""
        gain = max((abs(gain) for _channel, gain in row.terms), default=0.0) or 1.0
        terms = [_term_text(channel, value / gain) for channel, value in row.terms]
        if len(terms) > 1 and row.combine != "sum":
            return cls(f"{row.combine}({', '.join(terms)})", gain)
        return cls(re.sub(r"\+ -", "- ", " + ".join(terms)), gain)

    def parsed(self) -> tuple[Terms, Combine]:
        """Return the terms that the text stands for. Raises MappingError where it is none."""
        if not self.source.strip():
            return (), "sum"
        call = _CALL.fullmatch(self.source)
        combine = cast(Combine, call[1]) if call else "sum"
        parts = call[2].split(",") if call else filter(str.strip, _SUM_SEPARATOR.split(self.source))
        terms = tuple(self._term(part) for part in parts)
        if len(dict(terms)) != len(terms):
            raise MappingError(f"'{self.source}' names a channel twice. Name each once.")
        return terms, combine

    def _term(self, text: str) -> tuple[str, float]:
        match = _TERM.fullmatch(text)
        if match is None:
            raise MappingError(
                f"'{text.strip()}' cannot be read. Write a channel, or several: "
                "jawOpen + 0.5 mouthFunnel, max(eyeBlinkLeft, eyeBlinkRight)."
            )
        sign, number, channel = match.groups()
        if channel not in ALL_CHANNELS:
            raise MappingError(f"'{channel}' is not a channel. Choose one of the list.")
        factor = float(number) if number else 1.0
        return channel, self.gain * (-factor if sign == "-" else factor)


def _term_text(channel: str, factor: float) -> str:
    sign, size = ("-" if factor < 0 else ""), f"{abs(factor):.3g}"
    return f"{sign}{channel}" if size == "1" else f"{sign}{size} {channel}"
