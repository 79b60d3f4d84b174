"""Videos from addresses: what servers do wrong, and what is left then."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from vidbench.errors import UserError
from vidbench.inference import fetching
from vidbench.inference.fetching import fetch

CONTENT = b"video" * 1000


class Server(BaseHTTPRequestHandler):
    """Sends CONTENT, a part of it, another address, or nothing like HTTP."""

    def do_GET(self) -> None:
        if self.path == "/garbage":
            self.wfile.write(b"no answer in HTTP\n\n")
            return
        moved = {"/file": "file:///etc/hostname", "/circle": "/circle"}.get(self.path)
        self.send_response(302 if moved else 404 if self.path == "/gone" else 200)
        if moved:
            self.send_header("Location", moved)
        self.send_header("Content-Length", "0" if moved else str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(b"" if moved else CONTENT[:100] if self.path == "/short" else CONTENT)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_video_is_fetched(address: str, tmp_path: Path) -> None:
    assert fetch(f"{address}/video", tmp_path / "a").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gone", "the server answers 404"),
        ("file", "file:///etc/hostname"),
        ("circle", "the server answers 302"),
        ("short", "IncompleteRead"),
        ("garbage", "no answer in HTTP"),
    ],
)
def test_what_a_server_does_wrong_is_said_and_nothing_is_left(
    name: str, words: str, address: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=f"/{name}: cannot be fetched: .*{words}"):
        fetch(f"{address}/{name}", tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrong", ["http://[::1", "http://.a..b/x", "http://127.0.0.1:99999/x", "http://127.0.0.1:1/x"])
def test_addresses_that_lead_nowhere(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be fetched"):
        fetch(wrong, tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("limits", "words"),
    [({"SLOW": -1, "MIN_RATE": 1e12}, "the server has sent"), ({"MIN_FREE": 1 << 60}, "the disk of .* is full")],
)
def test_a_server_that_trickles_or_never_ends_is_left(
    limits: dict[str, float], words: str, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in limits.items():
        monkeypatch.setattr(fetching, name, value)
    with pytest.raises(UserError, match=words):
        fetch(f"{address}/video", tmp_path / "a")
    assert list(tmp_path.iterdir()) == []
