"""Live streams from the shell: udp until Ctrl-C, a playlist over http until its end, one that never starts."""

import csv
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from conftest import PROJECT
from saved_models import save_model

from vidbench.errors import UserError
from vidbench.frames import ffmpeg
from vidbench.inference import opening

PATTERN = ["-f", "lavfi", "-i", "testsrc=size=96x72:rate=10"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("streams")
    save_model(folder)
    return folder


def start(folder: Path, address: str, *arguments: str) -> subprocess.Popen:
    command = [sys.executable, PROJECT / "scripts/classify_videos.py", "--model", folder, "--device", "cpu"]
    return subprocess.Popen(
        [*command, "--window", "1", "--threshold", "0", *arguments, address],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def sender() -> Iterator[str]:
    """The address of a stream by udp, which is sent until the test ends."""
    address = f"udp://127.0.0.1:{free_port()}"
    coded = ["-c:v", "mpeg2video", "-g", "5", "-f", "mpegts", f"{address}?pkt_size=1316"]
    process = subprocess.Popen([ffmpeg.executable(), "-v", "quiet", "-nostdin", "-re", *PATTERN, *coded])
    yield address
    process.kill()
    process.wait()


def test_ctrl_c_ends_a_stream_with_what_was_found(folder: Path, sender: str) -> None:
    process = start(folder, sender, "--csv", "w.csv", "--segments", "s.csv", "--plot", "p.png")
    deadline = time.monotonic() + 300
    while not any(path.read_text().count("\n") > 2 for path in folder.glob(".w.csv*")):
        assert time.monotonic() < deadline, "no window is classified"
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 130, output
    windows = list(csv.DictReader((folder / "w.csv").open()))
    assert len(windows) >= 2
    assert list(csv.DictReader((folder / "s.csv").open()))
    assert (folder / "p.png").stat().st_size > 0
    assert " dropped, latency " in output
    assert output.splitlines()[-1].startswith("interrupted: 1 video: ")


def test_all_windows_of_a_playlist_with_an_end_are_classified(folder: Path) -> None:
    (folder / "hls").mkdir()
    coded = ["-t", "6", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "10", "-f", "hls", "-hls_time", "1"]
    target = ["-hls_playlist_type", "vod", str(folder / "hls/a.m3u8")]
    subprocess.run([ffmpeg.executable(), "-v", "error", *PATTERN, *coded, *target], check=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder / "hls")))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/a.m3u8?key=1"
        output, _ = start(folder, address, "--plain-windows", "--stride", "0.5").communicate(timeout=300)
    finally:
        server.shutdown()
        server.server_close()
    assert ": 11 windows, 0 dropped, latency " in output
    assert output.splitlines()[-1].startswith("1 video: ")


def test_a_stream_that_never_starts_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "TIMEOUT", 0.5)
    address = f"udp://127.0.0.1:{free_port()}"
    with pytest.raises(UserError, match=r"cannot be opened: nothing has come for 0\.5 s"):
        opening.probe_live(address)
