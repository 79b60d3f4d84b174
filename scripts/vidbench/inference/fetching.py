"""Fetching a video from an http(s) address into a temporary file."""

from pathlib import Path

from vidbench.errors import UserError

TIMEOUT = 30  # seconds without a byte
CHUNK = 1 << 20


def fetch(address: str, path: Path) -> Path:
    """Fetch a video to `path` and return it; UserError with the reason where that fails."""
    import requests

    try:
        with requests.get(address, stream=True, timeout=TIMEOUT) as response, open(path, "wb") as file:
            response.raise_for_status()
            for block in response.iter_content(CHUNK):
                file.write(block)
    except (requests.RequestException, OSError) as error:
        path.unlink(missing_ok=True)
        status = getattr(getattr(error, "response", None), "status_code", None)
        reason = f"the server answers {status}" if status else " ".join(str(error).split())[:200]
        raise UserError(f"{address}: cannot be fetched: {reason}") from error
    return path
