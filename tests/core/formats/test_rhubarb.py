import json
from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.channels import VISEME_CHANNELS
from facial_retarget.core.errors import FormatError
from facial_retarget.core.formats import read_clip
from facial_retarget.core.retarget import is_speech
from facial_retarget.core.retarget.visemes import viseme_sets
from facial_retarget.core.speech import stepped
from facial_retarget.core.speech.visemes import VISEMES, phone_visemes

CUES = [(0, 0.2, "X"), (0.2, 0.5, "D"), (0.5, 0.54, "A"), (0.54, 0.9, "F"), (0.9, 1.2, "X")]


def tsv() -> str:
    return "".join(f"{start:.2f}\t{shape}\n" for start, _, shape in CUES) + "1.20\tX\n"


def as_json() -> str:
    cues = [{"start": start, "end": end, "value": shape} for start, end, shape in CUES]
    return json.dumps({"metadata": {"soundFile": "a.wav", "duration": 1.2}, "mouthCues": cues})


def xml(declared: str = "") -> str:
    cues = "".join(f'<mouthCue start="{s:.2f}" end="{e:.2f}">{v}</mouthCue>\n' for s, e, v in CUES)
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n{declared}<rhubarbResult>\n<metadata>'
        f"<duration>1.20</duration></metadata>\n<mouthCues>\n{cues}</mouthCues>\n</rhubarbResult>\n"
    )


FILES = {"take.tsv": tsv(), "take.txt": tsv(), "take.json": as_json(), "take.xml": xml()}


@pytest.mark.parametrize("name", FILES)
def test_all_three_formats_say_the_same(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(FILES[name])
    clip = read_clip(tmp_path / name)
    assert is_speech(clip.channels)
    assert clip.frame_rate == pytest.approx(50)
    assert clip.times[-1] == pytest.approx(1.2)
    assert [(m.name, round(m.time, 3), round(m.duration, 3)) for m in clip.markers] == [
        ("D", 0.2, 0.3),
        ("A", 0.5, 0.04),
        ("F", 0.54, 0.36),
    ]
    at = {time: round(time * 50) for time in (0.1, 0.36, 0.72)}
    assert clip.channel("viseme_sil")[at[0.1]] == pytest.approx(1)
    assert clip.channel("viseme_aa")[at[0.36]] == pytest.approx(1)
    assert clip.channel("viseme_U")[at[0.72]] == pytest.approx(1)


def test_visemes_fade_within_60_ms_and_add_up_to_one(tmp_path: Path) -> None:
    (tmp_path / "take.tsv").write_text(tsv())
    clip = read_clip(tmp_path / "take.tsv")
    visemes = clip.select(VISEME_CHANNELS).values
    np.testing.assert_allclose(visemes.sum(axis=1), 1, atol=1e-6)
    fading = (visemes.max(axis=1) < 1 - 1e-5) & (clip.times > 0.6)
    assert clip.times[fading].tolist() == pytest.approx([0.88, 0.9, 0.92])


def test_lips_meet_in_a_closure_of_40_ms_and_open_for_a_vowel(tmp_path: Path) -> None:
    (tmp_path / "take.tsv").write_text(tsv())
    clip = read_clip(tmp_path / "take.tsv")
    parted = clip.channel("jawOpen") - clip.channel("mouthClose")
    closure, vowel = np.searchsorted(clip.times, [0.519, 0.35])
    assert parted[closure] < 0.1
    assert parted[vowel] > 0.3
    assert clip.channel("mouthPucker")[np.searchsorted(clip.times, 0.72)] > 0.3


def test_a_mouth_that_is_drawn_shows_each_cue_in_steps(tmp_path: Path) -> None:
    (tmp_path / "take.tsv").write_text(tsv())
    clip = stepped(read_clip(tmp_path / "take.tsv"))
    shown = {VISEMES[n] for n in clip.select(VISEME_CHANNELS).values.argmax(axis=1)}
    assert shown >= {"sil", "aa", "U"}


def test_every_cue_is_a_viseme_of_the_drawn_mouths_own_table(root: Path) -> None:
    table = root / "facial_retarget" / "data" / "formats" / "rhubarb.json"
    sounds = json.loads(table.read_text("utf-8"))["sounds"]
    mouths = next(known for known in viseme_sets() if known.key == "rhubarb").controls
    assert sounds.keys() == mouths.keys()
    for cue, sound in sounds.items():
        [(viseme, share)] = phone_visemes(sound)
        assert share == 1
        assert f"viseme_{VISEMES[viseme]}" in dict(mouths[cue])


BOMB = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\n'


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("take.xml", xml(BOMB), "declares a document type"),
        ("take.xml", xml('<!DOCTYPE r SYSTEM "file:///etc/passwd">'), "declares a document type"),
        ("take.xml", xml()[:-30], "no XML, or was cut off"),
        ("take.xml", "<rhubarbResult/>", "holds no mouth cues"),
        ("take.xml", xml().replace(">D<", ">Q<"), "mouth 'Q', and Rhubarb draws A to H and X"),
        ("take.xml", xml().replace('end="0.50"', 'end="0.10"'), "no stretch of time"),
        ("take.xml", xml().replace('start="0.20"', ""), "from None to 0.50"),
        ("take.json", as_json().replace('"D"', "4"), "the mouth '4'"),
        ("take.json", as_json().replace("0.2,", "NaN,"), "no stretch of time"),
        ("take.json", '{"mouthCues": 3}', "no list of mouthCues"),
        ("take.json", '{"mouthCues": []}', "holds no mouth cues"),
        ("take.tsv", tsv() + "soon\tA\n", "Line 7 .* is no mouth cue such as"),
        ("take.tsv", tsv() + "1e300\tA\n", "Line 7 .* is no mouth cue such as"),
        ("take.tsv", "0.00\tX\n", "holds no mouth cues"),
    ],
)
def test_bad_files_are_refused_with_one_sentence(
    tmp_path: Path, name: str, text: str, says: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(FormatError, match=says) as refused:
        read_clip(tmp_path / name)
    assert f"'{name}'" in str(refused.value)
