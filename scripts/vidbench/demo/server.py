"""Serving the page on this machine alone, until Ctrl-C."""

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vidbench.demo.gate import HOST, Gate
from vidbench.errors import UserError

GRACE = 1  # seconds for what is under way when the server ends


def set_up_libraries() -> None:
    """Keep gradio and the Hub's library from asking any other machine; before they are imported."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["HF_HUB_OFFLINE"] = "1"
    for name in ("GRADIO_SHARE", "GRADIO_MCP_SERVER", "GRADIO_SSR_MODE", "GRADIO_ROOT_PATH", "GRADIO_LOCAL_DEV_MODE"):
        os.environ.pop(name, None)


def open_socket(port: int) -> socket.socket:
    """Return a socket that listens at this port of 127.0.0.1 (0: any free one); UserError where it is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()  # until then another page could take the same port
    except (OSError, OverflowError) as error:
        listener.close()
        raise UserError(f"--port {port}: {getattr(error, 'strerror', error)}; give another one") from error
    return listener


def end_with_terminal() -> None:
    """Let SIGHUP, of a terminal that is closed, end this process as SIGTERM does; under nohup it stays ignored."""
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda _signal, _frame: signal.raise_signal(signal.SIGTERM))


def serve(app: Any, listener: socket.socket, max_bytes: int, uploads: Path, ready: Callable[[str], None]) -> None:
    """Serve an ASGI application until Ctrl-C or SIGTERM; `ready` gets its address when it answers.

    `max_bytes` of an uploaded file, and `uploads`, their folder: see Gate.
    """
    import uvicorn  # pyright: ignore[reportMissingImports]

    port = listener.getsockname()[1]

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready(f"http://{HOST}:{port}/")

    config = uvicorn.Config(
        Gate(app, port, max_bytes, uploads), log_level="warning", access_log=False, server_header=False, ws="none",
        timeout_graceful_shutdown=GRACE,
    )  # fmt: skip
    Server(config).run(sockets=[listener])
