"""Lines and a bar, on a terminal and in a file."""

import io

import pytest

from vidbench.workflow.screen import RED, Screen


class FakeTerminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_file_gets_plain_lines_and_no_bar() -> None:
    stream = io.StringIO()
    screen = Screen(stream)
    screen.open_bar(3)
    screen.say("a\nb", RED)
    screen.draw_bar(1, ", about 5 s left")
    screen.clear_bar()
    screen.close_bar()
    assert stream.getvalue() == "a\nb\n"


def test_a_terminal_gets_colours_and_a_bar_below_the_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = FakeTerminal()
    screen = Screen(stream)
    screen.open_bar(4)
    screen.draw_bar(1, ", about 5 s left")
    assert stream.getvalue().endswith("| 1/4 jobs, about 5 s left")
    screen.say("a line", RED)
    before, after = stream.getvalue().split("\033[31ma line\033[0m\n")
    assert before.rstrip(" ").endswith("\r")  # the bar is gone
    assert "1/4 jobs" in after
    screen.close_bar()
    assert stream.getvalue().rstrip(" ").endswith("\r")


@pytest.mark.parametrize(("term", "coloured"), [("dumb", True), ("xterm", False)])
def test_colours_only_where_they_are_wanted(term: str, coloured: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", term)
    stream = FakeTerminal()
    Screen(stream, coloured).say("a line", RED)
    assert stream.getvalue() == "a line\n"


def test_long_lines_continue_indented_and_paths_stay_whole() -> None:
    stream = io.StringIO()
    path = "results/" + "x" * 150
    Screen(stream).say("  " + "word " * 40 + path)
    lines = stream.getvalue().splitlines()
    assert len(lines[0]) <= 120
    assert all(line.startswith("    ") for line in lines[1:])
    assert lines[-1] == f"    {path}"
