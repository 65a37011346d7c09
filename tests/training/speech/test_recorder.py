import argparse
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.errors import FacialRetargetError
from training.speech.commands import record as record_command
from training.speech.engines.spoken import Manner, Phone, Spoken
from training.speech.record_plan import Take, Voice
from training.speech.record_summary import summary
from training.speech.recorder import Recorder
from training.speech.recordings import load_recordings

TAKES = tuple(Take(number, f"Sentence {number}.", Manner()) for number in range(7))
VOICES = [Voice("flite", name, "en-us", "BSD", "test", "exact", TAKES) for name in ("kal16", "slt")]


class Speaker:
    """Says every sentence alike; a loud silence where it is told to spoil one."""

    def __init__(self, spoiled: tuple[str, ...] = ()) -> None:
        self.spoiled = spoiled
        self.said: list[tuple[str, str]] = []

    def say(self, voice: str, text: str, manner: Manner) -> Spoken:
        self.said.append((voice, text))
        noise = np.random.default_rng(0).standard_normal(8000) * 0.2
        noise[:4000] *= 1 if text in self.spoiled else 0.001
        phones = (Phone("SIL", 0.0, 0.25), Phone("AA", 0.25, 0.5))
        return Spoken(noise.astype(np.float32), phones)


def record(speaker: Speaker, folder: Path, takes: int = len(TAKES)) -> list[str]:
    lines: list[str] = []
    voices = [dataclasses.replace(voice, takes=voice.takes[:takes]) for voice in VOICES]
    Recorder(speaker, folder, lines.append).record(voices)
    return lines


def test_recordings_can_be_read(tmp_path: Path) -> None:
    record(Speaker(), tmp_path)
    utterances = load_recordings(tmp_path)
    assert len(utterances) == 2 * len(TAKES)
    assert {utterance.split for utterance in utterances} == {"test"}
    assert utterances[0].text == "Sentence 0."
    assert utterances[0].names == ("SIL", "AA")
    assert len(utterances[0].samples()) == 8000


def test_voices_take_turns(tmp_path: Path) -> None:
    speaker = Speaker()
    lines = record(speaker, tmp_path)
    assert [voice for voice, _ in speaker.said] == [
        *["kal16"] * 5,
        *["slt"] * 5,
        *["kal16"] * 2,
        *["slt"] * 2,
    ]
    assert lines[0] == "flite kal16: 5 of 7 sentences, 0 dropped"


def test_recording_goes_on_where_it_stopped(tmp_path: Path) -> None:
    record(Speaker(), tmp_path, takes=3)
    speaker = Speaker()
    record(speaker, tmp_path)
    assert [text for voice, text in speaker.said if voice == "slt"] == [
        take.text for take in TAKES[3:]
    ]
    assert len(load_recordings(tmp_path)) == 2 * len(TAKES)


def test_what_is_not_plausible_is_dropped_once_and_for_all(tmp_path: Path) -> None:
    lines = record(Speaker(spoiled=("Sentence 2.",)), tmp_path)
    assert lines[-1] == "flite slt: 7 of 7 sentences, 1 dropped"
    index = json.loads((tmp_path / "flite" / "slt" / "index.json").read_text())
    assert index["dropped"] == {"0002.wav": "loud silence"}
    assert not (tmp_path / "flite" / "slt" / "0002.wav").exists()
    again = Speaker()
    assert record(again, tmp_path) == []
    assert again.said == []


def test_a_summary_tells_what_was_recorded_and_dropped(tmp_path: Path) -> None:
    record(Speaker(spoiled=("Sentence 2.",)), tmp_path)
    text = summary(tmp_path)
    assert "dropped: loud silence 2" in text
    assert "1 phones; mean length 250 ms" in text


def run(*argv: str) -> None:
    parser = argparse.ArgumentParser()
    record_command.add(parser.add_subparsers())
    arguments = parser.parse_args(argv)
    arguments.handler(arguments)


@pytest.mark.parametrize("share", ["0/2", "3/2", "half", "1"])
def test_a_share_is_which_part_of_how_many(share: str, tmp_path: Path) -> None:
    with pytest.raises(FacialRetargetError, match="such as 1/2"):
        run("record", "--folder", str(tmp_path), "--share", share)


def test_an_unknown_engine_is_named(tmp_path: Path) -> None:
    with pytest.raises(FacialRetargetError, match="hal is no engine"):
        run("record", "--folder", str(tmp_path), "--engines", "hal")
