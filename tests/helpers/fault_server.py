"""A real, threaded HTTP(S) server that misbehaves as it is told, for tests of downloading."""

import os
import random
import socket
import ssl
import struct
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote, urlsplit

FIRST_TIME = 1_600_000_000  # Last-Modified of the first version, seconds; each next version is a day younger
PAGE = b"<!DOCTYPE html><html><body>We are down for maintenance.</body></html>\n"
BLOCK = 4096  # bytes sent at a time


@dataclass(frozen=True)
class Fault:
    """What goes wrong in one answer; `at` is the fraction of the body before it does.

    status         answers `status`, with Retry-After
    drop, reset    closes the connection (FIN, RST) in the middle
    stall          sends nothing for `seconds`, then closes
    whole          ignores the Range
    careless       ignores If-Range
    wrong_start    sends another range than asked for, and says so
    wrong_total    says another total in Content-Range
    multipart      answers a Range as multipart/byteranges
    shorter        says and sends less than there is
    surplus        says less than there is, and sends all
    longer         says more than there is
    damage         flips a bit
    page           sends a web page with 200
    change         has another version from now on, with new validators
    hide           has another version from now on, with the validators of the old one
    weak           sends a weak ETag only
    bare           sends no validators, and ignores If-Range
    encoded        says Content-Encoding: gzip of a .gz file, as some servers do
    """

    kind: str
    at: float = 0.5
    status: int = 500
    seconds: float = 0.5
    retry_after: str = "0"


@dataclass
class Request:
    """What was asked for, and what was answered; `sent` counts bytes of the body."""

    name: str
    range: str | None
    if_range: str | None
    encoding: str | None
    status: int = 0
    sent: int = 0


@dataclass(frozen=True)
class Manners:
    """How a server answers when nothing goes wrong."""

    etag: str | None = "strong"  # or weak
    dated: bool = True  # sends Last-Modified
    ranges: bool = True
    framing: str = "length"  # or chunked, close


def random_faults(
    generator: random.Random, kinds: Sequence[str], rate: float, seconds: float
) -> Iterator[Fault | None]:
    """Endless faults of these kinds, one an answer with probability `rate`; `seconds` is how long one stalls."""
    while True:
        if not kinds or generator.random() > rate:
            yield None
        else:
            status = generator.choice([404, 408, 429, 500, 503])
            yield Fault(generator.choice(kinds), generator.random(), status, seconds)


class FaultServer:
    """Serves `files` (name -> bytes, or versions to go through when the file changes) on a port of 127.0.0.1.

    `faults` are used up one an answer; then all goes well. `redirects` maps a name to an address. A request for
    an absolute address, as to a proxy, is answered as if the server were that host. `pause` (seconds) follows every
    block of a body.
    """

    def __init__(
        self,
        files: dict[str, bytes | Sequence[bytes]],
        faults: Iterable[Fault | None] = (),
        manners: Manners | None = None,
        redirects: dict[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        pause: float = 0.0,
    ) -> None:
        self.versions = {name: [data] if isinstance(data, bytes) else list(data) for name, data in files.items()}
        self.current = dict.fromkeys(files, 0)
        self.stated = dict.fromkeys(files, 0)  # the version that the validators tell of
        self.faults = iter(faults)
        self.manners = manners or Manners()
        self.redirects = redirects or {}
        self.pause = pause
        self.requests: list[Request] = []
        self.hosts: list[str] = []  # of the Host headers
        self.lock = threading.Lock()
        self.closing = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.server.daemon_threads, self.server.block_on_close = True, False
        self.server.handle_error = lambda *_: None  # clients hang up: that is what the tests are about
        self.server.owner = self
        self.scheme = "https" if tls else "http"
        self.port = self.server.server_port
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)

    def __enter__(self) -> "FaultServer":
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()

    def url(self, name: str) -> str:
        """Address of a file."""
        return f"{self.scheme}://127.0.0.1:{self.port}/{quote(name)}"

    def change(self, name: str, told: bool = True) -> None:
        """Serve the next version of a file; `told`: with other validators."""
        self.current[name] = (self.current[name] + 1) % len(self.versions[name])
        self.stated[name] += told


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        self.owner: FaultServer = self.server.owner
        name = unquote(urlsplit(self.path).path.lstrip("/"))
        asked = [self.headers.get(header) for header in ("Range", "If-Range", "Accept-Encoding")]
        with self.owner.lock:
            self.request_seen = Request(name, *asked)
            self.owner.requests.append(self.request_seen)
            self.owner.hosts.append(self.headers.get("Host", ""))
            self.fault = next(self.owner.faults, None) or Fault("none")
        if name in self.owner.redirects:
            self._answer(302, {"Location": self.owner.redirects[name]})
        elif name not in self.owner.versions:
            self._answer(404, {})
        elif self.fault.kind == "status":
            self._answer(self.fault.status, {"Retry-After": self.fault.retry_after})
        elif self.fault.kind == "page":
            self._answer(200, {"Content-Type": "text/html"}, PAGE)
        else:
            self._serve(name)

    def _serve(self, name: str) -> None:
        with self.owner.lock:
            if self.fault.kind in ("change", "hide"):
                self.owner.change(name, told=self.fault.kind == "change")
            data = self.owner.versions[name][self.owner.current[name]]
            validators = self._validators(self.owner.stated[name])
        if self.fault.kind == "encoded":
            validators["Content-Encoding"] = "gzip"
        if self.fault.kind == "damage":
            data = _flipped(data, self.fault.at)
        start = self._start(validators)
        if start is None:
            self._answer(200, validators, data)
        elif start >= len(data):
            self._answer(416, {"Content-Range": f"bytes */{len(data)}"})
        elif self.fault.kind == "multipart":
            self._answer(
                206, validators | {"Content-Type": "multipart/byteranges; boundary=B"}, _multipart(data, start)
            )
        else:
            start = max(start - 1, 0) if self.fault.kind == "wrong_start" else start
            total = len(data) + (self.fault.kind == "wrong_total")
            extent = {"Content-Range": f"bytes {start}-{len(data) - 1}/{total}"}
            self._answer(206, validators | extent, data[start:])

    def _validators(self, version: int) -> dict[str, str]:
        manners, found = self.owner.manners, {}
        if self.fault.kind == "bare":
            return found
        if manners.etag:
            weak = manners.etag == "weak" or self.fault.kind == "weak"
            found["ETag"] = f'{"W/" if weak else ""}"version-{version}"'
        if manners.dated and self.fault.kind != "weak":
            found["Last-Modified"] = formatdate(FIRST_TIME + 86400 * version, usegmt=True)
        return found

    def _start(self, validators: dict[str, str]) -> int | None:
        """Where to start sending; None: the whole file."""
        asked, condition = self.request_seen.range, self.request_seen.if_range
        if asked is None or not self.owner.manners.ranges or self.fault.kind == "whole":
            return None
        strong = [value for value in validators.values() if not value.startswith("W/")]
        if condition is not None and condition not in strong and self.fault.kind not in ("careless", "bare"):
            return None
        return int(asked.removeprefix("bytes=").removesuffix("-"))

    def _answer(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.request_seen.status = status
        framing = self.owner.manners.framing if status in (200, 206) else "length"
        if framing == "length":
            lie = {"shorter": self.fault.at - 1, "surplus": self.fault.at - 1, "longer": 0.1}.get(self.fault.kind, 0)
            said = len(body) + int(len(body) * lie)
            body = body[:said] if self.fault.kind == "shorter" else body
            headers = headers | {"Content-Length": str(said)}
        elif framing == "chunked":
            headers = headers | {"Transfer-Encoding": "chunked"}
        self.close_connection = framing == "close" or self.fault.kind in ("longer", "surplus")
        if self.close_connection:
            headers = headers | {"Connection": "close"}
        self.send_response(status)
        for header, value in headers.items():
            self.send_header(header, value)
        self.end_headers()
        self._send(body, chunked=framing == "chunked")

    def _send(self, body: bytes, chunked: bool) -> None:
        breaks = self.fault.kind in ("drop", "reset", "stall") and self.request_seen.status in (200, 206)
        end = int(len(body) * self.fault.at) if breaks else len(body)
        for begin in range(0, end, BLOCK):
            block = body[begin : min(begin + BLOCK, end)]
            self.request_seen.sent += len(block)  # first: whoever has the block may look at once
            self.wfile.write(b"%x\r\n%s\r\n" % (len(block), block) if chunked else block)
            self.owner.closing.wait(self.owner.pause)
        if breaks:
            self._break_off()
        elif chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _break_off(self) -> None:
        if self.fault.kind == "stall":
            self.owner.closing.wait(self.fault.seconds)
        self.close_connection = True
        if self.fault.kind == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())


def _flipped(data: bytes, at: float) -> bytes:
    """One bit flipped, not among the first or last 32 bytes: not all bits of an archive's frame are checked."""
    place = 32 + int((len(data) - 64) * at)
    return data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]


def _multipart(data: bytes, start: int) -> bytes:
    head = f"--B\r\nContent-Range: bytes {start}-{len(data) - 1}/{len(data)}\r\n\r\n".encode()
    return head + data[start:] + b"\r\n--B--\r\n"
