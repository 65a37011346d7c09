"""Whatever a file holds: a clip or one sentence, never anything else, and soon."""

import re
import time
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facial_retarget.core.clip import Clip
from facial_retarget.core.errors import FormatError
from facial_retarget.core.formats import FORMATS, SUFFIXES, read_clip, write_clip
from tools.fuzz.samples import ROWS, text_samples

SAMPLES: Final = text_samples()
STRANGE: Final = (
    *("nan", "-inf", "1e999", "-1", "9" * 400, "1e308", "null", "true", "[]", "{}", '"', "''"),
    *("\0", "\ufeff", "\uff11", "½", "∞", ";", "&", "<!DOCTYPE a>", "]]>", "&amp;"),
    *("\r", "\t", " ", ",,"),
)


def test_every_text_format_has_a_sample_that_is_told_by_its_contents(tmp_path: Path) -> None:
    assert SAMPLES.keys() == {known.key for known in FORMATS} - {"clip"}
    for known in FORMATS[1:]:
        for suffix in known.suffixes:
            file = tmp_path / f"{known.key}{suffix}"
            file.write_text(SAMPLES[known.key], "utf-8")
            clip = read_clip(file)
            assert len(clip) >= ROWS
            assert "jawOpen" in clip.channels


@pytest.mark.parametrize("key", SAMPLES)
def test_a_suffix_that_another_format_has_does_not_mislead(tmp_path: Path, key: str) -> None:
    told = []
    for suffix in SUFFIXES[1:]:
        file = tmp_path / f"take{suffix}"
        file.write_text(SAMPLES[key], "utf-8")
        told.append(read_clip(file).values)
    for values in told[1:]:
        np.testing.assert_array_equal(values, told[0])


@pytest.mark.parametrize("key", SAMPLES)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_mark_of_the_encoding_changes_nothing(tmp_path: Path, key: str, encoding: str) -> None:
    file = tmp_path / "take.txt"
    file.write_bytes(SAMPLES[key].encode(encoding))
    assert len(read_clip(file)) >= ROWS


def check(file: Path, data: bytes) -> None:
    """A clip that can be written again, or a sentence that names the file."""
    file.write_bytes(data)
    try:
        clip = read_clip(file)
    except FormatError as error:
        assert f"'{file.name}'" in str(error)
        assert "\n" not in str(error)
        return
    assert isinstance(clip, Clip)
    assert not np.isinf(clip.values).any()
    if len(clip) < 10_000:
        write_clip(clip, file, format="clip")


@settings(max_examples=300, derandomize=True, deadline=2000)
@given(data=st.data())
def test_damage_anywhere_ends_in_a_clip_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    damaged = bytearray(SAMPLES[data.draw(st.sampled_from(sorted(SAMPLES)))].encode())
    for place in data.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=5)):
        damaged[place] = data.draw(st.integers(0, 255))
    end = data.draw(st.one_of(st.just(len(damaged)), st.integers(0, len(damaged))))
    suffix = data.draw(st.sampled_from(SUFFIXES))
    check(tmp_path_factory.getbasetemp() / f"damaged{suffix}", bytes(damaged[:end]))


@settings(max_examples=300, derandomize=True, deadline=2000)
@given(data=st.data())
def test_strange_values_and_lines_out_of_order_end_in_a_clip_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    text = SAMPLES[data.draw(st.sampled_from(sorted(SAMPLES)))]
    pieces = re.split(r"([\d.]+|[A-Za-z_]+)", text)
    for place in data.draw(st.lists(st.integers(0, len(pieces) - 1), max_size=6)):
        pieces[place] = data.draw(st.sampled_from(STRANGE))
    lines = "".join(pieces).split("\n")
    if data.draw(st.booleans()):
        lines = data.draw(st.permutations(lines))
    if data.draw(st.booleans()):
        lines = lines + lines[: data.draw(st.integers(0, len(lines)))]
    suffix = data.draw(st.sampled_from(SUFFIXES))
    check(tmp_path_factory.getbasetemp() / f"strange{suffix}", "\n".join(lines).encode())


@settings(max_examples=120, derandomize=True, deadline=2000)
@given(data=st.one_of(st.binary(max_size=400), st.text(max_size=400).map(str.encode)))
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_any_bytes_and_any_text_end_in_a_clip_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, data: bytes
) -> None:
    check(tmp_path_factory.getbasetemp() / f"any{suffix}", data)


@pytest.mark.parametrize(
    "piece",
    [
        *" \t\n\r{[\"0a-|:,;<&'",
        "k,",
        "bs,",
        "=head#",
        "0 A\n",
        "a-1|",
        '{"',
        "<a>",
        "time,",
        "\ufeff",
    ],
)
def test_nothing_that_goes_on_and_on_takes_long(tmp_path: Path, piece: str) -> None:
    began = time.process_time()
    for before in ("", "{", "time,jawOpen\n", "jawOpen-1|"):
        check(tmp_path / "long.csv", (before + piece * 50_000).encode())
    assert time.process_time() - began < 4


@pytest.mark.parametrize("text", ["", " \n\n", "\ufeff"])
def test_an_empty_file_is_called_empty(tmp_path: Path, text: str) -> None:
    (tmp_path / "take.csv").write_text(text, "utf-8")
    with pytest.raises(FormatError, match=r"'take\.csv' is empty"):
        read_clip(tmp_path / "take.csv")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_missing_file_and_a_folder_are_named(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"folder{suffix}").mkdir()
    for name in ("missing", "folder"):
        with pytest.raises(FormatError, match=f"'{name}{suffix}' cannot be opened"):
            read_clip(tmp_path / f"{name}{suffix}")


def test_other_text_is_told_what_is_known(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Dear diary,\ntoday I smiled.\n")
    with pytest.raises(FormatError, match=r"does not begin as any .*Face Cap.*Live Link Face\)"):
        read_clip(tmp_path / "notes.txt")


def test_times_that_span_days_are_refused(tmp_path: Path) -> None:
    (tmp_path / "take.csv").write_text("Timecode,jawOpen\n0:0:0:0,0.1\n30:0:0:0,0.2\n")
    with pytest.raises(FormatError, match="spans 30 hours"):
        read_clip(tmp_path / "take.csv")
