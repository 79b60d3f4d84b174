"""Archives from the internet: unpacked whole or not at all, and nothing outside the folder."""

import gzip
import io
import locale
import os
import random
import re
import resource
import shutil
import signal
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections import namedtuple
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import rar_writer
from conftest import SHARED
from hypothesis import given, settings
from hypothesis import strategies as st
from rar_writer import Entry, folder, symlink, write_rar
from unrar.cffi import unrarlib

from vidbench.download.archives import unpack
from vidbench.download.archives.safety import Member
from vidbench.download.archives.zip_and_tar import Sink
from vidbench.errors import Damaged, UserError

ARCHIVES = SHARED / "archives"
KINDS = ("zip", "tar.gz", "rar")
TREE = (Entry("a/x.avi", b"1" * 300), Entry("a/b/y z.avi", bytes(range(256))), Entry("ö.txt", b""), folder("empty"))


def write_zip(path: Path, entries: list[Entry]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in entries:
            info = zipfile.ZipInfo()
            info.filename = entry.name + ("/" if stat.S_ISDIR(entry.mode) else "")  # not cut at a null byte
            info.external_attr = entry.mode << 16
            archive.writestr(info, entry.content, zipfile.ZIP_DEFLATED)
            info.flag_bits |= entry.encrypted


def write_tar(path: Path, entries: list[Entry]) -> None:
    types = {stat.S_IFDIR: tarfile.DIRTYPE, stat.S_IFLNK: tarfile.SYMTYPE, stat.S_IFIFO: tarfile.FIFOTYPE}
    with tarfile.open(path, "w:gz" if path.name.endswith("gz") else "w") as archive:
        for entry in entries:
            info = tarfile.TarInfo(entry.name)
            info.type = types.get(stat.S_IFMT(entry.mode), tarfile.REGTYPE)
            info.mode = stat.S_IMODE(entry.mode)
            if info.issym():
                info.linkname = entry.content.decode()
            else:
                info.size = len(entry.content)
            archive.addfile(info, io.BytesIO(entry.content))


def write_hard_link(path: Path, target: str) -> None:
    with tarfile.open(path, "w") as archive:
        file, link = tarfile.TarInfo("a/file"), tarfile.TarInfo("b/link")
        link.type, link.linkname = tarfile.LNKTYPE, target
        file.size = 4
        archive.addfile(link)
        archive.addfile(file, io.BytesIO(b"data"))


WRITERS: dict[str, Callable] = {"zip": write_zip, "tar": write_tar, "tar.gz": write_tar, "rar": write_rar}


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    """Write an archive of a kind, of some entries."""

    def make(kind: str, *entries: Entry, name: str = "made") -> Path:
        path = tmp_path / f"{name}.{kind}"
        WRITERS[kind](path, entries)
        return path

    return make


def contents(root: Path) -> dict[str, bytes | None]:
    """What is in a folder: bytes of files, None for folders."""
    return {str(path.relative_to(root)): None if path.is_dir() else path.read_bytes() for path in root.rglob("*")}


def unpacked(archive: Path, nested: bool = False) -> dict[str, bytes | None]:
    """What an archive unpacks to; nothing but the archive and that is left."""
    with tempfile.TemporaryDirectory() as place:
        unpack.unpack(archive, Path(place, "out"), nested)
        assert os.listdir(place) == ["out"]
        return contents(Path(place, "out"))


def refusal(archive: Path, nested: bool = False) -> UserError:
    """The one line with which an archive is refused; nothing is left then."""
    with tempfile.TemporaryDirectory() as place:
        with pytest.raises(UserError) as caught:
            unpack.unpack(archive, Path(place, "out"), nested)
        assert os.listdir(place) == []
    assert str(caught.value).startswith(f"{archive}: ")
    assert "\n" not in str(caught.value)
    return caught.value


EXPECTED = {
    "a": None,
    "a/b": None,
    "a/x.avi": b"1" * 300,
    "a/b/y z.avi": bytes(range(256)),
    "ö.txt": b"",
    "empty": None,
}


@pytest.mark.parametrize("kind", WRITERS)
def test_files_folders_and_empty_ones_come_out(make: Callable, tmp_path: Path, kind: str) -> None:
    archive = make(kind, *TREE)
    unpack.test(archive)
    assert unpack.unpack(archive, tmp_path / "new" / "out") == 3
    assert contents(tmp_path / "new" / "out") == EXPECTED


def test_an_archive_is_known_by_its_name() -> None:
    assert all(map(unpack.is_archive, ("a.zip", "a.TAR", Path("b/a.tar.gz"), "a.tgz", "UCF101.Rar", "a b.c.rar")))
    assert not any(map(unpack.is_archive, ("a.gz", "a.avi", "zip", "a.zip.part", "a.rar/b")))


def test_a_download_is_tested_before_it_has_its_name(make: Callable, tmp_path: Path) -> None:
    for kind in WRITERS:
        part = make(kind, *TREE).rename(tmp_path / f".made.{kind}.part")
        unpack.test(part)
        part.write_bytes(b"<!DOCTYPE html>")
        with pytest.raises(Damaged, match=r"it starts with '<!DOCTYPE html>'; fetch it again"):
            unpack.test(part)


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\\\0\ufffe"), min_size=1, max_size=40)
names = names.filter(lambda name: name not in (".", "..") and not re.match("[A-Za-z]:", name))
trees = st.recursive(st.binary(max_size=40), lambda inner: st.dictionaries(names, inner, max_size=4), max_leaves=12)


def entries_of(tree: dict, above: str = "") -> list[Entry]:
    entries = []
    for name, inner in tree.items():
        if isinstance(inner, bytes):
            entries.append(Entry(above + name, inner))
        else:
            entries += [folder(above + name), *entries_of(inner, f"{above}{name}/")]
    return entries


@settings(max_examples=60, deadline=None)
@given(tree=st.dictionaries(names, trees, max_size=5))
@pytest.mark.parametrize("kind", KINDS)
def test_any_tree_comes_back(kind: str, tree: dict) -> None:
    entries = entries_of(tree)
    with tempfile.TemporaryDirectory() as place:
        archive = Path(place, f"made.{kind}")
        WRITERS[kind](archive, entries)
        unpack.test(archive)
        members = unpacked(archive)
    assert members == {entry.name: None if stat.S_ISDIR(entry.mode) else entry.content for entry in entries}


@pytest.mark.parametrize("kind", KINDS)
def test_long_paths_come_back_whole(make: Callable, kind: str) -> None:
    path = "/".join(letter * 150 for letter in "abcdefghij")
    assert unpacked(make(kind, Entry(path, b"1")))[path] == b"1"


@pytest.mark.parametrize("kind", ["tar.gz", "rar"])
def test_a_name_that_is_no_text_keeps_its_bytes(make: Callable, kind: str) -> None:
    assert unpacked(make(kind, Entry("\udcffö.avi", b"1"))) == {"\udcffö.avi": b"1"}


def test_a_name_of_numbers_that_are_no_characters_is_damaged(make: Callable) -> None:
    archive = make("rar", Entry("\udcf7\udcbf\udcbf\udcbf.avi", b"1"))
    assert isinstance(refusal(archive), Damaged)


NO_RAR = ("zip", "tar.gz")  # RAR cannot hold such a name, or tells no link's target
REFUSED = [
    (KINDS, [Entry("/abs")], r"'/abs' has an absolute path"),
    (NO_RAR, [Entry("\\abs")], r"'\\\\abs' has an absolute path"),
    (KINDS, [Entry("C:/x")], r"'C:/x' has an absolute path"),
    (KINDS, [Entry("C:x")], r"'C:x' begins with a drive letter"),
    (KINDS, [Entry("a/../../x")], r"'a/\.\./\.\./x' has '\.\.' in its path"),
    (NO_RAR, [Entry("a\\..\\x")], r"has '\.\.' in its path"),
    (KINDS, [folder("a/..")], r"has '\.\.' in its path"),
    (KINDS, [Entry("./.")], r"'\./\.' has an empty name"),
    (NO_RAR, [Entry("")], r"'' has an empty name"),
    (NO_RAR, [Entry("ä\0.avi")], r"'ä\\x00\.avi' has a null byte in its name"),
    (("zip", "rar"), [Entry("x", b"1", encrypted=True)], r"'x' needs a password"),
    (KINDS, [Entry("pipe", mode=stat.S_IFIFO | 0o644)], r"'pipe' is neither a file, a folder nor a link"),
    (KINDS, [Entry("x", b"1"), Entry("./x", b"2")], r"'\./x' is in the archive twice"),
    (KINDS, [folder("x"), Entry("x", b"2")], r"'x' is in the archive twice"),
    (KINDS, [Entry("x", b"1"), Entry("x/y", b"2")], r"'x/y' is below 'x', which is a file"),
    (NO_RAR, [folder("d"), symlink("x", "d"), Entry("x/y")], r"'x/y' is below 'x', which is a symbolic link"),
    (NO_RAR, [symlink("x", "/etc/passwd")], r"'x' is a link to '/etc/passwd', which may lead out of the folder"),
    (NO_RAR, [symlink("x", "C:\\y")], r"which may lead out of the folder"),
    (NO_RAR, [symlink("d/x", "../../y")], r"'d/x' is a link to '\.\./\.\./y', which may lead out of the folder"),
    (NO_RAR, [symlink("d/e/up", "../.."), symlink("x", "d/e/up/../../y"), Entry("y")], r"'d/e/up' .*back to itself"),
    (NO_RAR, [symlink("d/x", "../e/up/../y"), Entry("e/up/f"), Entry("e/y")], r"may lead out of the folder"),
    (NO_RAR, [symlink("x", "x")], r"which leads back to itself"),
    (NO_RAR, [symlink("d/x", "y")], r"'d/x' is a link to 'y', which is not in the archive"),
    (("rar",), [symlink("x", "y"), Entry("y")], r"'x' is a link whose target cannot be told"),
]


@pytest.mark.parametrize(
    ("kind", "entries", "reason"), [(kind, entries, reason) for kinds, entries, reason in REFUSED for kind in kinds]
)
def test_unsafe_members_are_refused(make: Callable, kind: str, entries: list[Entry], reason: str) -> None:
    archive = make(kind, Entry("good.avi", b"1"), *entries)
    error = refusal(archive)
    assert re.search(reason, str(error)), error
    assert str(error).endswith("; unpack the archive by hand if you trust it")
    assert not isinstance(error, Damaged)
    with pytest.raises(UserError, match=reason):
        unpack.test(archive)


@pytest.mark.parametrize("target", ["../a/file", "/etc/passwd", "a", "a/none", "b/link"])
def test_a_hard_link_may_only_be_to_a_file_of_the_archive(tmp_path: Path, target: str) -> None:
    write_hard_link(tmp_path / "made.tar", target)
    assert re.search(f"'b/link' is a link to '{target}', which", str(refusal(tmp_path / "made.tar")))


def test_links_that_stay_inside_are_made(make: Callable, tmp_path: Path) -> None:
    entries = [symlink("z/to_file", "../a/f"), symlink("to_folder", "a"), Entry("a/f", b"data")]
    for kind in NO_RAR:
        assert unpack.unpack(make(kind, *entries), tmp_path / kind) == 3
        assert os.readlink(tmp_path / kind / "z/to_file") == "../a/f"
        assert (tmp_path / kind / "to_folder/f").read_bytes() == b"data"
    write_hard_link(tmp_path / "made.tar", "./a/file")
    assert unpack.unpack(tmp_path / "made.tar", tmp_path / "tar") == 2
    assert (tmp_path / "tar/b/link").read_bytes() == b"data"


@pytest.mark.parametrize("kind", KINDS)
def test_modes_are_normal(make: Callable, tmp_path: Path, kind: str) -> None:
    unpack.unpack(make(kind, Entry("f", b"1", mode=stat.S_IFREG | 0o6777)), tmp_path / "out")
    (tmp_path / "normal").write_text("")
    assert (tmp_path / "out/f").stat().st_mode == (tmp_path / "normal").stat().st_mode


def test_a_zip_that_is_packed_in_an_unknown_way_is_refused_not_called_damaged(tmp_path: Path) -> None:
    """Deflate64, as some systems pack files over 2 GB: written into both headers of an ordinary file."""
    archive = tmp_path / "made.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("v.avi", b"x" * 5000)
    packed = bytearray(archive.read_bytes())
    for header, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = packed.index(header) + offset
        packed[at : at + 2] = (9).to_bytes(2, "little")
    archive.write_bytes(packed)
    error = refusal(archive)
    assert "is packed in a way that cannot be read here" in str(error)
    assert not isinstance(error, Damaged)


def test_several_volumes_and_encrypted_headers_are_one_line(tmp_path: Path) -> None:
    archive = tmp_path / "made.rar"
    write_rar(archive, TREE, flags=rar_writer.VOLUME)
    assert "is one part of an archive in several; put them together by hand" in str(refusal(archive))
    write_rar(archive, TREE, flags=rar_writer.ENCRYPTED_HEADERS)
    assert "needs a password" in str(refusal(archive))


@pytest.mark.parametrize("size", [4, 299, 301, 2**31])
def test_a_member_that_is_not_as_large_as_its_header_says(tmp_path: Path, size: int) -> None:
    archive = tmp_path / "made.rar"
    write_rar(archive, [Entry("x.avi", b"1" * 300, size=size)])
    assert re.search(r"is damaged.*'x\.avi'", str(refusal(archive)))
    assert isinstance(refusal(archive), Damaged)


@pytest.mark.parametrize(("size", "reason"), [(299, "larger than its header"), (301, "smaller than its header")])
def test_sizes_count_whatever_a_library_lets_through(
    make: Callable, monkeypatch: pytest.MonkeyPatch, size: int, reason: str
) -> None:
    lying = unpack.FORMATS[".rar"]._replace(members=lambda _path: [Member("x", size=size)], read=read_300_bytes)
    monkeypatch.setitem(unpack.FORMATS, ".rar", lying)
    assert f"'x' is {reason}" in str(refusal(make("rar")))


def read_300_bytes(path: Path, sink: Sink) -> None:
    [member] = unpack.FORMATS[".rar"].members(path)
    with sink(member) as write:
        write(bytes(300))


def test_members_that_change_between_listing_and_reading_are_refused(
    make: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, rar = make("rar", *TREE), unpack.FORMATS[".rar"]
    for change, reason in [(lambda members: members[1:], "is not in its list"), (double_last, "'again' is missing")]:
        other = rar._replace(members=lambda path, change=change: change(rar.members(path)))
        monkeypatch.setitem(unpack.FORMATS, ".rar", other)
        assert reason in str(refusal(archive))


def double_last(members: list[Member]) -> list[Member]:
    return [*members, Member("again")]


def test_a_zip_that_unpacks_to_more_than_it_says(make: Callable) -> None:
    archive = make("zip", Entry("x.avi", bytes(10_000_000)))
    packed = archive.read_bytes()
    archive.write_bytes(packed.replace((10_000_000).to_bytes(4, "little"), (10_000).to_bytes(4, "little")))
    assert packed != archive.read_bytes()
    assert "'x.avi'" in str(refusal(archive))


@pytest.mark.parametrize("kind", KINDS)
def test_a_disk_that_is_too_small_is_found_before_writing(
    make: Callable, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    archive = make(kind, Entry("a", bytes(6_000_000)), Entry("b", bytes(6_000_000)))
    usage = namedtuple("Usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10_000_000))
    assert re.search(r"takes 0\.01 GB unpacked, but .* has 0\.01 GB left; free the disk", str(refusal(archive)))
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(12_000_000))
    unpacked(archive)


@pytest.mark.parametrize("kind", KINDS)
def test_a_failing_write_is_one_line_and_leaves_nothing(make: Callable, kind: str) -> None:
    archive = make(kind, Entry("small", b"1"), Entry("large", os.urandom(300_000)))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        error = refusal(archive)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "out: cannot be written: File too large; free the disk or fix this" in str(error)
    assert not isinstance(error, Damaged)


def test_a_folder_that_is_there_already_is_kept(make: Callable, tmp_path: Path) -> None:
    archive, out = make("zip", *TREE), tmp_path / "out"
    out.mkdir()
    (out / "mine").write_text("kept")
    with pytest.raises(UserError, match=r"made\.zip: .*out exists already; move it away to unpack again"):
        unpack.unpack(archive, out)
    assert contents(out) == {"mine": b"kept"}
    with pytest.raises(UserError, match="exists already"):
        unpack.unpack(archive, out / "mine")
    (out / "mine").unlink()
    assert unpack.unpack(archive, out) == 3


def test_what_is_no_archive_at_all(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.rar: cannot be read: No such file or directory"):
        unpack.test(tmp_path / "none.rar")
    with pytest.raises(UserError, match=r"x\.avi: is no archive that can be unpacked; these can: \.zip, \.tar, "):
        unpack.test(tmp_path / "x.avi")
    for kind in WRITERS:
        path = tmp_path / f"page.{kind}"
        path.write_bytes(b"<!DOCTYPE html><html>" + bytes(1000))
        assert re.search("is no .* archive, it starts with '<!DOCTYPE html><'; fetch it again", str(refusal(path)))
        path.write_bytes(b"")
        assert re.search("is no .* archive, it is empty; fetch it again", str(refusal(path)))
        assert isinstance(refusal(path), Damaged)


@pytest.mark.parametrize("kind", KINDS)
def test_a_flipped_bit_is_found_or_changes_nothing(make: Callable, kind: str) -> None:
    archive = make(kind, *TREE, Entry("twelve_bytes", b"x" * 12), Entry("eighteen_bytes.avi", b"y"))
    expected, whole, damaged = unpacked(archive), archive.read_bytes(), 0
    generator = random.Random(kind)
    for place in generator.sample(range(len(whole) * 8), 400):
        broken = bytearray(whole)
        broken[place // 8] ^= 1 << place % 8
        archive.write_bytes(broken)
        try:
            unpack.test(archive)
        except UserError:
            damaged += 1
            assert str(refusal(archive))
        else:
            assert unpacked(archive) == expected, place
    assert damaged > 200


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_that_is_cut_short_is_damaged(make: Callable, kind: str) -> None:
    archive = make(kind, *TREE)
    whole = archive.read_bytes()
    for length in [*random.Random(0).sample(range(len(whole)), 100), len(whole) - 1]:
        archive.write_bytes(whole[:length])
        with pytest.raises(Damaged, match=r"fetch it again$"):
            unpack.test(archive)
        assert isinstance(refusal(archive), Damaged)


def test_a_rar_without_its_end_is_cut_short(tmp_path: Path) -> None:
    write_rar(tmp_path / "made.rar", TREE, end=False)
    assert "is cut short" in str(refusal(tmp_path / "made.rar"))


@pytest.mark.parametrize("end", [slice(-8, -4), slice(-4, None)])
def test_the_checksum_at_the_end_of_a_tar_gz_counts(make: Callable, end: slice) -> None:
    archive = make("tar.gz", *TREE)
    content = bytearray(archive.read_bytes())
    content[end] = bytes(4)
    archive.write_bytes(content)
    assert isinstance(refusal(archive), Damaged)


def test_a_damaged_header_does_not_end_a_tar(make: Callable) -> None:
    archive = make("tar", *TREE)
    whole = archive.read_bytes()
    second = whole.index(b"a/b/y z.avi")
    for wrong in (b"A", bytes(512)):
        archive.write_bytes(whole[:second] + wrong + whole[second + len(wrong) :])
        assert isinstance(refusal(archive), Damaged)
    archive.write_bytes(whole.rstrip(b"\0"))
    assert isinstance(refusal(archive), Damaged)


def test_a_tar_gz_that_came_unpacked_is_read(make: Callable, tmp_path: Path) -> None:
    archive = make("tar.gz", *TREE)
    archive.write_bytes(gzip.decompress(archive.read_bytes()))
    assert unpacked(archive) == EXPECTED


def test_an_interrupt_gets_through_the_rar_library(make: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = make("rar", *TREE)

    @contextmanager
    def interrupted() -> Iterator[Callable]:
        yield lambda _chunk: signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(unpack, "_nowhere", interrupted)
    with pytest.raises(KeyboardInterrupt):
        unpack.test(archive)


def test_a_rar_is_opened_once_to_list_and_once_to_read(
    make: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make("rar", *(Entry(f"{number}.avi", b"1") for number in range(300)))
    opened, real = [], unrarlib.RAROpenArchiveEx
    monkeypatch.setattr(unrarlib, "RAROpenArchiveEx", lambda data: opened.append(data) or real(data))
    assert unpack.unpack(archive, tmp_path / "out") == 300
    assert len(opened) == 2


def test_archives_are_unpacked_beside_each_other(make: Callable, tmp_path: Path) -> None:
    """The RAR library has one error and one callback for all threads."""
    archives = [make("rar", Entry("x", bytes([number]) * 300_000), name=str(number)) for number in range(8)]
    archives[3].write_bytes(archives[3].read_bytes().replace(bytes([3]) * 9, bytes(9)))
    with ThreadPoolExecutor(8) as pool:
        tasks = [pool.submit(unpack.unpack, path, tmp_path / f"out{path.stem}") for path in archives]
    assert [number for number, task in enumerate(tasks) if task.exception()] == [3]
    for number in (0, 7):
        assert contents(tmp_path / f"out{number}") == {"x": bytes([number]) * 300_000}


def test_archives_inside_are_unpacked_where_they_lie_and_deleted(make: Callable, tmp_path: Path) -> None:
    """As HMDB51 comes: a RAR of 51 RARs."""
    inner = [make("rar", Entry(f"{label}/{label}_1.avi", label.encode()), name=label) for label in ("run", "walk")]
    inner += [make("zip", Entry("deep/x.avi", b"x"), name="deep")]
    entries = [Entry(f"hmdb51/{path.name}", path.read_bytes()) for path in inner]
    outer = make("rar", *entries, Entry("hmdb51/readme", b""))
    assert unpack.unpack(outer, tmp_path / "out", nested=True) == 4
    assert {name: content for name, content in contents(tmp_path / "out").items() if content is not None} == {
        "hmdb51/run/run_1.avi": b"run",
        "hmdb51/walk/walk_1.avi": b"walk",
        "hmdb51/deep/x.avi": b"x",
        "hmdb51/readme": b"",
    }
    assert unpacked(outer)["hmdb51/run.rar"] == inner[0].read_bytes()


def test_archives_in_archives_in_archives_stay_as_they_are(make: Callable) -> None:
    deepest = make("zip", Entry("x", b"x"), name="deepest")
    inner = make("tar.gz", Entry("deepest.zip", deepest.read_bytes()), name="inner")
    outer = make("zip", Entry("inner.tar.gz", inner.read_bytes()))
    assert unpacked(outer, nested=True) == {"deepest.zip": deepest.read_bytes()}


def test_what_is_wrong_inside_names_both(make: Callable) -> None:
    for name, content, reason in [
        ("../x", b"", r"made\.rar: 'd/in\.zip': '\.\./x' has '\.\.' in its path"),
        ("x.avi", b"", r"made\.rar: 'd/in\.zip': 'x\.avi' is in the folder already"),
        ("x.avi/y", b"", r"made\.rar: 'd/in\.zip': 'x\.avi/y' is below 'x\.avi', which is a file or a link"),
    ]:
        inner = make("zip", Entry(name, content), name="in")
        outer = make("rar", Entry("d/in.zip", inner.read_bytes()), Entry("d/x.avi", b"kept"))
        error = refusal(outer, nested=True)
        assert re.search(reason, str(error)), error
    outer = make("rar", Entry("d/in.zip", b"junk"))
    assert isinstance(refusal(outer, nested=True), Damaged)


@pytest.fixture
def real() -> Path:
    if not ARCHIVES.exists():
        pytest.skip(f"real archives are not here: {ARCHIVES}")
    return ARCHIVES


def test_real_rar_archives(real: Path) -> None:
    lines = b"".join(b"%03d\n" % number for number in range(512))
    assert unpacked(real / "rar3-solid.rar") == {"stest1.txt": lines, "stest2.txt": lines}
    folders = dict.fromkeys(["sub", *(f"sub/{name}" for name in ("dir1", "dir2", "empty", "üȵĩöḋè", "with space"))])
    files = {
        "sub/dir1/file1.txt": b"file1\n",
        "sub/dir2/file2.txt": b"file2\n",
        "sub/with space/long fn.txt": b"long fn\n",
        "sub/üȵĩöḋè/file.txt": b"file\n",
    }
    for name in ("rar3-subdirs.rar", "rar5-subdirs.rar"):
        assert unpacked(real / name) == folders | files
    assert unpacked(real / "unicode.rar") == {"уииоотивл.txt": b"1\n", "𝐀𝐁𝐁𝐂.txt": b"1\n"}
    assert re.search(r"'stest1\.txt' needs a password", str(refusal(real / "rar5-psw.rar")))


def test_the_locale_changes_no_name(real: Path, tmp_path: Path) -> None:
    archive = shutil.copy(real / "unicode.rar", tmp_path / "ü日.rar")
    before = locale.setlocale(locale.LC_ALL)
    locale.setlocale(locale.LC_ALL, "C")  # which the RAR library reads as the process started with LC_ALL=C would
    try:
        members = unpacked(archive)
    finally:
        locale.setlocale(locale.LC_ALL, before)
    assert members == {"уииоотивл.txt": b"1\n", "𝐀𝐁𝐁𝐂.txt": b"1\n"}


def test_links_of_rar_5(real: Path, tmp_path: Path) -> None:
    evil = real / "rar5-evil-symlink-traversal.rar"
    assert re.search(r"'up/pwned\.txt' is below 'up', which is a symbolic link", str(refusal(evil)))
    below = rar5_with(evil.read_bytes(), b"up/pwned.txt", b"ab/pwned.txt")
    archive = tmp_path / "made.rar"
    archive.write_bytes(below)
    assert re.search(r"'up' is a link to '\.\.', which may lead out of the folder", str(refusal(archive)))
    archive.write_bytes(rar5_with(below, b"..", b"ab"))
    assert unpack.unpack(archive, tmp_path / "out") == 2
    assert os.readlink(tmp_path / "out/up") == "ab"


def rar5_with(content: bytes, old: bytes, new: bytes) -> bytes:
    """Put other bytes of the same number into a header of RAR 5, and the checksum that belongs to it."""
    at, start = content.index(old), 8
    while True:
        size = content[start + 4]
        end = start + 5 + size
        if at < end:
            header = content[start + 4 : end].replace(old, new)
            return content[:start] + zlib.crc32(header).to_bytes(4, "little") + header + content[end:]
        start = end


@pytest.mark.parametrize("name", ["rar3-solid.rar", "rar3-subdirs.rar", "rar5-subdirs.rar", "rar5-psw.rar"])
def test_a_damaged_real_rar_is_found_or_unpacks_as_before(real: Path, tmp_path: Path, name: str) -> None:
    whole, archive = (real / name).read_bytes(), tmp_path / "made.rar"
    expected = None if name == "rar5-psw.rar" else unpacked(real / name)
    generator = random.Random(name)
    for _ in range(150):
        broken = bytearray(whole)
        broken[generator.randrange(len(whole))] ^= 1 << generator.randrange(8)
        archive.write_bytes(broken[: generator.randrange(len(whole))] if generator.random() < 0.3 else broken)
        try:
            members = unpacked(archive)
        except UserError:
            continue
        assert members == expected
