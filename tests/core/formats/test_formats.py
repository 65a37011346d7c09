from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.clip import Clip
from facial_retarget.core.errors import FormatError, OutputError
from facial_retarget.core.formats import WRITABLE_SUFFIXES, check_writable, read_clip, write_clip


@pytest.mark.parametrize("suffix", [*WRITABLE_SUFFIXES, ".CSV", ".FrClip"])
def test_the_suffix_chooses_the_format(
    make_clip: Callable[..., Clip], tmp_path: Path, suffix: str
) -> None:
    file = tmp_path / f"take{suffix}"
    check_writable(file)
    assert not file.exists()
    write_clip(make_clip(), file)
    clip, read = make_clip(), read_clip(file)
    np.testing.assert_allclose(
        read.values[clip.observed],
        clip.values[clip.observed],
        atol=1e-6,
    )


@pytest.mark.parametrize("name", ["take.fbx", "take", ".csv.bak"])
def test_an_unknown_suffix_is_answered_with_the_known_ones(
    make_clip: Callable[..., Clip], tmp_path: Path, name: str
) -> None:
    with pytest.raises(FormatError, match=r"Rhubarb \(\.json, \.xml, \.tsv, \.txt\), VTube"):
        read_clip(tmp_path / name)
    known = r"clip \(\.frclip\), Audio2Face \(\.json\), Live Link Face \(\.csv, \.tsv, \.txt\)"
    with pytest.raises(OutputError, match=known):
        write_clip(make_clip(), tmp_path / name)
    with pytest.raises(OutputError, match=known):
        check_writable(tmp_path / name)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", WRITABLE_SUFFIXES)
def test_a_folder_that_is_not_there_is_named(
    make_clip: Callable[..., Clip], tmp_path: Path, suffix: str
) -> None:
    file = tmp_path / "nowhere" / f"take{suffix}"
    for attempt in (lambda: check_writable(file), lambda: write_clip(make_clip(), file)):
        with pytest.raises(OutputError, match="nowhere does not exist"):
            attempt()
