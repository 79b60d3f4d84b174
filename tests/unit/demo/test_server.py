"""The page's port, and the signals that end it."""

import signal
import socket
from collections.abc import Iterator

import pytest

from vidbench.demo.gate import HOST
from vidbench.demo.server import end_with_terminal, open_socket
from vidbench.errors import UserError


@pytest.fixture
def signals() -> Iterator[list[int]]:
    """The signals that came; afterwards they do what they did."""
    came: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    signal.signal(signal.SIGTERM, lambda number, _frame: came.append(number))
    yield came
    for number, handler in before.items():
        signal.signal(number, handler)


def test_of_two_pages_that_start_together_the_second_is_told_so() -> None:
    with open_socket(0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(UserError, match=f"--port {port}: Address already in use; give another one"):
            open_socket(port)
        socket.create_connection((HOST, port)).close()  # it listens before it is served


def test_a_closed_terminal_ends_the_page_as_sigterm_does(signals: list[int]) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    end_with_terminal()
    signal.raise_signal(signal.SIGHUP)
    assert signals == [signal.SIGTERM]


def test_under_nohup_a_closed_terminal_changes_nothing(signals: list[int]) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    end_with_terminal()
    signal.raise_signal(signal.SIGHUP)
    assert signals == []
