"""Requests to the Hugging Face Hub through huggingface_hub, and all that goes wrong as one kind of failure.

The library is imported on first use: it takes a second, and most data sets do not need it.
"""

import os
import shutil
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from vidbench.download.fetch import Settings
from vidbench.download.http_session import (
    Failure,
    Untrusted,
    certificate_failure,
    host,
    innermost,
    is_final,
    warn_unchecked,
)
from vidbench.errors import UserError
from vidbench.files import make_folder, reason_of, write_errors

if TYPE_CHECKING:
    import httpx2

Entry = tuple[str, int, str]  # path, bytes, hash
NO_ACCESS = "; set HF_TOKEN to a token that may read it"


class HubClient:
    """The Hub's files of one data set, or of one model. All methods raise Failure."""

    def __init__(self, dataset: str, settings: Settings, kind: str = "dataset") -> None:
        self.dataset = dataset
        self.kind = kind
        self.settings = settings
        self.hub = _import_hub(settings)
        self.endpoint = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
        self.api = self.hub.HfApi(endpoint=self.endpoint)
        self.offline: bool = self.hub.is_offline_mode()
        self.snapshot: Path | None = None  # the cache's folder of a commit, offline

    def newest_commit(self, branch: str = "main") -> str:
        """Return the newest commit of a branch."""
        with self._errors():
            return str(self.api.repo_info(self.dataset, repo_type=self.kind, revision=branch).sha)

    def list_files(self, commit: str) -> list[Entry]:
        """Return all files of a commit."""
        with self._errors():
            tree = self.api.list_repo_tree(self.dataset, repo_type=self.kind, revision=commit, recursive=True)
            files = [entry for entry in tree if isinstance(entry, self.hub.hf_api.RepoFile)]
            return [(file.path, int(file.size), file.lfs.sha256 if file.lfs else file.blob_id) for file in files]

    def fetch_file(self, path: str, commit: str, folder: Path, use_cache: bool) -> None:
        """Copy a file to its path below `folder`, from this machine's cache of the Hub or from the Hub itself."""
        if self.snapshot:
            with write_errors(folder):
                make_folder((folder / path).parent)
                shutil.copyfile(self.snapshot / path, folder / path)
            return
        with self._errors():
            self.hub.hf_hub_download(
                self.dataset,
                path,
                repo_type=self.kind,
                revision=commit,
                local_dir=folder,
                cache_dir=None if use_cache else folder / ".cache" / "none",
                endpoint=self.endpoint,
                etag_timeout=self.settings.timeout,
            )

    def cached_files(self, revision: str | None, pattern: str) -> tuple[str, list[Entry]]:
        """Return commit and files in this machine's cache of the Hub, whose blobs are named by their hashes."""
        try:
            snapshot = Path(
                self.hub.snapshot_download(
                    self.dataset,
                    repo_type=self.kind,
                    revision=revision or "main",
                    allow_patterns=pattern,
                    local_files_only=True,
                )
            )
        except OSError as error:
            raise Failure(
                f"HF_HUB_OFFLINE is set, and the Hub's cache {self.hub.constants.HF_HUB_CACHE} does not hold all of"
                f" {self.dataset} at {revision or 'main'}",
                final=True,
            ) from error
        self.snapshot = snapshot
        files = [(path.relative_to(snapshot).as_posix(), path) for path in snapshot.rglob("*") if path.is_file()]
        return snapshot.name, [
            (name, path.stat().st_size, path.resolve().name) for name, path in files if fnmatchcase(name, pattern)
        ]

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn the library's errors into a Failure, and an error of the disk into one line."""
        try:
            yield
        except (Failure, UserError):
            raise
        except self.hub.errors.LocalEntryNotFoundError as error:  # no copy here, and the Hub did not answer
            raise self._failure(error.__cause__ or error) from error
        except Exception as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> Failure:
        import httpx2

        response = getattr(error, "response", None)
        cause = innermost(error)
        if response is not None:
            return _refusal(response)
        if isinstance(error, httpx2.TimeoutException):
            return Failure(f"no byte for {self.settings.timeout:g} s")
        if isinstance(cause, ssl.SSLCertVerificationError):
            return certificate_failure(cause)
        if isinstance(error, OSError) and error.errno is not None:
            raise UserError(f"{error.filename or 'the disk'}: cannot be written: {error.strerror}") from error
        if isinstance(error, (httpx2.HTTPError, OSError)):
            return Failure(reason_of(cause))
        if isinstance(error, Failure):
            return error
        return Failure(
            f"sends an answer that is not understood ({type(error).__name__}: {reason_of(error)})", final=True
        )


def _refusal(response: "httpx2.Response") -> Failure:
    """Return the failure for an unwanted status. The library has waited already where the server asked it to."""
    status = response.status_code
    advice = NO_ACCESS if status in (401, 403) else ""
    return Failure(f"answers {status} {response.reason_phrase}{advice}", is_final(status))


def _import_hub(settings: Settings) -> ModuleType:
    """Import and set up the library: quiet, plain HTTPS, which suits small files, this project's rules for requests."""
    os.environ.setdefault("HF_HUB_DISABLE_XET", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_HUB_DOWNLOAD_TIMEOUT", str(max(1, round(settings.timeout))))
    import httpx2
    import huggingface_hub

    limit = httpx2.Timeout(settings.timeout)

    def prepare(request: httpx2.Request) -> None:
        if not any(request.extensions.get("timeout", {}).values()):  # the library asks for lists without a limit
            request.extensions["timeout"] = limit.as_dict()
        if not settings.verify_tls and request.url.scheme == "https":
            warn_unchecked(request.url.host)

    def check(response: httpx2.Response) -> None:
        target = urljoin(str(response.url), response.headers.get("Location", "") if response.is_redirect else "")
        if settings.verify_tls and (response.url.scheme, urlsplit(target).scheme) == ("https", "http"):
            raise Untrusted(f"redirects from https to http ({host(target)})")
        if response.status_code == 429:
            print(f"{response.url.host}: asks for fewer requests; waiting", flush=True)

    hooks = {"request": [prepare], "response": [check]}
    huggingface_hub.set_client_factory(
        lambda: httpx2.Client(event_hooks=hooks, follow_redirects=True, verify=settings.verify_tls, timeout=limit)
    )
    huggingface_hub.utils.logging.set_verbosity_error()
    return huggingface_hub
