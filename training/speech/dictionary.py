"""Write the dictionary that ships: pocketsphinx's American English, one letter a sound."""

import gzip
import sys
from pathlib import Path

from facial_retarget.core.speech.pronunciations import DICTIONARY, LETTER_OF


def main() -> None:
    """Read a file of lines like "hello HH AH L OW" and write the add-on's own."""
    words: dict[str, list[str]] = {}
    for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
        word, *sounds = line.split()
        letters = "".join(LETTER_OF[sound] for sound in sounds)
        words.setdefault(word.split("(")[0], []).append(letters)
    text = "".join(f"{word} {' '.join(ways)}\n" for word, ways in sorted(words.items()))
    DICTIONARY.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
