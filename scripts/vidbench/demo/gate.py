"""What stands before the page's server: it answers this machine's own browser, and no other site that is open in it.

A site can send requests to 127.0.0.1 out of a visitor's browser, and by DNS rebinding even read the answers. So the
names that the server is asked by, and the sites that ask, are compared with its own; and only what the page needs of
gradio's many addresses is there. A link on another site leads to the page, and to nothing else. Of files there are the
uploads alone: gradio itself would also fetch a file from another host, and pass it on as the page's own.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

HOST = "127.0.0.1"
NAMES = (HOST, "localhost")
HTTP_PORT = 80  # browsers leave it out
API = "/gradio_api"
READ = (
    "/assets/", "/static/", "/theme.css", "/favicon.ico", "/manifest.json", "/config", f"{API}/info", f"{API}/app_id",
    f"{API}/heartbeat/", f"{API}/queue/data", f"{API}/upload_progress", f"{API}/theme.css",
    f"{API}/startup-events",
)  # fmt: skip
FILE = f"{API}/file="
UPLOAD = f"{API}/upload"
WRITE = (UPLOAD, f"{API}/queue/join", f"{API}/cancel", f"{API}/reset")
FORM = 10_000  # bytes around a file in an upload
MAX_BODY = 100_000  # bytes of what is no upload
# A page that fetches nothing from elsewhere, whatever a library of gradio's asks for; nor is it framed by another.
POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; object-src 'none'; base-uri 'self';"
    " frame-ancestors 'none'; form-action 'self'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
}


class Gate:
    """An ASGI application around the page's own."""

    def __init__(self, app: App, port: int, max_bytes: int, uploads: Path) -> None:
        """`max_bytes`: of the largest file that is uploaded; `uploads`: the folder of those files."""
        self.app = app
        self.uploads = uploads.resolve()
        self.hosts = {f"{name}:{port}" for name in NAMES}
        if port == HTTP_PORT:
            self.hosts |= set(NAMES)
        self.origins = {f"http://{host}" for host in self.hosts}
        self.max_bytes = max_bytes

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        status, reason = self._judge(scope)
        if scope["type"] != "http":
            status = status or 403  # the page uses no web socket
        if status:
            await _refuse(send, scope["type"], status, reason)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message.get("headers", []), *extra]
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _judge(self, scope: Message) -> tuple[int, str]:
        """Return the status and the reason of a refusal; status 0 where there is none."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if headers.get("host", "") not in self.hosts:
            return 403, "this page is at another address"
        if headers.get("origin", next(iter(self.origins))) not in self.origins:
            return 403, "another site asks"
        is_link = headers.get("sec-fetch-mode") == "navigate" and scope["path"] == "/"
        if headers.get("sec-fetch-site") in ("cross-site", "same-site") and not is_link:
            return 403, "another site asks"
        return self._judge_address(scope.get("method", ""), scope["path"], headers)

    def _judge_address(self, method: str, path: str, headers: dict[str, str]) -> tuple[int, str]:
        if method in ("GET", "HEAD"):
            is_there = path == "/" or path.startswith(READ) or self._is_upload(path)
            return (0, "") if is_there else (404, "there is nothing here")
        if method != "POST" or path.rstrip("/") not in WRITE:
            return 404, "there is nothing here"
        length = headers.get("content-length", "")
        if not length.isdecimal():
            return 411, "a request says how long it is"
        if int(length) > (self.max_bytes + FORM if path.rstrip("/") == UPLOAD else MAX_BODY):
            return 413, "the file is too large"
        return 0, ""

    def _is_upload(self, path: str) -> bool:
        """Return whether a decoded path asks for an uploaded file by its absolute path; an address is none."""
        file = Path(path.removeprefix(FILE))
        if not path.startswith(FILE) or not file.is_absolute() or "\0" in path:
            return False
        return self.uploads in file.resolve().parents


async def _refuse(send: Send, kind: str, status: int, reason: str) -> None:
    if kind == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": reason.encode()})
