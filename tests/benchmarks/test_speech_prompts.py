"""Which prompts of a telephone exchange are listened to."""

from pathlib import Path

from benchmarks.speech import prompts

LISTED = """\
; Core Sounds

b-long: The conference will begin when our leader arrives, please wait.
a-same-words: the conference will begin when our leader arrives please wait
c-digits: Please press 1 to leave the conference and to go on with your day.
d-sign: Please enter your number, followed by the star (*) or the hash key.
e-short: Goodbye.
f-other: You're about to enter the party's room: are you sure of that?
"""


def test_prompts_are_whole_sentences_without_signs_and_each_once() -> None:
    assert prompts.spoken_texts(LISTED) == {
        "a-same-words": "the conference will begin when our leader arrives please wait",
        "f-other": "you're about to enter the party's room are you sure of that",
    }


def test_without_the_packages_nothing_is_measured(tmp_path: Path) -> None:
    assert prompts.sentences(tmp_path) == ()
