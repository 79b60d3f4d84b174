"""Lines on a terminal with a bar below them, or in a log file without one."""

import os
import textwrap
from typing import TextIO

from tqdm import tqdm

WIDTH = 120  # characters of a line, at most
RED, YELLOW = 31, 33
BAR = "|{bar:16}| {n_fmt}/{total_fmt} jobs{desc}"


class Screen:
    """Where a run's lines go."""

    def __init__(self, stream: TextIO, coloured: bool = True) -> None:
        """`coloured`: where `stream` is a terminal."""
        self.stream = stream
        self.is_terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._coloured = coloured and self.is_terminal
        self._bar: tqdm | None = None
        self.lines = 0  # said so far

    def say(self, text: str, colour: int | None = None) -> None:
        """Write text above the bar; lines that are too long continue indented in the next one."""
        for line in text.split("\n"):
            pieces = _wrapped(line)
            self.lines += len(pieces)
            wrapped = "\n".join(pieces)
            if colour and self._coloured and wrapped:
                wrapped = f"\033[{colour}m{wrapped}\033[0m"
            tqdm.write(wrapped, file=self.stream) if self._bar else print(wrapped, file=self.stream)
        self.stream.flush()

    def open_bar(self, total: int) -> None:
        """Show a bar from here on, on a terminal."""
        if self.is_terminal:
            self._bar = tqdm(
                total=total, file=self.stream, leave=False, ncols=self._columns(), bar_format=BAR, mininterval=0
            )

    def draw_bar(self, done: int, text: str) -> None:
        """Draw the bar again."""
        if self._bar is not None:
            self._bar.n = done
            self._bar.ncols = self._columns()
            self._bar.set_description_str(text, refresh=False)
            self._bar.refresh()

    def _columns(self) -> int:
        """Return how wide a bar may be: the terminal shows ^C behind it, which must not begin a new line."""
        try:
            columns = os.get_terminal_size(self.stream.fileno()).columns
        except (OSError, ValueError):
            columns = 80
        return max(20, min(columns, WIDTH) - 4)

    def clear_bar(self) -> None:
        """Take the bar away until it is drawn again: somebody else writes a line."""
        if self._bar is not None:
            self._bar.clear()

    def close_bar(self) -> None:
        """Take the bar away, for good."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _wrapped(line: str) -> list[str]:
    """Return a line in pieces of WIDTH; a longer word, e.g. a path, stays whole: it is there to be copied."""
    if len(line) <= WIDTH:
        return [line]
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.wrap(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
