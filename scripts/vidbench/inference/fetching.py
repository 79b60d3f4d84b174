"""Fetching a video from an http(s) address into a temporary file."""

import shutil
import time
from pathlib import Path

from vidbench.errors import UserError

TIMEOUT = 30  # seconds without a byte
SLOW = 60  # seconds after which a video has to come at MIN_RATE
MIN_RATE = 1000  # bytes per second: less is no video, but a server that stalls
CHUNK = 1 << 20
MIN_FREE = 256 << 20  # bytes that are left free on the disk: an address may be that of a stream without an end


def fetch(address: str, path: Path) -> Path:
    """Fetch a video to `path` and return it; UserError with the reason where that fails."""
    import requests
    from urllib3.exceptions import HTTPError

    try:
        with requests.get(address, stream=True, timeout=TIMEOUT) as response, open(path, "wb") as file:
            response.raise_for_status()
            begin, size = time.monotonic(), 0
            while block := response.raw.read1(CHUNK, decode_content=True):  # what is there: waits for no whole CHUNK
                file.write(block)
                size += len(block)
                _check_transfer(address, size, time.monotonic() - begin, path)
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:  # ValueError: an address that is none
        path.unlink(missing_ok=True)
        status = getattr(getattr(error, "response", None), "status_code", None)
        reason = f"the server answers {status}" if status else " ".join(str(error).split())[:200]
        raise UserError(f"{address}: cannot be fetched: {reason}") from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _check_transfer(address: str, size: int, seconds: float, path: Path) -> None:
    """Raise UserError where a server sends almost nothing, or more than the disk holds."""
    if seconds > SLOW and size < MIN_RATE * seconds:
        raise UserError(f"{address}: cannot be fetched: the server has sent {size} bytes in {seconds:.0f} s")
    if shutil.disk_usage(path.parent).free < MIN_FREE:
        raise UserError(f"{address}: cannot be fetched: the disk of {path.parent} is full after {size} bytes of it")
