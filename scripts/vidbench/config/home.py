"""`~` at the beginning of a path in the configuration, which no shell fills in: a person's own folder."""

import os
from typing import Any

PATHS = frozenset([
    "manifest", "root", "lists", "archive", "weights", "network_config", "ffmpeg", "container", "shared",
])  # fmt: skip


def fill_in(config: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration, which need not be checked yet, with whole paths in place of those that begin with ~."""
    return {key: _fill_in(value, key) for key, value in config.items()}


def _fill_in(value: Any, key: str) -> Any:
    """Return a value of the configuration below `key`; the values of a search stand one level deeper, as `choice`."""
    if isinstance(value, dict):
        return {inner: _fill_in(child, key if inner == "choice" else inner) for inner, child in value.items()}
    if isinstance(value, list):
        return [_fill_in(child, key) for child in value]
    return os.path.expanduser(value) if key in PATHS and isinstance(value, str) else value
