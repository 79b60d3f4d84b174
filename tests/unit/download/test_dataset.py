"""Published data sets: found or fetched, verified and unpacked, and nothing of it twice."""

import json
import os
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import tiny
from conftest import SHARED
from miniatures import MAKERS, mirror

from vidbench import datasets
from vidbench.config import schema
from vidbench.download import dataset as module
from vidbench.download.addresses import HubFolder, Publication, PublishedFile
from vidbench.download.archives import unpack
from vidbench.download.dataset import acquire
from vidbench.download.disk import peak_bytes
from vidbench.download.local_files import list_user_files, stem
from vidbench.errors import UserError
from vidbench.files import file_sha256


def content(number: int) -> bytes:
    return f"video {number}".encode() * 100


@pytest.fixture
def published(tmp_path: Path, monkeypatch):
    """Makes the archives of a data set and publishes them, at no address; their folder, the names of the videos."""
    if not (SHARED / "lists").exists():
        pytest.skip(f"the official lists are not here: {SHARED / 'lists'}")

    def make(kind: str) -> tuple[Path, list[str]]:
        folder = tmp_path / "published" / kind
        folder.mkdir(parents=True)
        names = MAKERS[kind](folder, SHARED / "lists" / kind, content)
        monkeypatch.setitem(module.PUBLICATIONS, kind, small(module.PUBLICATIONS[kind], folder))
        return folder, names

    return make


def small(publication: Publication, folder: Path) -> Publication:
    """The publication of the files of a folder: with their sizes and hashes where the real ones are known."""

    def known(form: PublishedFile | HubFolder) -> PublishedFile | HubFolder:
        path = folder / form.name
        if isinstance(form, HubFolder) or form.sha256 is None or not path.exists():
            return form
        return replace(form, size=path.stat().st_size, sha256=file_sha256(path))

    def away(form: PublishedFile | HubFolder) -> PublishedFile | HubFolder:
        return form if isinstance(form, HubFolder) else replace(known(form), folders=())

    lists, videos = (
        tuple(tuple(map(away, forms)) for forms in part) for part in (publication.lists, publication.videos)
    )
    return replace(publication, lists=lists, videos=videos, archive_lists=tuple(map(away, publication.archive_lists)))


def options(kind: str, address: str | None = None, **entry: object) -> dict:
    """Complete entry of a data set that knows the address of one mirror, and asks nobody else first."""
    download = {"mirrors": [address] if address else [], "mirrors_first": True, "attempts": 1, "timeout": 5}
    config = tiny.config(datasets__x={"kind": kind, "download": download, **entry})
    return schema.dataset_options(config, "x")


@pytest.mark.parametrize("kind", MAKERS)
def test_fetched_unpacked_and_never_again(kind: str, published, tmp_path: Path) -> None:
    folder, names = published(kind)
    with mirror(folder) as (address, requests):
        archives = acquire(options(kind, address), tmp_path / "here")
        assert requests
        requests.clear()
        assert acquire(options(kind, address), tmp_path / "here") == archives
        assert not requests
    videos = datasets.load(kind).videos(options(kind), tmp_path / "here")
    found = {video.id for video in videos if os.path.exists(video.path)}
    missing = 1 if kind == "kinetics400" else 0
    assert {video.id for video in videos} == set(names)
    assert len(found) == len(names) - missing
    for video in videos:
        if video.id in found:
            assert Path(video.path).read_bytes() == content(names.index(video.id))
    assert all(len(entry["sha256"]) == 64 and entry["size"] > 0 for entry in archives)
    assert len(archives) == {"ucf101": 2, "hmdb51": 2, "kinetics400": 9}[kind]


@pytest.mark.parametrize("kind", MAKERS)
def test_archives_that_the_user_has_need_no_network_and_stay(kind: str, published, tmp_path: Path, monkeypatch) -> None:
    folder, _ = published(kind)
    monkeypatch.setattr(module, "fetch", lambda *_: pytest.fail("asked the network"))
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    acquire(options(kind, archive=str(folder), keep={"archives": False}), tmp_path / "here")
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    assert datasets.load(kind).videos(options(kind), tmp_path / "here")


def test_archives_dropped_into_the_folder_are_taken(published, tmp_path: Path, monkeypatch) -> None:
    folder, _ = published("ucf101")
    shutil.copytree(folder, tmp_path / "here" / "archives")
    monkeypatch.setattr(module, "fetch", lambda *_: pytest.fail("asked the network"))
    acquire(options("ucf101"), tmp_path / "here")
    assert (tmp_path / "here/videos/UCF101/UCF-101").is_dir()


def test_lists_and_videos_that_the_user_has_are_used_where_they_lie(published, tmp_path: Path, monkeypatch) -> None:
    folder, _ = published("ucf101")
    monkeypatch.setattr(module, "fetch", lambda *_: pytest.fail("asked the network"))
    entry = options("ucf101", root=str(folder), lists=str(SHARED / "lists" / "ucf101"))
    assert acquire(entry, tmp_path / "here") == []
    assert not (tmp_path / "here/videos").exists()


def test_archives_that_are_not_kept_go_and_are_not_fetched_again(published, tmp_path: Path) -> None:
    folder, _ = published("kinetics400")
    with mirror(folder) as (address, requests):
        entry = options("kinetics400", address, keep={"archives": False})
        first = acquire(entry, tmp_path / "here")
        assert not list((tmp_path / "here").rglob("*.gz"))
        requests.clear()
        assert acquire(entry, tmp_path / "here") == first
        assert not requests
        shutil.rmtree(tmp_path / "here/videos/val/part_1")
        assert acquire(entry, tmp_path / "here") == first
        assert {path for _, path in requests} == {"/val/part_1.tar.gz"}


def test_one_missing_archive_is_named_and_the_others_are_kept(published, tmp_path: Path) -> None:
    folder, _ = published("kinetics400")
    (folder / "val/part_0.tar.gz").rename(folder / "hidden")
    with mirror(folder) as (address, requests):
        entry = options("kinetics400", address)
        with pytest.raises(UserError, match=r"val/part_0\.tar\.gz: cannot be downloaded .*404"):
            acquire(entry, tmp_path / "here")
        assert {path.parent.name + path.name for path in (tmp_path / "here/videos").glob("*/part_*")} == {
            "trainpart_0", "trainpart_1", "valpart_1"
        }  # fmt: skip
        (folder / "hidden").rename(folder / "val/part_0.tar.gz")
        requests.clear()
        acquire(entry, tmp_path / "here")
        assert {path for _, path in requests} == {"/val/part_0.tar.gz"}


def test_a_file_is_trusted_on_first_use_and_verified_from_then_on(published, tmp_path: Path) -> None:
    folder, _ = published("ucf101")
    with mirror(folder) as (address, _requests):
        acquire(options("ucf101", address), tmp_path / "here")
    archive = tmp_path / "here/archives/UCF101.rar"
    os.utime(archive, (0, 0))  # touched: the content decides
    acquire(options("ucf101"), tmp_path / "here")
    archive.write_bytes(archive.read_bytes() + b"x")
    with pytest.raises(UserError, match=r"UCF101\.rar: has the SHA-256 .* but .*record\.json says"):
        acquire(options("ucf101"), tmp_path / "here")


def test_every_file_is_compared_with_its_known_hash(published, tmp_path: Path) -> None:
    folder, _ = published("ucf101")
    with mirror(folder) as (address, _requests):
        entry = options("ucf101", address)
        entry["download"]["sha256"] = {"UCF101.rar": "0" * 64}
        with pytest.raises(UserError, match=r"UCF101\.rar: cannot be downloaded .*SHA-256"):
            acquire(entry, tmp_path / "here")
    given = options("ucf101", archive=str(folder)) | {"download": entry["download"]}
    with pytest.raises(UserError, match=r"UCF101\.rar: has the SHA-256 .* but download\.sha256 says 0000"):
        acquire(given, tmp_path / "here")
    assert not (tmp_path / "here/videos/UCF101").exists()


def test_the_disk_is_looked_at_first(published, tmp_path: Path, monkeypatch, capsys) -> None:
    folder, _ = published("ucf101")
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=40_000))
    with mirror(folder) as (address, requests):
        with pytest.raises(UserError, match=r"here: needs 0\.00 GB, and 0\.00 GB are free; .*keep\.archives: false"):
            acquire(options("ucf101", address), tmp_path / "here")
        assert ("GET", "/UCF101.rar") not in requests
    assert "disk: 0.00 GB needed at most" in capsys.readouterr().out


def test_the_peak_counts_archives_that_stay_and_those_under_way() -> None:
    sizes = {"a": 10, "b": 20, "c": 30}
    assert peak_bytes(sizes, ["a", "b", "c"], keep_archives=True, parallel=2) == 120
    assert peak_bytes(sizes, ["a", "b", "c"], keep_archives=False, parallel=2) == 60 + 50
    assert peak_bytes(sizes, ["a"], keep_archives=True, parallel=2) == 70


def test_a_damaged_archive_of_the_user_is_named_and_nothing_counts_as_unpacked(published, tmp_path: Path) -> None:
    folder, _ = published("hmdb51")
    data = bytearray((folder / "hmdb51_org.rar").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "hmdb51_org.rar").write_bytes(data)
    with pytest.raises(UserError, match=r"hmdb51_org\.rar"):
        acquire(options("hmdb51", archive=str(folder)), tmp_path / "here")
    assert not (tmp_path / "here/videos/hmdb51_org").exists()


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"UCF-101.rar": b""}, "UCF-101.rar is none of the data set's archives"),
        ({"UCF101.rar": b"<html>"}, "UCF101.rar"),
        ({"UCF101.rar": b""}, "UCF101.rar"),
    ],
)
def test_a_wrong_archive_gets_one_line(files: dict, words: str, published, tmp_path: Path) -> None:
    folder, _ = published("ucf101")
    paths = [str(folder / "UCF101TrainTestSplits-RecognitionTask.zip")]
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        paths.append(str(tmp_path / name))
    with pytest.raises(UserError) as caught:
        acquire(options("ucf101", archive=paths), tmp_path / "here")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_user_files_are_known_by_name_and_by_path(tmp_path: Path) -> None:
    for name in ("train/part_0.tar.gz", "val/part_0.tar.gz", "deep/er/only.rar"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert set(list_user_files(str(tmp_path))) == {
        "train/part_0.tar.gz",
        "val/part_0.tar.gz",
        "deep/er/only.rar",
        "only.rar",
    }
    with pytest.raises(UserError, match=r"config: archive: /no/such: no such file or folder"):
        list_user_files(["/no/such"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [("UCF101.rar", "UCF101"), ("train/part_0.tar.gz", "train/part_0"), ("a.b.tgz", "a.b"), ("x.ZIP", "x")],
)
def test_stem(name: str, expected: str) -> None:
    assert stem(name) == expected


def test_the_record_can_be_read(published, tmp_path: Path) -> None:
    folder, _ = published("ucf101")
    acquire(options("ucf101", archive=str(folder)), tmp_path / "here")
    record = json.loads((tmp_path / "here/record.json").read_text())
    assert set(record) == {"UCF101.rar", "UCF101TrainTestSplits-RecognitionTask.zip"}


@pytest.mark.parametrize("given", [True, False])
def test_a_damaged_file_does_not_become_the_one_that_is_trusted(given: bool, published, tmp_path: Path) -> None:
    """A copy still under way, say: half of it is refused, the whole of it is taken."""
    folder, _ = published("ucf101")
    place = folder if given else tmp_path / "here" / "archives"
    if not given:
        shutil.copytree(folder, place)
    entry = options("ucf101", archive=str(folder)) if given else options("ucf101")
    whole = (place / "UCF101.rar").read_bytes()
    (place / "UCF101.rar").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match=r"UCF101\.rar: is cut short"):
        acquire(entry, tmp_path / "here")
    (place / "UCF101.rar").write_bytes(whole)
    acquire(entry, tmp_path / "here")
    assert (tmp_path / "here/videos/UCF101").is_dir()


def test_a_hash_of_no_archive_is_named(published, tmp_path: Path) -> None:
    folder, _ = published("ucf101")
    entry = options("ucf101", archive=str(folder))
    entry["download"]["sha256"] = {"ucf101.rar": "0" * 64}
    with pytest.raises(UserError, match=r"download\.sha256: 'ucf101\.rar' is none .* did you mean 'UCF101\.rar'"):
        acquire(entry, tmp_path / "here")


def test_a_commit_where_there_is_no_hub_is_refused(published, tmp_path: Path) -> None:
    folder, _ = published("ucf101")
    entry = options("ucf101", archive=str(folder))
    entry["download"]["revision"] = "a" * 40
    with pytest.raises(UserError, match=r"config: download\.revision: no form of this data set comes from a Hub"):
        acquire(entry, tmp_path / "here")


@pytest.mark.parametrize("text", ["[]", '{"UCF101.rar": {"size": 1}}', "{"])
def test_a_broken_record_is_one_line(text: str, published, tmp_path: Path) -> None:
    folder, _ = published("ucf101")
    (tmp_path / "here").mkdir()
    (tmp_path / "here/record.json").write_text(text)
    with pytest.raises(UserError, match=r"record\.json"):
        acquire(options("ucf101", archive=str(folder)), tmp_path / "here")


def forms_at(kind: str, monkeypatch, *folders: str) -> None:
    """Publish the forms of a data set's videos at these addresses, one each."""
    publication = module.PUBLICATIONS[kind]
    forms = tuple(replace(form, folders=(f"{at}/",)) for form, at in zip(publication.videos[0], folders, strict=True))
    monkeypatch.setitem(module.PUBLICATIONS, kind, replace(publication, videos=(forms,)))


def zipped(folder: Path) -> Path:
    """UCF101_videos.zip beside UCF101.rar, with the same videos, in no folders of classes."""
    unpack.unpack(folder / "UCF101.rar", folder.parent / "unpacked")
    with zipfile.ZipFile(folder / "UCF101_videos.zip", "w") as archive:
        for path in sorted((folder.parent / "unpacked").rglob("*.avi")):
            archive.write(path, f"UCF101/{path.name}")
    return folder / "UCF101_videos.zip"


@pytest.fixture
def two_forms(published, tmp_path: Path, monkeypatch):
    """Folder of UCF101's archives, both of them; each form has its own address, the lists are in the folder."""
    folder, names = published("ucf101")
    path = zipped(folder)
    publication = module.PUBLICATIONS["ucf101"]
    source, rar = publication.videos[0]
    known = replace(source, size=path.stat().st_size, sha256=file_sha256(path))
    monkeypatch.setitem(module.PUBLICATIONS, "ucf101", replace(publication, videos=((known, rar),)))
    with mirror(folder) as (first, asked_first), mirror(folder) as (second, asked_second):
        forms_at("ucf101", monkeypatch, first, second)
        lists = str(folder / "UCF101TrainTestSplits-RecognitionTask.zip")
        yield folder, names, options("ucf101", archive=lists), (asked_first, asked_second)


def contents(folder: Path) -> dict[str, bytes]:
    return {video.id: Path(video.path).read_bytes() for video in datasets.load("ucf101").videos({}, folder)}


def test_the_first_available_form_is_used(two_forms, tmp_path: Path) -> None:
    folder, names, entry, (asked_first, asked_second) = two_forms
    here = tmp_path / "here"
    archives = acquire(entry, here)
    assert [archive["name"] for archive in archives] == [
        "UCF101TrainTestSplits-RecognitionTask.zip",
        "UCF101_videos.zip",
    ]
    assert contents(here) == {name: content(number) for number, name in enumerate(names)}
    assert asked_first
    assert not asked_second
    (folder / "UCF101_videos.zip").rename(folder / "hidden")
    other = tmp_path / "other"
    assert "UCF101.rar" in [archive["name"] for archive in acquire(entry, other)]
    assert contents(other) == contents(here)


@pytest.mark.parametrize("fault", ["another file", "missing"])
def test_a_form_that_is_not_what_was_published_gives_way_to_the_next(fault: str, two_forms, tmp_path: Path) -> None:
    folder, _, entry, _ = two_forms
    path = folder / "UCF101_videos.zip"
    if fault == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1] + b"X")
    names = [archive["name"] for archive in acquire(entry, tmp_path / "here")]
    assert "UCF101.rar" in names
    assert "UCF101_videos.zip" not in names
    assert (tmp_path / "here/videos/UCF101").is_dir()
    assert not list((tmp_path / "here").rglob("*.part*"))


def test_videos_that_an_earlier_version_unpacked_are_enough(two_forms, tmp_path: Path) -> None:
    """Projects have UCF101.rar's videos and record.json from before there was another form."""
    folder, _, entry, asked = two_forms
    unpack.unpack(folder / "UCF101.rar", tmp_path / "here/videos/UCF101")
    acquire(entry, tmp_path / "first")
    before = {"UCF101.rar": {"size": 1, "sha256": "1" * 64, "mtime_ns": 1}}
    (tmp_path / "here/record.json").write_text(json.dumps(before))
    for requests in asked:
        requests.clear()
    archives = acquire(entry, tmp_path / "here")
    assert not any(asked)
    assert {"name": "UCF101.rar", "size": 1, "sha256": "1" * 64} in archives
    assert "UCF101_videos.zip" not in [archive["name"] for archive in archives]


@pytest.mark.parametrize("name", ["UCF101_videos.zip", "UCF101.rar"])
@pytest.mark.parametrize("dropped", [True, False])
def test_an_archive_of_any_form_is_taken(name: str, dropped: bool, two_forms, tmp_path: Path) -> None:
    folder, _, entry, asked = two_forms
    if dropped:
        (tmp_path / "here/archives").mkdir(parents=True)
        shutil.copyfile(folder / name, tmp_path / "here/archives" / name)
    else:
        entry = options("ucf101", archive=[str(folder / name), entry["archive"]])
    acquire(entry, tmp_path / "here")
    assert not any(asked)
    assert (tmp_path / "here/videos" / stem(name)).is_dir()


def test_a_form_that_was_begun_is_continued_first(two_forms, tmp_path: Path, capsys) -> None:
    folder, _, entry, (asked_first, asked_second) = two_forms
    address = module.PUBLICATIONS["ucf101"].videos[0][1].folders[0] + "UCF101.rar"
    archives = tmp_path / "here/archives"
    archives.mkdir(parents=True)
    (archives / ".UCF101.rar.part").write_bytes((folder / "UCF101.rar").read_bytes()[:1000])
    source = {"address": address, "etag": None, "last_modified": None, "length": None}
    (archives / ".UCF101.rar.part.json").write_text(json.dumps(source))
    acquire(entry, tmp_path / "here")
    assert ("GET", "/UCF101.rar") in asked_second
    assert ("GET", "/UCF101_videos.zip") not in asked_first


def test_mirrors_go_for_all_forms_before_or_after(two_forms, tmp_path: Path) -> None:
    folder, _, entry, (asked_first, _) = two_forms
    only_rar = tmp_path / "only_rar"
    only_rar.mkdir()
    shutil.copyfile(folder / "UCF101.rar", only_rar / "UCF101.rar")
    with mirror(only_rar) as (address, requests):
        entry["download"] |= {"mirrors": [address], "mirrors_first": True}
        acquire(entry, tmp_path / "here")
        assert ("GET", "/UCF101.rar") in requests
        assert not [path for method, path in asked_first if method == "GET"]
        for path in (folder / "UCF101_videos.zip", folder / "UCF101.rar"):
            path.unlink()
        entry["download"]["mirrors_first"] = False
        acquire(entry, tmp_path / "there")
        assert (tmp_path / "there/videos/UCF101").is_dir()


def test_when_no_form_is_available_one_line_says_what_to_fetch_and_where_to_put_it(two_forms, tmp_path: Path) -> None:
    folder, _, entry, _ = two_forms
    for path in (folder / "UCF101_videos.zip", folder / "UCF101.rar"):
        path.unlink()
    with pytest.raises(UserError) as caught:
        acquire(entry, tmp_path / "here")
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith("UCF101_videos.zip or UCF101.rar: cannot be downloaded (UCF101_videos.zip: 127.0.0.1:")
    for words in (
        "; UCF101.rar: 127.0.0.1:", "answers 404", "get UCF101_videos.zip or UCF101.rar by hand",
        "https://www.crcv.ucf.edu/data/UCF101.php", f"{tmp_path}/here/archives/", "`archive`", "`root`",
    ):  # fmt: skip
        assert words in line


def test_a_file_of_the_users_that_is_not_the_published_one_is_used_and_named(two_forms, tmp_path: Path, capsys) -> None:
    folder, _, entry, _ = two_forms
    path = folder / "UCF101_videos.zip"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("more.txt", "packed again")
    acquire(options("ucf101", archive=str(folder)), tmp_path / "here")
    warned = capsys.readouterr().err
    assert f"WARNING: {path}: is not the file that was published" in warned
    entry = options("ucf101", archive=str(folder))
    entry["download"]["sha256"] = {path.name: file_sha256(path)}
    acquire(entry, tmp_path / "there")
    assert str(path) not in capsys.readouterr().err


def test_what_is_published_without_tls_has_a_known_hash() -> None:
    """Or else whoever sits between could change it unseen."""
    for publication in module.PUBLICATIONS.values():
        forms = [*publication.lists, *publication.videos, publication.archive_lists]
        for source in (form for some in forms for form in some if isinstance(form, PublishedFile)):
            assert source.sha256 or all(folder.startswith("https://") for folder in source.folders)
