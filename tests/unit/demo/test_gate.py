"""Which requests the page answers: those of this machine's own browser, for what it needs, and no larger ones."""

import asyncio
from pathlib import Path

import pytest

from vidbench.demo.gate import FORM, Gate, Message

PORT = 7860
HOST = {"host": f"127.0.0.1:{PORT}"}
UPLOAD = "/gradio_api/upload"
MAX_BYTES = 1000
FILE = "/gradio_api/file="
UPLOADS = Path("/scratch/uploads")


def ask(path: str = "/", method: str = "GET", kind: str = "http", port: str = str(PORT), **headers: str) -> Message:
    """The first message of the answer, of an application that answers all with 200."""
    sent: list[Message] = []

    async def app(scope: Message, receive: object, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Message) -> None:
        sent.append(message)

    lines = {name.replace("_", "-"): value for name, value in (HOST | headers).items()}
    raw = [(name.encode(), value.encode()) for name, value in lines.items()]
    scope = {"type": kind, "path": path, "method": method, "headers": raw}
    asyncio.run(Gate(app, int(port), MAX_BYTES, UPLOADS)(scope, None, send))
    return sent[0]


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost:7860"])
def test_the_page_is_there_under_both_names_of_this_machine_and_fetches_nothing_from_elsewhere(host: str) -> None:
    answer = ask(host=host)
    assert answer["status"] == 200
    assert dict(answer["headers"])[b"content-security-policy"].startswith(b"default-src 'self'")


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example:7860"},  # DNS rebinding
        {"host": "127.0.0.1:80"},
        {"host": ""},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:8888"},
        {"sec_fetch_site": "cross-site", "sec_fetch_mode": "no-cors"},
    ],
)
def test_another_site_gets_no_answer(headers: dict[str, str]) -> None:
    assert ask(**headers)["status"] == 403
    assert ask(UPLOAD, "POST", content_length="10", **headers)["status"] == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_on_another_site_leads_to_the_page_and_to_nothing_else(site: str) -> None:
    link = {"sec_fetch_site": site, "sec_fetch_mode": "navigate"}
    assert ask(**link)["status"] == 200
    for path in (f"{FILE}{UPLOADS}/a/video.mp4", "/config", "/assets/a.js"):
        assert ask(path, **link)["status"] == 403
        assert ask(path, sec_fetch_site="same-origin")["status"] == 200


@pytest.mark.parametrize(
    "file",
    [
        "https://evil.example/a.png", "HTTPS://evil.example/a.png", "https%3A//evil.example/a.png", "//evil.example/a",
        "/https://evil.example/a", "file:///scratch/uploads/a", "/etc/passwd", "/scratch/uploads/../../etc/passwd",
        "/scratch/uploads", "/scratch/uploads2/a", "scratch/uploads/a", "", "/scratch/uploads/a\0",
    ],
)  # fmt: skip
def test_no_file_but_an_upload_is_there(file: str) -> None:
    assert ask(FILE + file)["status"] == 404


def test_at_the_port_of_http_browsers_leave_it_out() -> None:
    for name in ("127.0.0.1", "localhost"):
        assert ask(port="80", host=name, origin=f"http://{name}")["status"] == 200
        assert ask(host=name)["status"] == 403
    assert ask(port="80", host="evil.example")["status"] == 403


@pytest.mark.parametrize(
    ("length", "status"), [("1000", 200), (str(MAX_BYTES + FORM), 200), (str(MAX_BYTES + FORM + 1), 413), ("x", 411)]
)
def test_an_upload_says_how_long_it_is_and_is_not_too_long(length: str, status: int) -> None:
    origin = f"http://{HOST['host']}"
    assert ask(UPLOAD, "POST", content_length=length, origin=origin)["status"] == status


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/gradio_api/proxy=https://example.org/"), ("GET", "/monitoring"), ("POST", "/gradio_api/vibe-edit"),
        ("POST", "/"), ("PUT", UPLOAD), ("GET", "/gradio_api/deep_link"),
    ],
)  # fmt: skip
def test_nothing_else_of_gradio_is_there(method: str, path: str) -> None:
    assert ask(path, method, content_length="10")["status"] == 404


def test_a_web_socket_is_closed() -> None:
    assert ask(kind="websocket")["type"] == "websocket.close"
