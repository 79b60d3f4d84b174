"""The page that shows a model, in headless Chromium: right answers, friendly lines, no other host, nothing left."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import imageio_ffmpeg
import numpy as np
import pytest
from conftest import PROJECT, run_script
from memory_store import STEPS, square
from trained_models import FPS, train_motion_model, write_motion

from vidbench.demo.limits import LISTS_OTHERS
from vidbench.frames.ffmpeg import encode_h264

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
GRADIO = find_spec("gradio") is not None or (Path(sys.prefix) / "demo" / "gradio").is_dir()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: set CHROMIUM, or run tests/tools/install_chromium.sh"),
    pytest.mark.skipif(not GRADIO, reason="gradio is not installed: make demo installs it, and make test-slow"),
]
PATIENCE = 120_000  # ms
FOCUSED = "document.activeElement.closest('#file') ? 'file' : document.activeElement.role"
FAKE_CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


class Demo:
    """The page's server, a process of its own, whose temporary files are in `folder`."""

    def __init__(self, folder: Path, model: Path, *arguments: object) -> None:
        self.folder = folder
        command = [sys.executable, str(PROJECT / "scripts/demo.py"), "--model", str(model), "--port", "0"]
        self.process = subprocess.Popen(
            [*command, "--device", "cpu", *map(str, arguments)],
            env=os.environ | {"TMPDIR": str(folder)}, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        lines = iter(self.process.stdout.readline, "")
        self.address = next(found[0] for line in lines if (found := re.search(r"http://\S+", line)))

    def left(self) -> list[str]:
        """The temporary files that there are."""
        return [path.name for path in self.folder.rglob("*") if path.is_file()]

    def end(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)
        self.process.wait(60)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_motion_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def demo(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    started = Demo(tmp_path_factory.mktemp("temporary"), model, "--max-mb", 1, "--max-seconds", 12, "--window", 2)
    yield started
    started.end()


class Visitor:
    """A browser on the page; `asked` has all addresses that it asked for."""

    def __init__(self, playwright: Any, address: str, *flags: str, width: int = 1280) -> None:
        self.browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *flags])
        self.page = self.browser.new_page(viewport={"width": width, "height": 900})
        self.page.set_default_timeout(PATIENCE)
        self.asked: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(address)
        self.page.wait_for_selector("#file input[type=file]", state="attached")

    def send(self, video: Path) -> str:
        """Drop a video, and return what the page says of it."""
        self.page.set_input_files("#file input[type=file]", video)
        self.page.wait_for_function("n => document.querySelector('#result').innerText.includes(n)", arg=video.name)
        return self.page.inner_text("#result")

    def others(self, address: str) -> list[str]:
        """The addresses of other hosts that were asked for."""
        return [url for url in self.asked if not url.startswith((address, "data:", "blob:"))]


@pytest.fixture(scope="module")
def playwright() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        yield started


@pytest.fixture
def visitor(playwright: Any, demo: Demo) -> Iterator[Visitor]:
    visitor = Visitor(playwright, demo.address)
    yield visitor
    assert not visitor.others(demo.address)
    visitor.browser.close()
    assert not demo.left()


def test_videos_get_their_class_with_frames_and_maps(visitor: Visitor, tmp_path: Path) -> None:
    for label in ("left", "up"):
        words = visitor.send(write_motion(tmp_path / f"a {label}<b>.mp4", label))
        assert visitor.page.inner_text(".vb-label") == label
        assert "Where and when they speak for" in words
        assert visitor.page.locator(".vb-strip img").count() == 16
        assert visitor.page.locator(".vb-bars li").count() == 4
        assert "Over time" not in words


def test_a_long_video_gets_a_timeline_with_its_segments(visitor: Visitor, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    parts = [square(STEPS[label], 64, 75, random) for label in ("left", "up", "right")]
    encode_h264(np.concatenate(parts), tmp_path / "long.mp4", FPS)
    visitor.send(tmp_path / "long.mp4")
    cells = visitor.page.locator(".vb-timeline tbody tr td:nth-child(3)").all_inner_texts()
    assert cells == ["left", "up", "right"]
    assert "left from 0.0 to 3.0 s" in visitor.page.get_attribute(".vb-timeline > svg", "aria-label")


def test_what_cannot_be_classified_gets_a_line(visitor: Visitor, tmp_path: Path) -> None:
    write_motion(tmp_path / "whole.mp4", "up")
    contents = {
        "text.mp4": (b"no video", "cannot be opened as a video"),
        "notes.txt": (b"no video", "cannot be opened as a video"),
        "empty.webm": (b"", "it is empty"),
        "broken.mp4": ((tmp_path / "whole.mp4").read_bytes()[:3000], "cannot be opened as a video"),
        "playlist.m3u8": (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n", LISTS_OTHERS),
        "concat.mp4": (f"ffconcat version 1.0\nfile {tmp_path}/whole.mp4\n".encode(), LISTS_OTHERS),
    }
    for name, (content, reason) in contents.items():
        (tmp_path / name).write_bytes(content)
        words = visitor.send(tmp_path / name)
        assert reason in words
        assert "Drop another video" in words
    write_motion(tmp_path / "endless.mp4", "up", frames=320)
    assert "too long; at most 1 MB and 12 s" in visitor.send(tmp_path / "endless.mp4")
    encode_h264(np.full((20, 64, 64, 3), 9, np.uint8), tmp_path / "black.mp4", FPS)
    words = visitor.send(tmp_path / "black.mp4")
    assert "None of these" in words
    assert "Nothing moves in this video" in words


def test_files_of_other_hosts_and_folders_are_not_served(demo: Demo, tmp_path: Path) -> None:
    write_motion(tmp_path / "private.mp4", "up")
    files = (
        "https://127.0.0.1:9/a.png",
        "https%3A//127.0.0.1:9/a.png",
        "HTTP://127.0.0.1:9/a",
        tmp_path / "private.mp4",
    )
    for file in files:
        with pytest.raises(HTTPError, match="404"):
            urlopen(f"{demo.address}gradio_api/file={file}")


def test_a_huge_file_is_not_taken_and_the_next_one_is(visitor: Visitor, tmp_path: Path) -> None:
    (tmp_path / "huge.mp4").write_bytes(bytes(1_100_000))
    visitor.page.set_input_files("#file input[type=file]", tmp_path / "huge.mp4")
    assert "exceed the maximum allowed size of 1.0 Mb" in visitor.page.inner_text(".toast-body")
    visitor.send(write_motion(tmp_path / "a.mp4", "down"))
    assert visitor.page.inner_text(".vb-label") == "down"


def test_a_camera_is_recorded_as_it_sees(playwright: Any, demo: Demo, tmp_path: Path) -> None:
    large = square(STEPS["left"], 64, 100, np.random.default_rng(0)).repeat(4, 1).repeat(4, 2)
    encode_h264(large, tmp_path / "camera.mp4", FPS)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", "camera.mp4", "-c:v", "mjpeg", "camera.mjpeg"]
    subprocess.run(command, cwd=tmp_path, check=True)
    camera = f"--use-file-for-fake-video-capture={tmp_path / 'camera.mjpeg'}"
    visitor = Visitor(playwright, demo.address, *FAKE_CAMERA, camera)
    record(visitor, seconds=2.5)
    assert visitor.page.inner_text(".vb-name").startswith("Your recording")
    assert visitor.page.inner_text(".vb-label") == "left"
    assert not visitor.page.locator(".vb-note").count()
    assert not visitor.others(demo.address)
    visitor.browser.close()
    assert not demo.left()


def record(visitor: Visitor, seconds: float) -> None:
    """Record with the browser's camera."""
    visitor.page.click("role=tab[name=Camera]")
    visitor.page.click("#camera [title='grant webcam access'] button")
    visitor.page.click("#camera button[aria-label='start recording']")
    visitor.page.wait_for_timeout(1000 * seconds)
    visitor.page.locator("#camera .button-wrap button").first.click()
    visitor.page.wait_for_selector(".vb-result, .vb-problem")


def test_without_a_camera_the_page_says_so(visitor: Visitor) -> None:
    visitor.page.click("role=tab[name=Camera]")
    visitor.page.wait_for_selector("#note [role=alert]")
    assert "finds no camera" in visitor.page.inner_text("#note")


def test_a_phone_shows_all_and_keys_reach_it(playwright: Any, demo: Demo, tmp_path: Path) -> None:
    visitor = Visitor(playwright, demo.address, width=360)
    visitor.send(write_motion(tmp_path / f"{'a_long_name' * 12}.mp4", "up"))
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 360
    reached = []
    for _ in range(12):
        visitor.page.keyboard.press("Tab")
        reached.append(
            visitor.page.evaluate("document.activeElement.closest('#file') ? 'file' : document.activeElement.role")
        )
    assert {"file", "tab"} <= set(reached)
    visitor.browser.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_when_it_ends(number: int, model: Path, playwright: Any, tmp_path: Path) -> None:
    (tmp_path / "temporary").mkdir()
    demo = Demo(tmp_path / "temporary", model)
    visitor = Visitor(playwright, demo.address)
    video = write_motion(tmp_path / "long.mp4", "up", frames=5000)
    visitor.page.set_input_files("#file input[type=file]", video)
    end = time.monotonic() + 60
    while not demo.left() and time.monotonic() < end:
        time.sleep(0.01)
    assert demo.left()  # it is being classified
    demo.end(number)
    assert not list((tmp_path / "temporary").iterdir())
    visitor.browser.close()


def test_a_real_gesture_gets_its_class(gestures: Path, playwright: Any, tmp_path: Path) -> None:
    """By a model of `make reproduce-gestures`, on videos that it was not trained on."""
    results = PROJECT / "results" / "gestures" / "fold1"
    if not (results / "cnn3d").exists():
        pytest.skip("no model of gestures: make reproduce-gestures trains it")
    demo = Demo(tmp_path, results / "cnn3d" / "seed0")
    visitor = Visitor(playwright, demo.address)
    rows = [line.split(",") for line in (results.parent / "splits" / "fold1.csv").read_text().splitlines()]
    videos = [row[0] for row in rows if row[1] == "test"][::8]
    right = 0
    for name in videos:
        path = next(gestures.rglob(Path(name).name + "*"))
        visitor.send(path)
        right += path.parent.name == visitor.page.locator(".vb-class").first.inner_text()
    assert right >= 0.7 * len(videos)
    visitor.browser.close()
    demo.end()


def test_a_port_in_use_and_a_missing_model_are_one_line(demo: Demo, tmp_path: Path) -> None:
    port = demo.address.rstrip("/").rpartition(":")[2]
    done = run_script("demo.py", "--model", tmp_path, "--port", port, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    done = run_script("demo.py", cwd=tmp_path, check=False)
    assert done.stderr == "error: results: holds no trained model; name one (--model FILE), or train some (make run)\n"
