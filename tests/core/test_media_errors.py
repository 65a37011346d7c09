"""Bad files: refused with a sentence, or read for what is left of them."""

import http.server
import threading
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from facial_retarget.core.errors import MediaError
from facial_retarget.core.media import VideoFrames, probe, read_samples

Image = NDArray[np.uint8]
MakeVideo = Callable[..., Path]
Greys = Callable[[int], list[Image]]


def test_a_missing_file_is_named_with_its_folder(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"There is no file 'take 3\.mp4' in .+\. Choose"):
        probe(tmp_path / "take 3.mp4")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="is a folder"):
        probe(tmp_path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(MediaError, match=r"'empty\.mp4' is empty"):
        probe(tmp_path / "empty.mp4")


@pytest.mark.parametrize("name", ["notes.txt", "notes.mp4", "notes.srt", "notes.nfo"])
def test_text_is_not_a_video(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("1\n00:00:01,000 --> 00:00:02,000\nnothing to see\n" * 50)
    with pytest.raises(MediaError, match="is not a video"):
        probe(tmp_path / name)


def test_random_bytes_are_not_a_video(tmp_path: Path) -> None:
    (tmp_path / "noise.mov").write_bytes(np.random.default_rng(1).bytes(100_000))
    with pytest.raises(MediaError, match="is not a video"):
        probe(tmp_path / "noise.mov")


def test_sound_alone_can_be_probed_but_not_watched(shared: Path) -> None:
    path = shared / "media" / "nvidia_mark_joy.wav"
    info = probe(path)
    assert info.has_sound
    assert not info.has_video
    with pytest.raises(MediaError, match="holds only sound"):
        VideoFrames(path)


def test_the_cover_of_a_song_is_not_a_video(tmp_path: Path, grey: Greys) -> None:
    path = tmp_path / "song.mp3"
    with av.open(str(path), "w") as container:
        audio = container.add_stream("mp3", rate=16000)
        cover = container.add_stream("mjpeg", rate=1)
        (picture,) = grey(1)
        cover.height, cover.width = picture.shape[:2]
        cover.pix_fmt = "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        container.mux(cover.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        silence = av.AudioFrame.from_ndarray(
            np.zeros((1, 16000), np.float32), format="fltp", layout="mono"
        )
        silence.sample_rate = 16000
        container.mux(audio.encode(silence))
        container.mux(audio.encode())
    assert not probe(path).has_video


def test_a_playlist_reaches_for_no_network(
    tmp_path: Path, web_server: tuple[str, list[str]]
) -> None:
    address, requests = web_server
    playlist = tmp_path / "list.m3u8"
    playlist.write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{address}/a.ts\n#EXT-X-ENDLIST\n"
    )
    with pytest.raises(MediaError):
        list(VideoFrames(playlist))
    assert requests == []


@pytest.fixture
def web_server() -> Iterator[tuple[str, list[str]]]:
    requests: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            self.send_error(404)

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", requests
        server.shutdown()
        thread.join()


def test_a_video_without_frames_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.avi"
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        container.start_encoding()
    with pytest.raises(MediaError, match="holds no picture"):
        list(VideoFrames(path))


def test_an_mp4_that_lost_its_index_is_called_cut_short(
    tmp_path: Path, make_video: MakeVideo, grey: Greys
) -> None:
    path = make_video(tmp_path / "take.mp4", grey(10))
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(MediaError, match="cut short"):
        probe(path)


def test_what_is_left_of_a_cut_file_is_read(tmp_path: Path, make_video: MakeVideo) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (75, 48, 64, 3), np.uint8)
    path = make_video(tmp_path / "take.mp4", noise, options={"movflags": "faststart"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    frames = VideoFrames(path)
    found = [frame.time for frame in frames]
    assert 15 < len(found) < 35
    assert frames.cut_short


@pytest.mark.parametrize("share", [0.4, 0.7])
def test_a_cut_program_stream_is_read_to_its_end(
    tmp_path: Path, grid_faces: list[Path], share: float
) -> None:
    whole = grid_faces[0].read_bytes()
    path = tmp_path / "cut.mpg"
    path.write_bytes(whole[: int(len(whole) * share)])
    assert share * 75 - 5 < len(list(VideoFrames(path))) < share * 75 + 5


def test_a_whole_file_is_not_called_cut_short(carphone: Path) -> None:
    frames = VideoFrames(carphone, 0, 3)
    assert len(list(frames)) > 0
    assert not frames.cut_short


def damaged_copy(source: Path, target: Path, start: float, length: int) -> Path:
    data = bytearray(source.read_bytes())
    first = int(len(data) * start)
    data[first : first + length] = np.random.default_rng(1).bytes(length)
    target.write_bytes(data)
    return target


def test_damaged_frames_are_left_out_counted_and_placed(tmp_path: Path, carphone: Path) -> None:
    frames = VideoFrames(damaged_copy(carphone, tmp_path / "damaged.mp4", 0.3, 200))
    found = list(frames)
    assert frames.damaged == 1
    assert len(found) == 119
    assert found[-1].time == pytest.approx(3.97, abs=0.01)
    (after_damage,) = [index for index, frame in enumerate(found) if frame.missing_before]
    gap = found[after_damage].time - found[after_damage - 1].time
    assert gap == pytest.approx(2 / 29.97, abs=1e-3)


def test_a_long_damaged_stretch_does_not_end_the_video(tmp_path: Path, bikes: Path) -> None:
    frames = VideoFrames(damaged_copy(bikes, tmp_path / "damaged.mp4", 0.5, 30_000))
    found = list(frames)
    assert frames.damaged > 3
    assert found[-1].time == pytest.approx(9.96, abs=0.01)
    assert np.all(np.diff([frame.time for frame in found]) > 0)
    assert len(found) + sum(frame.missing_before for frame in found) == 250


def test_broken_sound_stamps_do_not_make_hours_of_silence(
    tmp_path: Path, make_video: MakeVideo, grey: Greys
) -> None:
    hum = np.sin(np.arange(32000) / 20, dtype=np.float32)
    path = make_video(tmp_path / "hum.ts", grey(50), sound=hum)
    data = bytearray(path.read_bytes())
    at = [at for at in range(len(data) - 4) if data[at : at + 4] == b"\0\0\1\xc0"][2]
    data[at + 9] |= 0b1000  # a high bit of the stamp: hours ahead
    path.write_bytes(data)
    assert len(read_samples(path, 8000)) < 8000 * 4


def test_channels_that_cannot_be_mixed_are_named(tmp_path: Path) -> None:
    path = tmp_path / "nine.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(9)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(bytes(18 * 1600))
    with pytest.raises(MediaError, match=r"channels of the sound of 'nine\.wav' cannot be mixed"):
        read_samples(path, 16000)
