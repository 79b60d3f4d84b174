"""Nothing half-written: atomic files, locks, one-line errors."""

import errno
import fcntl
import os
from pathlib import Path

import pytest

from vidbench.errors import UserError
from vidbench.files import atomic_path, digest, exclusive, read_csv, read_json_map, write_csv, write_json


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "new" / "file.txt"
    with pytest.raises(ZeroDivisionError), atomic_path(target) as temporary:
        temporary.write_text(str(1 / 0 if temporary.write_text("half") else ""))
    assert list(target.parent.iterdir()) == []
    with atomic_path(target) as temporary:
        temporary.write_text("whole")
        assert not target.exists()
    assert [path.name for path in target.parent.iterdir()] == ["file.txt"]


def test_an_old_file_survives_a_failed_write(tmp_path: Path) -> None:
    target = tmp_path / "file.json"
    write_json(target, {"a": 1})
    with pytest.raises(ValueError, match="Out of range"):
        write_json(target, {"a": float("nan")})
    assert target.read_text() == '{\n  "a": 1\n}\n'


def test_a_folder_in_the_place_of_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot create this folder"):
        write_json(tmp_path / "file" / "below.json", {})


def test_csv_survives_commas_quotes_newlines_and_a_byte_order_mark(tmp_path: Path) -> None:
    rows = [{"path": 'a "b", c\nd.mp4', "label": "ä"}, {"path": "x", "label": ""}]
    write_csv(tmp_path / "t.csv", rows, ("path", "label"))
    assert read_csv(tmp_path / "t.csv") == rows
    (tmp_path / "bom.csv").write_bytes(b"\xef\xbb\xbfpath,label\na,b\n")
    assert read_csv(tmp_path / "bom.csv") == [{"path": "a", "label": "b"}]


def test_a_file_that_is_no_csv_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"path\n\xff\xfe\n")
    with pytest.raises(UserError, match=r"x\.csv: not a CSV file in UTF-8"):
        read_csv(tmp_path / "x.csv")


def test_digest_depends_on_content_only() -> None:
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1}) != digest({"a": 1, "b": [3]})


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_disk_without_locks_is_a_loud_warning(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def refuse(_file: object, _operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "lockf", refuse)
    with exclusive(tmp_path / ".lock"):
        (tmp_path / "written").touch()
    said = capsys.readouterr().out
    assert said.startswith(f"WARNING: {tmp_path}/.lock: this disk has no file locks")
    assert said.count("\n") == 1


def test_a_json_file_that_has_to_hold_a_map(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    for text, words in (("[1]", "holds no settings"), ("{", "cannot be read as JSON"), ("[" * 100_000, "as JSON")):
        path.write_text(text)
        with pytest.raises(UserError, match=words) as caught:
            read_json_map(path, "settings")
        assert str(caught.value).startswith(f"{path}: ")
        assert "\n" not in str(caught.value)
    path.write_text('{"a": 1}')
    assert read_json_map(path) == {"a": 1}
