"""A stand-in for the Hugging Face Hub that takes uploads: it makes repositories, and files come by git or LFS."""

import base64
import hashlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

COMMIT = "c" * 40
LARGE = (".safetensors", ".png")


@dataclass
class UploadHub:
    """What the stand-in has received and how it behaves."""

    token: str = "hf_secret"
    repositories: dict[str, bool] = field(default_factory=dict)  # OWNER/NAME -> private
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)  # of each repository, by path
    statuses: dict[str, int] = field(default_factory=dict)  # answered to a path that ends so, always
    requests: list[tuple[str, str]] = field(default_factory=list)
    blobs: dict[str, bytes] = field(default_factory=dict)  # large files by SHA-256
    cards: list[str] = field(default_factory=list)  # that it was asked to validate

    def __enter__(self) -> "UploadHub":
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.server.daemon_threads, self.server.block_on_close = True, False
        self.server.hub = self
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def address(self) -> str:
        """What HF_ENDPOINT has to be."""
        return f"http://127.0.0.1:{self.server.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        self._route(b"")

    def do_POST(self) -> None:
        self._route(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    do_PUT = do_POST

    def _route(self, body: bytes) -> None:
        hub: UploadHub = self.server.hub
        path = unquote(urlsplit(self.path).path)
        hub.requests.append((self.command, path))
        status = next((status for end, status in hub.statuses.items() if path.endswith(end)), 0)
        if status:
            return self._answer(status, {"error": "said by the server"})
        if path.startswith("/blobs/"):
            hub.blobs[hashlib.sha256(body).hexdigest()] = body
            return self._answer(200, {})
        if self.headers.get("Authorization") != f"Bearer {hub.token}":
            return self._answer(401, {"error": "Invalid username or password."})
        if path == "/api/repos/create":
            return self._create(json.loads(body))
        if path == "/api/validate-yaml":
            hub.cards.append(json.loads(body)["content"])
            return self._answer(200, {"warnings": [], "errors": []})
        if path.endswith("/info/lfs/objects/batch"):
            return self._batch(json.loads(body))
        parts = path.removeprefix("/api/models/").split("/")
        name = "/".join(parts[:2])
        if name not in hub.repositories:
            return self._answer(404, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"})
        if len(parts) == 2:
            return self._answer(200, {"id": name, "private": hub.repositories[name], "sha": COMMIT, "siblings": []})
        if parts[2] == "preupload":
            return self._preupload(json.loads(body))
        if parts[2] == "commit":
            return self._commit(name, body)
        return self._answer(404, {"error": "no such page"})

    def _create(self, wanted: dict) -> None:
        hub: UploadHub = self.server.hub
        name = f"{wanted['organization']}/{wanted['name']}"
        if name in hub.repositories:
            return self._answer(409, {"error": "You already created this model repo", "url": f"{hub.address}/{name}"})
        hub.repositories[name] = wanted.get("visibility") == "private" or wanted.get("private") is True
        return self._answer(200, {"url": f"{hub.address}/{name}"})

    def _preupload(self, wanted: dict) -> None:
        modes = {file["path"]: "lfs" if file["path"].endswith(LARGE) else "regular" for file in wanted["files"]}
        files = [{"path": path, "uploadMode": mode, "shouldIgnore": False} for path, mode in modes.items()]
        self._answer(200, {"files": files})

    def _batch(self, wanted: dict) -> None:
        hub: UploadHub = self.server.hub
        objects = [
            {**entry, "actions": {"upload": {"href": f"{hub.address}/blobs/{entry['oid']}"}}}
            for entry in wanted["objects"]
        ]
        self._answer(200, {"transfer": "basic", "objects": objects})

    def _commit(self, name: str, body: bytes) -> None:
        hub: UploadHub = self.server.hub
        files = hub.files.setdefault(name, {})
        for line in map(json.loads, body.splitlines()):
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                files[value["path"]] = hub.blobs[value["oid"]]
        self._answer(200, {"commitUrl": f"{hub.address}/{name}/commit/{COMMIT}", "commitOid": COMMIT})

    def _answer(self, status: int, value: object, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
