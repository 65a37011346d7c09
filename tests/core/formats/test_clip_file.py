import errno
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO
from zipfile import ZipFile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facial_retarget.core.clip import Clip, Source
from facial_retarget.core.errors import FormatError, OutputError
from facial_retarget.core.formats.clip_file import load_clip, save_clip
from facial_retarget.core.landmarks import LandmarkTrack

MakeClip = Callable[..., Clip]


def assert_same(first: Clip, second: Clip) -> None:
    for name in ("channels", "markers", "source"):
        assert getattr(first, name) == getattr(second, name)
    for name in ("times", "values", "confidence"):
        before, after = getattr(first, name), getattr(second, name)
        np.testing.assert_array_equal(before, after)
        assert before.dtype == after.dtype
    for part in ("head", "gaze"):
        before, after = getattr(first, part), getattr(second, part)
        assert (before is None) == (after is None)
        for name, values in vars(before).items() if before else ():
            np.testing.assert_array_equal(values, getattr(after, name))
    assert (first.landmarks is None) == (second.landmarks is None)
    if first.landmarks is not None and second.landmarks is not None:
        np.testing.assert_array_equal(first.landmarks.read(), second.landmarks.read())


def test_a_clip_comes_back_exactly(make_clip: MakeClip, tmp_path: Path) -> None:
    clip = make_clip()
    file = tmp_path / "Aufnahme 顔 🙂.frclip"
    save_clip(clip, file)
    assert_same(clip, load_clip(file))


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_clips_of_few_frames_come_back(make_clip: MakeClip, tmp_path: Path, frames: int) -> None:
    clip = make_clip(8).select(["jawOpen"])
    short = replace(
        clip,
        times=clip.times[:frames],
        values=clip.values[:frames],
        confidence=clip.confidence[:frames],
        head=None,
        gaze=None,
        landmarks=None,
        markers=(),
        source=Source(),
    )
    save_clip(short, tmp_path / "short.frclip")
    assert_same(short, load_clip(tmp_path / "short.frclip"))


def test_the_same_clip_makes_the_same_file(make_clip: MakeClip, tmp_path: Path) -> None:
    clip = make_clip()
    for name in ("a", "b"):
        save_clip(clip, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_clip_can_be_saved_over_the_file_it_was_read_from(
    make_clip: MakeClip, tmp_path: Path
) -> None:
    file = tmp_path / "take.frclip"
    save_clip(make_clip(), file)
    save_clip(replace(load_clip(file), markers=()), file)
    assert_same(replace(make_clip(), markers=()), load_clip(file))


def test_landmarks_are_read_from_the_file_when_asked_for(
    make_clip: MakeClip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "take.frclip"
    save_clip(make_clip(), file)
    reads: list[int] = []
    read = LandmarkTrack.read
    monkeypatch.setattr(LandmarkTrack, "read", lambda *a, **k: reads.append(1) or read(*a, **k))
    clip = load_clip(file)
    assert not reads
    assert clip.landmarks.read(5, 6)[0, 0, 0] == 5


def test_a_full_disk_leaves_the_old_file(
    make_clip: MakeClip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_up(_track: LandmarkTrack, out: IO[bytes]) -> None:
        out.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    file = tmp_path / "take.frclip"
    file.write_bytes(b"the old one")
    monkeypatch.setattr(LandmarkTrack, "copy_to", fill_up)
    with pytest.raises(OutputError, match="disk is full"):
        save_clip(make_clip(), file)
    assert file.read_bytes() == b"the old one"
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_of_a_later_version_asks_for_an_update(make_clip: MakeClip, tmp_path: Path) -> None:
    file, later = tmp_path / "take.frclip", tmp_path / "later.frclip"
    save_clip(make_clip(), file)
    with ZipFile(file) as archive, ZipFile(later, "w") as out:
        for name in archive.namelist():
            data = archive.read(name)
            if name == "header.json":
                data = json.dumps({**json.loads(data), "version": 99}).encode()
            out.writestr(name, data)
    with pytest.raises(FormatError, match="later version"):
        load_clip(later)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "something else"},
        {"frames": 7},
        {"frames": -1},
        {"channels": ["jawOpen"]},
        {"channels": ["jawOpen"] * 52},
        {"parts": None},
        {"markers": [[1]]},
        {"source": {"colour": 1}},
    ],
)
def test_a_header_that_does_not_fit_is_refused(
    make_clip: MakeClip, tmp_path: Path, change: dict[str, object]
) -> None:
    file, other = tmp_path / "take.frclip", tmp_path / "other.frclip"
    save_clip(make_clip(), file)
    with ZipFile(file) as archive, ZipFile(other, "w") as out:
        for name in archive.namelist():
            data = archive.read(name)
            if name == "header.json":
                data = json.dumps({**json.loads(data), **change}).encode()
            out.writestr(name, data)
    with pytest.raises(FormatError, match=r"other\.frclip.*damaged"):
        load_clip(other)


def test_a_member_that_unpacks_to_more_is_refused(make_clip: MakeClip, tmp_path: Path) -> None:
    file, bomb = tmp_path / "take.frclip", tmp_path / "bomb.frclip"
    save_clip(make_clip(), file)
    with ZipFile(file) as archive, ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as out:
        for name in archive.namelist():
            out.writestr(name, archive.read(name))
    with pytest.raises(FormatError, match="damaged"):
        load_clip(bomb)


def test_nothing_is_unpickled(make_clip: MakeClip, tmp_path: Path) -> None:
    file, harmful = tmp_path / "take.frclip", tmp_path / "harmful.frclip"
    save_clip(make_clip(), file)
    with ZipFile(file) as archive, ZipFile(harmful, "w") as out:
        for name in archive.namelist():
            if name != "times.npy":
                out.writestr(name, archive.read(name))
        with out.open("times.npy", "w") as member:
            np.save(member, np.array([{}] * 40, object))
    with pytest.raises(FormatError, match="damaged"):
        load_clip(harmful)


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip", b"\x00" * 1000])
def test_other_files_are_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "x.frclip"
    file.write_bytes(data)
    with pytest.raises(FormatError, match=r"x\.frclip.*damaged or no clip"):
        load_clip(file)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.frclip", tmp_path):
        with pytest.raises(FormatError, match="cannot be opened"):
            load_clip(path)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("clip") / "take.frclip"
    values = np.random.default_rng(0).uniform(0, 1, (20, 3)).astype(np.float32)
    track = LandmarkTrack.recording()
    for _ in range(20):
        track.append(None)
    names = ("jawOpen", "eyeBlinkLeft", "mouthClose")
    save_clip(Clip(names, np.arange(20) / 30, values, np.ones_like(values), landmarks=track), file)
    return file.read_bytes()


@settings(max_examples=400, derandomize=True, deadline=None)
@given(data=st.data())
def test_damage_anywhere_never_ends_in_anything_but_a_sentence(
    saved: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    damaged = bytearray(saved)
    landmarks_begin = saved.index(b"landmarks.f32")
    outside_landmarks = st.one_of(
        st.integers(0, landmarks_begin + 40), st.integers(len(saved) - 1000, len(saved) - 1)
    )
    for place in data.draw(st.lists(outside_landmarks, max_size=4)):
        damaged[place] ^= data.draw(st.integers(1, 255))
    end = data.draw(st.one_of(st.just(len(saved)), st.integers(0, len(saved))))
    file = tmp_path_factory.getbasetemp() / "fuzz.frclip"
    file.write_bytes(damaged[:end])
    try:
        clip = load_clip(file)
    except FormatError:
        return
    assert len(clip) == 20
    assert clip.landmarks is not None
    assert clip.landmarks.read().shape == (20, 478, 3)
