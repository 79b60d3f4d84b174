"""A stand-in for the Hugging Face Hub on a port of 127.0.0.1: one data set, listed and served as the Hub does."""

import hashlib
import json
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, unquote, urlsplit

COMMIT, NEXT_COMMIT = "a" * 40, "b" * 40
PAGE = 50  # entries of a list that come at a time; the Hub sends 1,000


@dataclass
class Hub:
    """What the stand-in has and how it behaves.

    `commits`: path -> bytes of each; `main` is the newest. Videos are large files, known by their SHA-256 and served
    by a redirect to another server, the CDN; the rest is small, known by git's hash, and served at once.
    `sent` replaces what is sent under a path, `statuses` are used up one a request for a path that fits the pattern.
    """

    commits: dict[str, dict[str, bytes]]
    dataset: str = "CVML-TueAI/HMDB51"
    kind: str = "dataset"  # or model, whose files have another address
    main: str = COMMIT
    token: str | None = None
    sent: dict[str, bytes] = field(default_factory=dict)
    listed: list[dict] = field(default_factory=list)  # further entries of the list, as they are
    statuses: dict[str, list[int]] = field(default_factory=dict)
    pause: float = 0.0  # seconds before each file
    tls: ssl.SSLContext | None = None  # of the Hub; the CDN does without
    requests: list[tuple[str, str]] = field(default_factory=list)
    secrets_sent_away: list[str] = field(default_factory=list)  # tokens that came to the CDN

    def __enter__(self) -> "Hub":
        self.lock = threading.Lock()
        self.server, self.cdn = _serve(self), _serve(self)
        if self.tls:
            self.server.socket = self.tls.wrap_socket(self.server.socket, server_side=True)
        return self

    def __exit__(self, *_error: object) -> None:
        for server in (self.server, self.cdn):
            server.shutdown()
            server.server_close()

    @property
    def address(self) -> str:
        """What HF_ENDPOINT has to be."""
        return _address(self.server).replace("http:", "https:" if self.tls else "http:")

    def fetched(self) -> list[str]:
        """Paths of the files that were sent, in their order."""
        sent = [path for method, path in self.requests if method == "GET" and path.startswith("/cdn/")]
        return [path.split("/", 3)[3] for path in sent]

    def tree(self, commit: str) -> list[dict]:
        """The list of a commit's files."""
        files = [_entry(path, data) for path, data in sorted(self.commits[commit].items())]
        folders = sorted({path.rpartition("/")[0] for path in self.commits[commit]} - {""})
        return [
            *({"type": "directory", "oid": "0" * 40, "size": 0, "path": path} for path in folders),
            *files,
            *self.listed,
        ]


def _serve(hub: Hub) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads, server.block_on_close = True, False
    server.handle_error = lambda *_: None  # clients that are killed hang up
    server.hub = hub
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    return server


def _address(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def is_large(path: str) -> bool:
    """Whether the Hub keeps a file as a large one."""
    return path.endswith((".avi", ".safetensors"))


def git_hash(data: bytes) -> str:
    """Git's hash of a file."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def _entry(path: str, data: bytes) -> dict:
    entry = {"type": "file", "oid": git_hash(data), "size": len(data), "path": path}
    if is_large(path):
        entry["lfs"] = {"oid": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}
    return entry


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._route()

    def do_GET(self) -> None:
        self._route()

    def _route(self) -> None:
        hub: Hub = self.server.hub
        path = unquote(urlsplit(self.path).path)
        with hub.lock:
            hub.requests.append((self.command, path))
            waiting = next(
                (codes for pattern, codes in hub.statuses.items() if codes and fnmatchcase(path, pattern)), []
            )
            status = waiting.pop(0) if waiting else 0
        if path == "/api/agent-harnesses":  # the library asks once and keeps the answer in the home folder
            return self._json({})
        api = f"/api/{hub.kind}s/{hub.dataset}/"
        files = f"/{'datasets/' if hub.kind == 'dataset' else ''}{hub.dataset}/resolve/"
        if status:
            return self._answer(status, {"Retry-After": "0"})
        if self.server is hub.cdn:
            hub.secrets_sent_away += self.headers.get_all("Authorization", [])
            return self._file(*path.removeprefix("/cdn/").split("/", 1))
        if hub.token and self.headers.get("Authorization") != f"Bearer {hub.token}":
            return self._answer(401, {"X-Error-Message": "Invalid username or password."})
        if path.startswith(api + "revision/"):
            return self._revision(path.removeprefix(api + "revision/"))
        if path.startswith(api + "tree/"):
            return self._tree(path.removeprefix(api + "tree/"))
        if path.startswith(files):
            return self._resolve(*path.removeprefix(files).split("/", 1))
        self._answer(404, {"X-Error-Code": "RepoNotFound"})

    def _revision(self, revision: str) -> None:
        commit = self._commit(revision)
        if commit:
            self._json({"id": self.server.hub.dataset, "sha": commit})

    def _commit(self, revision: str) -> str | None:
        hub: Hub = self.server.hub
        commit = hub.main if revision == "main" else revision
        if commit not in hub.commits:
            return self._answer(404, {"X-Error-Code": "RevisionNotFound"})
        return commit

    def _tree(self, revision: str) -> None:
        commit = self._commit(revision)
        if not commit:
            return
        entries = self.server.hub.tree(commit)
        start = int(parse_qs(urlsplit(self.path).query).get("cursor", ["0"])[0])
        headers = {}
        if start + PAGE < len(entries):
            address = f"{self.server.hub.address}{urlsplit(self.path).path}?recursive=true&cursor={start + PAGE}"
            headers["Link"] = f'<{address}>; rel="next"'
        self._json(entries[start : start + PAGE], headers)

    def _resolve(self, revision: str, path: str) -> None:
        hub: Hub = self.server.hub
        commit = self._commit(revision)
        if not commit:
            return
        data = hub.commits[commit].get(path)
        if data is None:
            return self._answer(404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit})
        headers = {"X-Repo-Commit": commit, "ETag": f'"{git_hash(data)}"'}
        if not is_large(path):
            return self._answer(200, headers, hub.sent.get(path, data))
        etag = f'"{hashlib.sha256(data).hexdigest()}"'
        address = f"{_address(hub.cdn)}/cdn/{commit}/{quote(path)}"
        self._answer(302, headers | {"X-Linked-Etag": etag, "X-Linked-Size": str(len(data)), "Location": address})

    def _file(self, commit: str, path: str) -> None:
        hub: Hub = self.server.hub
        time.sleep(hub.pause)
        self._answer(200, {}, hub.sent.get(path, hub.commits[commit][path]))

    def _json(self, value: object, headers: dict[str, str] | None = None) -> None:
        self._answer(200, {"Content-Type": "application/json", **(headers or {})}, json.dumps(value).encode())

    def _answer(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


def hmdb51_files(texts: dict[str, str], content: Callable[[str], bytes]) -> dict[str, bytes]:
    """The Hub's files of the official lists `texts` (name -> text): a list a split, and videos, by their names."""
    files: dict[str, bytes] = {}
    for split in (1, 2, 3):
        rows = []
        for name in sorted(name for name in texts if name.endswith(f"_test_split{split}.txt")):
            label = name.removesuffix(f"_test_split{split}.txt")
            for line in texts[name].splitlines():
                video, _, subset = line.strip().rpartition(" ")
                path = f"Videos/{label}/{video}"
                rows.append({"video_path": path, "label": label, "subset": int(subset)})
                files.setdefault(path, content(video.removesuffix(".avi")))
        files[f"metadata_split{split}.jsonl"] = "".join(json.dumps(row) + "\n" for row in rows).encode()
    return files | {"README.md": b"# HMDB51\n", "webdataset/000000.tar": b"not wanted"}
