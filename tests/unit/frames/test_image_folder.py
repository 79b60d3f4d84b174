"""Videos that come as folders of images: every image a frame, in the order of their numbers."""

import io
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from vidbench.errors import UserError
from vidbench.frames import ffmpeg
from vidbench.frames.extract import extract_shard
from vidbench.frames.image_folder import list_images
from vidbench.frames.store import FAILED, OK, PARTIAL, FrameStore, StoredVideo
from vidbench.video import Video

SIZE = (24, 32)
RAW = ffmpeg.Recipe(SIZE, None, "raw", 2)
JPEG = ffmpeg.Recipe(SIZE, None, "jpeg", 2)
KINDS = {".jpg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".bmp": "BMP", ".tif": "TIFF"}
STEP = 20  # grey levels between two images


def picture(number: int, size: tuple[int, int] = SIZE) -> Image.Image:
    """One grey that tells the number."""
    return Image.fromarray(np.full((*size, 3), STEP * number, np.uint8))


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def write(folder: Path, files: dict[str, bytes]) -> Video:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return Video(folder.name, str(folder), "x", "g")


def jpegs(count: int, size: Callable[[int], tuple[int, int]] = lambda _: SIZE) -> dict[str, bytes]:
    """Numbered from 1."""
    return {f"{number:05d}.jpg": encoded(picture(number, size(number))) for number in range(1, count + 1)}


def extract(videos: list[Video], recipe: ffmpeg.Recipe, output: Path, path: str | None = None) -> FrameStore:
    extract_shard(videos, recipe, output, output.with_suffix(".spool"), 2, path, lambda video, status: None)
    return FrameStore([output])


def numbers(store: FrameStore, video: str) -> list[int]:
    """Which pictures the stored frames are."""
    return [round(frame.mean() / STEP) for frame in store.read(video)]


def summary(stored: StoredVideo) -> tuple[str, int, int]:
    return stored["status"], stored.num_frames, stored["expected_frames"]


@pytest.mark.parametrize("recipe", [RAW, JPEG], ids=["raw", "jpeg"])
def test_images_are_frames_in_the_order_of_their_numbers(recipe: ffmpeg.Recipe, tmp_path: Path) -> None:
    names = ["a 1.jpg", "a 2.JPG", "a 9.jpeg", "a 10.jpg", "b%05d.jpg", "b'\"\n:1.jpg", "é 動画.jpg"]
    files = {name: encoded(picture(number)) for number, name in enumerate(names, start=1)}
    others = {"Thumbs.db": b"x", ".DS_Store": b"x", "._a 1.jpg": b"x", "list.txt": b"x"}
    video = write(tmp_path / "100%d of\n'é' %%", files | others)
    (tmp_path / video.id / "more.jpg").mkdir()
    store = extract([video], recipe, tmp_path / "to 100%d" / "0.h5")
    stored = store.videos[video.id]
    assert summary(stored) == (OK, 7, 7)
    assert numbers(store, video.id) == [1, 2, 3, 4, 5, 6, 7]
    assert (stored["height"], stored["width"], stored["codec"], stored["rotation"]) == (24, 32, "mjpeg", 0)


@settings(deadline=None)
@given(st.dictionaries(st.integers(0, 2000), st.integers(0, 6), max_size=12), st.sampled_from(["", "v1_", "img 02-"]))
def test_numbers_count_whatever_the_zeros_before_them(padding: dict[int, int], prefix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number, width in padding.items():
            Path(folder, f"{prefix}{number:0{width}d}.png").touch()
        found = [int(image.name.removeprefix(prefix).removesuffix(".png")) for image in list_images(folder)]
    assert found == sorted(padding)


def test_the_same_images_give_the_same_bytes_wherever_they_lie(tmp_path: Path) -> None:
    files = jpegs(6) | {"00004.jpg": b"\xff\xd8 damaged", "00005.jpg": b""}
    for place in ("a", "a longer name"):
        (tmp_path / place).mkdir()
        video = write(tmp_path / place / "v", files)
        extract([video], JPEG, tmp_path / place / "0.h5")
    assert (tmp_path / "a/0.h5").read_bytes() == (tmp_path / "a longer name/0.h5").read_bytes()


MODES = {
    ".jpg": ("RGB", "L", "CMYK"),
    ".png": ("RGB", "L", "1", "P", "RGBA", "LA", "I;16"),
    ".webp": ("RGB", "RGBA"),
    ".bmp": ("RGB", "L", "1", "P", "RGBA"),
    ".tif": ("RGB", "L", "1", "P", "RGBA", "LA", "I;16"),
}


@pytest.mark.parametrize(("extension", "mode"), [(kind, mode) for kind, modes in MODES.items() for mode in modes])
@pytest.mark.parametrize("recipe", [RAW, JPEG], ids=["raw", "jpeg"])
def test_colours_are_those_of_another_decoder(extension: str, mode: str, recipe: ffmpeg.Recipe, tmp_path: Path) -> None:
    y, x = np.mgrid[0:24, 0:32]
    colours = np.stack([x * 8, y * 10, 255 - x * 4 - y * 5], axis=-1).astype(np.uint8)
    if mode == "I;16":
        image = Image.fromarray(colours[..., 0].astype(np.uint16) * 257)
    elif mode == "P":
        image = Image.fromarray(colours).quantize(256)
    else:
        image = Image.fromarray(colours).convert(mode)
    content = encoded(image, KINDS[extension])
    store = extract([write(tmp_path / "v", {f"1{extension}": content})], recipe, tmp_path / "0.h5")
    assert summary(store.videos["v"]) == (OK, 1, 1)
    again = Image.open(io.BytesIO(content))
    expected = np.stack([colours[..., 0]] * 3, axis=-1) if mode == "I;16" else np.asarray(again.convert("RGB"))
    assert np.abs(store.read("v")[0].astype(int) - expected).mean() < (12 if recipe is JPEG else 4)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_are_turned_as_their_cameras_say(orientation: int, tmp_path: Path) -> None:
    y, x = np.mgrid[0:48, 0:64]
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encoded(Image.fromarray(np.stack([x * 4, y * 5, x + y], axis=-1).astype(np.uint8)), exif=exif)
    store = extract([write(tmp_path / "v", {"1.jpg": content})], ffmpeg.Recipe(48, None, "raw", 2), tmp_path / "0.h5")
    shown = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(content))))
    stored, frames = store.videos["v"], store.read("v")
    assert (stored["height"], stored["width"]) == (stored["source_height"], stored["source_width"]) == shown.shape[:2]
    assert np.abs(frames[0].astype(int) - shown).mean() < 4


@pytest.mark.parametrize(("fps", "expected"), [(None, 12), (10, 12), (5, 6), (20, 24), (1, 1)])
@pytest.mark.parametrize("sizes", [lambda _: SIZE, lambda n: SIZE if n % 2 else (20, 60), lambda n: (20 + n, 30)])
def test_images_of_different_sizes_are_all_scaled(
    fps: float | None, expected: int, sizes: Callable[[int], tuple[int, int]], tmp_path: Path
) -> None:
    recipe = ffmpeg.Recipe(SIZE, fps, "jpeg", 2, image_fps=10)
    store = extract([write(tmp_path / "v", jpegs(12, sizes))], recipe, tmp_path / "0.h5")
    stored = store.videos["v"]
    assert summary(stored) == (OK, expected, 12)
    assert (stored["source_height"], stored["source_width"]) == sizes(1)
    found = numbers(store, "v")
    assert found == sorted(found)
    assert fps != 20 or set(found) == set(range(1, 13))


def test_image_fps_is_the_frame_rate(tmp_path: Path) -> None:
    options = {"size": 24, "fps": None, "codec": "jpeg", "quality": 2}
    for number, (recipe, fps) in enumerate(
        [
            (ffmpeg.Recipe.from_options(options), 25),
            (ffmpeg.Recipe.from_options(options | {"image_fps": 12}), 12),
        ]
    ):
        store = extract([write(tmp_path / f"v{number}", jpegs(6))], recipe, tmp_path / f"{number}.h5")
        stored = store.videos[f"v{number}"]
        assert (stored["source_fps"], stored["duration"]) == (fps, pytest.approx(6 / fps))


CASES = {
    "no image": ({"Thumbs.db": b"x", "a.txt": b"x"}, "holds no images"),
    "nothing": ({}, "holds no images"),
    "two kinds": ({"1.JPEG": encoded(picture(1)), "2.png": encoded(picture(2), "PNG")},
                  "holds images of several kinds (.jpg, .png)"),
    "empty": ({"1.jpg": b"", "2.jpg": b""}, "holds no image that can be read"),
    "text": ({"1.jpg": b"no image", "2.jpg": b"at all"}, "holds no image that can be read"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_folder_without_a_video_says_why(case: str, tmp_path: Path) -> None:
    files, message = CASES[case]
    stored = extract([write(tmp_path / "v", files)], JPEG, tmp_path / "0.h5").videos["v"]
    assert (stored["status"], stored["message"], stored.num_frames) == (FAILED, message, 0)
    assert (stored["source_height"], stored["source_width"]) == (0, 0)


DAMAGES = {
    "empty": lambda _: b"",
    "text": lambda _: b"no image",
    "byte": lambda _: b"\0",
    "cut": lambda c: c[: len(c) // 4],
}


@pytest.mark.parametrize("place", [1, 4, 8])
@pytest.mark.parametrize("damage", [*DAMAGES, "gone"])
@pytest.mark.parametrize("extension", KINDS)
def test_frames_before_and_after_a_damaged_image_are_kept(
    place: int, damage: str, extension: str, tmp_path: Path
) -> None:
    whole = {f"{number}{extension}": encoded(picture(number), KINDS[extension]) for number in range(1, 9)}
    name = f"{place}{extension}"
    content = DAMAGES.get(damage, DAMAGES["empty"])(whole[name])
    video = write(tmp_path / "v", whole | {name: content})
    if damage == "gone":
        (tmp_path / "v" / name).unlink()
        (tmp_path / "v" / name).symlink_to("nowhere")
    store = extract([video], RAW, tmp_path / "0.h5")
    stored = store.videos["v"]
    assert summary(stored) == (PARTIAL, 7, 8)
    assert numbers(store, "v") == [number for number in range(1, 9) if number != place]
    assert stored["message"]
    assert str(tmp_path) not in stored["message"]


def test_a_damaged_image_takes_its_time(tmp_path: Path) -> None:
    """With `fps`, the image before it stays for the time of the damaged one."""
    store = extract(
        [write(tmp_path / "v", jpegs(8) | {"00004.jpg": b""})],
        ffmpeg.Recipe(SIZE, 25, "raw", 2),
        tmp_path / "0.h5",
    )
    assert numbers(store, "v") == [1, 2, 3, 3, 5, 6, 7, 8]
    assert store.videos["v"]["status"] == PARTIAL


def test_content_decides_where_the_extension_is_wrong(tmp_path: Path) -> None:
    files = {f"{number}.jpg": encoded(picture(number), "PNG") for number in range(1, 5)}
    store = extract([write(tmp_path / "v", files)], RAW, tmp_path / "0.h5")
    assert summary(store.videos["v"]) == (OK, 4, 4)
    assert store.videos["v"]["codec"] == "png"
    assert numbers(store, "v") == [1, 2, 3, 4]


def add(folder: Path) -> None:
    (folder / "00009.jpg").write_bytes(encoded(picture(9)))


def remove(folder: Path) -> None:
    (folder / "00008.jpg").unlink()


def change(folder: Path) -> None:
    path = folder / "00002.jpg"
    before = path.stat()
    path.write_bytes(encoded(picture(7)).ljust(before.st_size, b"\0"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))


@pytest.mark.parametrize(
    ("edit", "expected"),
    [(add, [*range(1, 9), 9]), (remove, [*range(1, 8)]), (change, [1, 7, *range(3, 9)])],
)
def test_an_interrupted_run_notices_other_images(
    edit: Callable[[Path], None], expected: list[int], tmp_path: Path
) -> None:
    video = write(tmp_path / "v", jpegs(8))

    def stop(video: Video, status: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract_shard([video], RAW, tmp_path / "0.h5", tmp_path / "0.spool", 1, None, stop)
    edit(tmp_path / "v")
    assert numbers(extract([video], RAW, tmp_path / "0.h5"), "v") == expected


def test_links_are_removed_also_after_a_failure(tmp_path: Path) -> None:
    video = write(tmp_path / "v", jpegs(4))
    extract([video], JPEG, tmp_path / "0.h5")
    assert list((tmp_path / "0.spool").glob("*.images")) == []
    own = tmp_path / "ffmpeg"
    own.write_text(f'#!/bin/sh\n[ "$1" = -version ] && exec "{ffmpeg.executable()}" -version\nkill -9 $$\n')
    own.chmod(0o755)
    with pytest.raises(UserError, match="ffmpeg was stopped while decoding it"):
        extract([video], JPEG, tmp_path / "1.h5", str(own))
    assert list((tmp_path / "1.spool").glob("*.images")) == []


def test_a_complaint_names_neither_folder_nor_spool(tmp_path: Path) -> None:
    own = tmp_path / "ffmpeg"
    complain = 'while [ "$1" != -i ]; do shift; done; echo "no such codec: $2; ${2%/*}/00000002: no such file" >&2'
    own.write_text(f'#!/bin/sh\n[ "$1" = -version ] && exec "{ffmpeg.executable()}" -version\n{complain}\nexit 1\n')
    own.chmod(0o755)
    stored = extract([write(tmp_path / "v", jpegs(3))], JPEG, tmp_path / "0.h5", str(own)).videos["v"]
    assert stored["message"] == "no such codec: file:v; file:v/00000002: no such file"


@pytest.mark.parametrize("fps", [None, 5])
def test_decoding_together_gives_what_decoding_alone_gives(fps: float | None, tmp_path: Path, monkeypatch) -> None:
    videos = [
        write(tmp_path / f"v{number}", jpegs(1 + number) | ({"00003.jpg": b""} if number == 5 else {}))
        for number in range(11)
    ]
    ffmpeg.encode_h264(np.zeros((10, *SIZE, 3), np.uint8), tmp_path / "file.mp4", fps=10)
    videos.append(Video("file", str(tmp_path / "file.mp4"), "x", "g"))
    recipe = ffmpeg.Recipe(SIZE, fps, "jpeg", 2)
    commands = []
    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda command, **k: commands.append(command) or popen(command, **k))
    extract_shard(videos, recipe, tmp_path / "0.h5", tmp_path / "0", 1, None, lambda *_: None)
    assert max(command.count("-i") for command in commands) == 3
    monkeypatch.setattr("vidbench.frames.extract.TOGETHER", 1)
    extract_shard(videos, recipe, tmp_path / "1.h5", tmp_path / "1", 1, None, lambda *_: None)
    assert (tmp_path / "0.h5").read_bytes() == (tmp_path / "1.h5").read_bytes()
    assert FrameStore([tmp_path / "0.h5"]).videos["v5"]["status"] == PARTIAL


def test_optical_flow_beside_the_frames_is_left_out(tmp_path: Path) -> None:
    frames = {f"img_{number:05d}.jpg": encoded(picture(number), "JPEG") for number in range(1, 7)}
    flow = {f"flow_{axis}_{number:05d}.jpg": encoded(picture(9), "JPEG") for number in range(1, 6) for axis in "xy"}
    store = extract([write(tmp_path / "v", frames | flow)], RAW, tmp_path / "0.h5")
    assert summary(store.videos["v"]) == (OK, 6, 6)
    assert "only the images img_# are its frames: 10 others are left out" in store.videos["v"]["notes"]
    alone = extract([write(tmp_path / "w", frames)], RAW, tmp_path / "1.h5")
    np.testing.assert_array_equal(store.read("v"), alone.read("w"))


def test_several_series_of_images_are_no_video(tmp_path: Path) -> None:
    names = [f"{camera}_{number}.jpg" for camera in ("left", "right") for number in range(5)]
    store = extract([write(tmp_path / "v", dict.fromkeys(names, encoded(picture(1), "JPEG")))], RAW, tmp_path / "0.h5")
    assert store.videos["v"]["status"] == "failed"
    assert store.videos["v"]["message"] == "holds several series of images (left_#, right_#); give each a folder"


@pytest.mark.parametrize("names", [
    ["a.jpg", "b.jpg", "c.jpg"], ["1.jpg", "2.jpg", "x10.jpg"], ["f1_of_3.jpg", "f2_of_3.jpg", "f3_of_3.jpg"],
    [*(f"frame{n}.jpg" for n in range(30)), "cover_1.jpg"],
])  # fmt: skip
def test_names_that_are_one_series(tmp_path: Path, names: list[str]) -> None:
    store = extract([write(tmp_path / "v", dict.fromkeys(names, encoded(picture(1), "JPEG")))], RAW, tmp_path / "0.h5")
    assert summary(store.videos["v"]) == (OK, len(names), len(names))
