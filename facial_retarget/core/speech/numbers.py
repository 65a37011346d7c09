"""Numbers as they are read aloud in English."""

from typing import Final

_ONES: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
_TENS: Final = (
    "",
    "",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
)
_GROUPS: Final = ("", "thousand", "million", "billion", "trillion")
_ORDINALS: Final = {
    **{"one": "first", "two": "second", "three": "third", "five": "fifth"},
    **{"eight": "eighth", "nine": "ninth", "twelve": "twelfth"},
}
_YEARS: Final = range(1100, 2100)


def readings(digits: str) -> tuple[tuple[str, ...], ...]:
    """Return the ways to read "1984", "3.5" or "21st", as words. Digits only, else as written.

    A number too long to have a name is read digit by digit.
    """
    if digits[-2:] in ("st", "nd", "rd", "th"):
        return tuple((*way[:-1], _ordinal(way[-1])) for way in readings(digits[:-2]))
    whole, point, fraction = digits.partition(".")
    if point:
        after = ("point", *_one_by_one(fraction))
        return tuple((*way, *after) for way in readings(whole or "0"))
    number = int(whole)
    if (whole.startswith("0") and len(whole) > 1) or number >= 1000 ** len(_GROUPS):
        return (_one_by_one(whole),)
    ways = [cardinal(number)]
    if number in _YEARS and number % 1000 >= 10:
        ways.append(_year(number))
    if number >= 100 and any(word == "hundred" for word in ways[0]):
        ways.append(_with_and(ways[0]))
    return tuple(ways)


def cardinal(number: int) -> tuple[str, ...]:
    """Return a number in words: 121 is one hundred twenty one."""
    if number < 1000:
        return _below_thousand(number) or ("zero",)
    words: list[str] = []
    for power in range(len(_GROUPS) - 1, -1, -1):
        group = number // 1000**power % 1000
        if group:
            words += [*_below_thousand(group), *([_GROUPS[power]] if power else [])]
    return tuple(words)


def _below_thousand(number: int) -> tuple[str, ...]:
    hundreds, rest = divmod(number, 100)
    words: tuple[str, ...] = (_ONES[hundreds], "hundred") if hundreds else ()
    if rest >= len(_ONES):
        words += (_TENS[rest // 10],)
        rest %= 10
    return (*words, _ONES[rest]) if rest else words


def _year(number: int) -> tuple[str, ...]:
    century, rest = divmod(number, 100)
    if not rest:
        return (*cardinal(century), "hundred")
    return (*cardinal(century), *(("oh",) if rest < 10 else ()), *cardinal(rest))


def _with_and(words: tuple[str, ...]) -> tuple[str, ...]:
    last = len(words) - 1 - words[::-1].index("hundred")
    return (*words[: last + 1], "and", *words[last + 1 :]) if words[last + 1 :] else words


def _ordinal(word: str) -> str:
    if word in _ORDINALS:
        return _ORDINALS[word]
    return word[:-1] + "ieth" if word.endswith("y") else word.removesuffix("t") + "th"


def _one_by_one(digits: str) -> tuple[str, ...]:
    return tuple(_ONES[int(digit)] for digit in digits)
