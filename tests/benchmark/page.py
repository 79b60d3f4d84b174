"""The page that benchmarks write their tables into, docs/performance.md."""

from pathlib import Path

from vidbench.files import write_text

PROJECT = Path(__file__).resolve().parents[2]
PAGE = PROJECT / "docs" / "performance.md"
END = "<!-- end -->"


def replace_block(page: Path, command: str, text: str) -> None:
    """Replace what a command has written into a page between its two comments."""
    begin = f"<!-- written by {command} -->"
    before, rest = page.read_text(encoding="utf-8").split(begin)
    write_text(page, f"{before}{begin}\n{text}\n{END}{rest.split(END, 1)[1]}")
