"""The text of a person's CSV file, whatever program and country wrote it, and its rows of cells."""

import csv
import io
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from vidbench.datasets.manifest_header import is_header
from vidbench.datasets.white_space import BLANKS
from vidbench.errors import UserError

DELIMITERS = ",;\t|"  # a spreadsheet writes semicolons where the comma is the decimal sign
BYTE_ORDER_MARKS = {
    b"\xef\xbb\xbf": "utf-8", b"\xff\xfe\x00\x00": "utf-32-le", b"\x00\x00\xfe\xff": "utf-32-be",
    b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be",
}  # fmt: skip
OTHER_FILES = {
    b"PK\x03\x04": "a spreadsheet (.xlsx, .ods) or another zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel file (.xls)",
    b"\x1f\x8b": "compressed", b"%PDF": "a PDF", b"PAR1": "a Parquet file", b"{\\rtf": "a document (.rtf)",
    b"<html": "an HTML page", b"<!DOCTYPE": "an HTML page", b"<?xml": "XML",
}  # fmt: skip
HEAD = 64  # bytes at the beginning, mostly the header's plain letters
MAX_ABOVE = 1000  # lines that are searched for the header
SEPARATOR = re.compile(r'"?sep=(.)"?', re.IGNORECASE)  # a first line for Excel
# A text that is not cp1252 shows, read as cp1252, a capital behind a small letter, three letters beyond ASCII in a row,
# or a word of nothing else.
STRANGE = re.compile(r"[a-zß-ö][À-ÖØ-ÞŠŽŸ]|[^\x00-\x7f]{3}|(?<!\w)[À-ÿŠŽŸšžœŒ]{2,}(?!\w)|ÿ")


@dataclass(frozen=True)
class Table:
    """The rows of a CSV file, each with the number of the line that it ends on."""

    header: list[str]
    rows: list[tuple[int, list[str]]]
    delimiter: str
    remarks: list[str] = field(default_factory=list)


def read_table(path: Path | str) -> Table:
    """Read the rows below the header; raise UserError where the file is no text, or a quote is never closed.

    Lines above the header (empty ones, comments, Excel's `sep=;`, a title) are skipped.
    """
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError as error:
        raise UserError(
            f"{path}: no such file; write it (path,label,group; a row per video), or correct `manifest` in the config"
        ) from error
    except IsADirectoryError as error:
        raise UserError(
            f"{path}: is a folder, not a CSV file; name the file in it, or set `kind: folder` and `root` for a folder"
            " per class"
        ) from error
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    text, remarks = decode(path, data)
    file = io.StringIO(text.rstrip("\x1a"), newline="")
    start = _find_header(file)
    reader = csv.reader(file, delimiter=start.delimiter, strict=True)
    try:
        header = next(reader, [])
        rows = [(start.above + reader.line_num, row) for row in reader]
    except csv.Error as error:
        line = start.above + reader.line_num
        raise UserError(f"{path}: not a CSV file in UTF-8: {error}, in line {line}; {_quote_advice(text)}") from error
    if start.title:
        remarks.append(f"the header is in line {start.above + 1}; what stands above it ('{start.title}') is not read")
    return Table(header, rows, start.delimiter, remarks)


def decode(path: Path | str, data: bytes) -> tuple[str, list[str]]:
    """Return the text of a file, and a remark where its encoding had to be guessed; UserError where it is no text."""
    for beginning, kind in OTHER_FILES.items():
        if data[: len(beginning)].lower() == beginning.lower():
            raise UserError(f"{path}: is {kind}, not a CSV file; export the table as CSV (UTF-8) and name that file")
    mark = next((mark for mark in BYTE_ORDER_MARKS if data.startswith(mark)), b"")
    encoding = BYTE_ORDER_MARKS.get(mark) or _utf16_without_mark(data[:HEAD]) or "utf-8"
    remarks: list[str] = []
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8" or mark:
            raise UserError(f"{path}: not a CSV file in {encoding.upper()}: {error}; save it as UTF-8") from error
        text, remarks = _decode_western(path, data, error)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UserError(f"{path}: has a null byte in line {line}, so it is damaged or no text; export it as CSV again")
    return text, remarks


def _utf16_without_mark(head: bytes) -> str | None:
    """Return the byte order of UTF-16 whose first letters are plain, so that every second byte is null."""
    for encoding, nulls, others in (("utf-16-le", head[1::2], head[0::2]), ("utf-16-be", head[0::2], head[1::2])):
        if nulls.count(0) > len(nulls) / 2 and not others.count(0):
            return encoding
    return None


def _decode_western(path: Path | str, data: bytes, reason: UnicodeDecodeError) -> tuple[str, list[str]]:
    """Return the text read as Windows-1252, with a remark; UserError where its words then look strange."""
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = ""
    if not text or STRANGE.search(text):
        line = data.count(b"\n", 0, reason.start) + 1
        raise UserError(f"{path}: not a CSV file in UTF-8 (line {line}); save it as UTF-8") from reason
    word = re.findall(r"[^\s,;|]*[^\x00-\x7f][^\s,;|]*", text)[0]
    return text, [f"is not in UTF-8 and was read as Windows-1252 (e.g. '{word}'): save it as UTF-8 if that is wrong"]


@dataclass(frozen=True)
class _Header:
    """A line that may be the header."""

    place: int  # in the file
    above: int  # lines before it
    delimiter: str
    text: str
    title: str = ""  # a line above it that is neither empty nor a comment


def _find_header(file: io.StringIO) -> _Header:
    """Return the first line that names a path and a label, or else the first that is neither empty nor a comment.

    `file` is left at that line.
    """
    named = ""
    first = None
    above = 0
    while above < MAX_ABOVE:
        place = file.tell()
        line = file.readline()
        content = line.strip(BLANKS)
        if not line:
            break
        if separator := SEPARATOR.fullmatch(content):
            named = separator[1]
        elif content.strip(DELIMITERS + BLANKS):
            delimiter = named or _guess_delimiter(content)
            candidate = _Header(place, above, delimiter, content)
            if is_header(_split_cells(content, delimiter)):
                first = replace(candidate, title=first.text if first else "")
                break
            if not content.startswith("#"):
                first = first or candidate
        above += 1
    first = first or _Header(file.tell(), above, named or ",", "")
    file.seek(first.place)
    return first


def _guess_delimiter(header: str) -> str:
    """Return the delimiter by which the header names a path and a label, or its most frequent one."""
    fitting = (delimiter for delimiter in DELIMITERS if is_header(_split_cells(header, delimiter)))
    return next(fitting, max(DELIMITERS, key=header.count))


def _split_cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _quote_advice(text: str) -> str:
    odd = text.count('"') % 2
    return 'a quote (") is opened and never closed' if odd else 'write a quote (") within quotes twice, or leave it out'
