"""HTTP(S) requests for one file: redirects, TLS, and all that goes wrong as one kind of failure."""

import re
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from vidbench.files import reason_of

CHUNK = 1 << 18  # bytes read at a time, at most
TRANSIENT = (408, 425, 429)  # and all of 5xx: the same request may work later
MAX_WAIT = 60  # seconds between two attempts
CONTENT_RANGE = re.compile(r"\s*bytes\s+(?:(\d+)-\d+|\*)/(\d+|\*)\s*", re.IGNORECASE)


class Failure(Exception):
    """The reason why an attempt failed. `final`: trying again is no use; `wait`: seconds that the server asks for."""

    def __init__(self, reason: str, final: bool = False, wait: float = 0) -> None:
        super().__init__(" ".join(reason.split()))
        self.final = final
        self.wait = wait


class Untrusted(Failure):
    """The connection to the server is not safe: only a known SHA-256 can vouch for what comes over it."""

    def __init__(self, cause: str, advice: str = "") -> None:
        super().__init__(cause + advice, final=True)
        self.cause = cause


class Session(requests.Session):
    """Follows redirects, but not out of checked TLS; warns where TLS is not checked."""

    def __init__(self, verify_tls: bool, loud: bool = True) -> None:
        super().__init__()
        self.verify_tls = verify_tls
        self.loud = loud

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        target = super().get_redirect_target(resp)
        if target and self.verify_tls:
            target = urljoin(resp.url, target)
            if (urlsplit(resp.url).scheme, urlsplit(target).scheme) == ("https", "http"):
                raise Untrusted(f"redirects from https to http ({host(target)})")
        return target

    def send(self, request: requests.PreparedRequest, **options: object) -> requests.Response:
        address = request.url or ""
        if not self.verify_tls and urlsplit(address).scheme == "https":
            warn_unchecked(host(address), self.loud)
        return super().send(request, **options)


@cache
def warn_unchecked(name: str, loud: bool = True) -> None:
    """Warn once per server that its certificates are not checked; not `loud`: the caller has said why."""
    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    if loud:
        text = f"WARNING: TLS certificates of {name} are not checked (download.verify_tls: false)"
        print(text, file=sys.stderr, flush=True)


def read_chunks(response: requests.Response, timeout: float) -> Iterator[bytes]:
    """Yield the body as it arrives, never decoded."""
    with network_errors(timeout):
        # read1, because read loses its bytes when the connection breaks.
        while chunk := response.raw.read1(CHUNK, decode_content=False):
            yield chunk


@contextmanager
def network_errors(timeout: float) -> Iterator[None]:
    """Turn what requests and urllib3 raise (all are OSError, ValueError or HTTPError) into a Failure."""
    try:
        yield
    except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:
        raise Failure(f"no byte for {timeout:g} s") from error
    except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:
        cause = innermost(error)
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise certificate_failure(cause) from error
        proxy = "proxy: " if isinstance(error, requests.exceptions.ProxyError) else ""
        # A ValueError is an address that cannot be asked.
        final = isinstance(error, ValueError | requests.TooManyRedirects)
        raise Failure(proxy + reason_of(cause), final) from error


def certificate_failure(cause: ssl.SSLCertVerificationError) -> Untrusted:
    """Return the failure for a certificate that could not be verified."""
    return Untrusted(
        f"its TLS certificate is refused: {cause.verify_message}",
        "; with download.verify_tls: false it is not checked",
    )


def innermost(error: Exception) -> Exception:
    """Return the error inside the errors that the libraries wrap around it."""
    inner = next((part for part in (error.__cause__, *error.args) if isinstance(part, Exception)), None)
    return error if inner is None else innermost(inner)


def refusal(response: requests.Response) -> Failure:
    """Return the failure for a response with an unwanted status."""
    status = response.status_code
    try:
        wait = urllib3.Retry().get_retry_after(response.raw) or 0
    except (ValueError, urllib3.exceptions.InvalidHeader):
        wait = 0
    return Failure(f"answers {status} {response.reason or ''}", is_final(status), min(wait, MAX_WAIT))


def is_final(status: int) -> bool:
    """Return whether the same request would get this HTTP status again."""
    return 300 <= status < 500 and status not in TRANSIENT


def parse_content_range(response: requests.Response) -> tuple[int | None, int | None]:
    """Return the first sent byte and the whole file's length; None for what Content-Range does not say."""
    match = CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    start, total = match.groups() if match else (None, "*")
    return None if start is None else int(start), None if total == "*" else int(total)


def host(address: str) -> str:
    """Return the part of an address that names the server, without a user's name and password."""
    return address.partition("://")[2].partition("/")[0].rpartition("@")[2] or address
