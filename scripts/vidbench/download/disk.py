"""Space on the disk, checked before the first byte of a data set is fetched."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from vidbench.download.fetch import Remote, Settings
from vidbench.download.http_session import Failure, Session, network_errors
from vidbench.errors import UserError

GIGABYTE = 1e9
MAX_SIZE_TIMEOUT = 10  # seconds to wait for a file's size


def check_room(folder: Path, need: int, advice: str) -> None:
    """Print how much disk is needed at most, in GB; UserError where `need` (bytes) is more than is free."""
    free = shutil.disk_usage(folder).free
    print(f"disk: {need / GIGABYTE:.2f} GB needed at most, {free / GIGABYTE:.2f} GB free", flush=True)
    if need > free:
        raise UserError(
            f"{folder}: needs {need / GIGABYTE:.2f} GB, and {free / GIGABYTE:.2f} GB are free; free the disk,"
            f" make this folder a link to a larger one{advice}"
        )


def ask_size(remote: Remote, settings: Settings) -> int | None:
    """Ask the servers for a file's size in bytes; None where no server tells."""
    timeout = min(settings.timeout, MAX_SIZE_TIMEOUT)
    with Session(settings.verify_tls) as session:
        for address in remote.addresses:
            try:
                with network_errors(timeout):
                    answer = session.head(address, allow_redirects=True, timeout=timeout, verify=settings.verify_tls)
            except Failure:
                continue
            if answer.ok and answer.headers.get("Content-Length", "").isdecimal():
                return int(answer.headers["Content-Length"])
    return None


def peak_bytes(sizes: dict[str, int], remote: Iterable[str], keep_archives: bool, parallel: int) -> int:
    """Return the bytes needed at most for archives of these sizes and their videos, which packing makes no smaller.

    `remote`: names of the archives that have to be fetched first, `parallel` at a time.
    """
    fetched = sorted((sizes[name] for name in remote if name in sizes), reverse=True)
    return sum(sizes.values()) + sum(fetched if keep_archives else fetched[:parallel])
