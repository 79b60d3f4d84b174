"""Room on the disk, looked at before the first byte of a data set is fetched."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from vidbench.download.fetch import Remote, Settings
from vidbench.download.http_session import Failure, Session, network_errors
from vidbench.errors import UserError

GIGABYTE = 1e9
MAX_QUESTION_SECONDS = 10  # seconds to wait for a file's size


def check_room(folder: Path, need: int, advice: str) -> None:
    """Say how much disk is needed at most; UserError where that is not there."""
    free = shutil.disk_usage(folder).free
    print(f"disk: {need / GIGABYTE:.2f} GB needed at most, {free / GIGABYTE:.2f} GB free", flush=True)
    if need > free:
        raise UserError(
            f"{folder}: needs {need / GIGABYTE:.2f} GB, and {free / GIGABYTE:.2f} GB are free; free the disk,"
            f" make this folder a link to a larger one{advice}"
        )


def remote_size(remote: Remote, settings: Settings) -> int | None:
    """Bytes that a server says a file has; None where none does."""
    timeout = min(settings.timeout, MAX_QUESTION_SECONDS)
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


def peak_need(sizes: dict[str, int], remote: Iterable[str], keep_archives: bool, parallel: int) -> int:
    """Bytes needed at most for archives of these sizes: videos do not get smaller by packing.

    `remote`: those that have to be fetched first.
    """
    fetched = sorted((sizes[name] for name in remote if name in sizes), reverse=True)
    return sum(sizes.values()) + sum(fetched if keep_archives else fetched[:parallel])
