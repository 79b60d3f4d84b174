"""Own videos in one folder a class, with awkward names, and what is refused of them."""

import os
from pathlib import Path

import pytest

from vidbench.datasets import csv_manifest, folder, own_checks
from vidbench.errors import UserError

GOOD = ("a/1.mp4", "a/2.mp4", "b/1.mp4", "b/2.mp4")


def make(root: Path, *paths: str) -> dict:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    return {"kind": "folder", "root": str(root)}


def test_labels_are_folder_names_and_names_may_be_awkward(tmp_path: Path) -> None:
    names = ('0 °/it\'s "x".MP4', "0 °/a.tar.mp4.AVI", "7/back\\slash\t.mov", "7/動画 %d.webm")
    videos = folder.videos(make(tmp_path, *names, "7/notes.txt", "7/.hidden.mp4", ".git/x.mp4"))
    assert {video.id for video in videos} == set(names)
    assert {video.label for video in videos} == {"0 °", "7"}
    assert all(video.path == f"{tmp_path}/{video.id}" and video.group == video.id for video in videos)
    own_checks.check(videos, str(tmp_path))


def test_videos_of_one_subfolder_are_a_group(tmp_path: Path) -> None:
    options = make(tmp_path, "a/anna/1.mp4", "a/anna/2.mp4", "a/ben/x/1.mp4", "a/1.mp4", "b/anna/1.mp4")
    groups = {video.id: video.group for video in folder.videos(options)}
    assert groups == {
        "a/1.mp4": "a/1.mp4", "a/anna/1.mp4": "a/anna", "a/anna/2.mp4": "a/anna",
        "a/ben/x/1.mp4": "a/ben/x", "b/anna/1.mp4": "b/anna",
    }  # fmt: skip


def test_a_group_is_found_by_a_regular_expression(tmp_path: Path) -> None:
    options = make(tmp_path, "a/p01_1.mp4", "a/p02_1.mp4", "b/p01_2.mp4") | {"group": r"(p\d+)_"}
    assert [video.group for video in folder.videos(options)] == ["p01", "p02", "p01"]


def test_official_subsets_are_folders_above_the_classes(tmp_path: Path) -> None:
    options = make(tmp_path, "Train/a/1.mp4", "Train/b/1.mp4", "valid/a/2.mp4", "test/a/3.mp4", "test/b/3.mp4")
    videos = folder.videos(options)
    assert [(video.label, video.subset) for video in videos] == [
        ("a", "train"), ("b", "train"), ("a", "test"), ("b", "test"), ("a", "val"),
    ]  # fmt: skip


def test_a_class_may_be_called_train_where_the_config_says_so(tmp_path: Path) -> None:
    options = make(tmp_path, "train/1.mp4", "plane/1.mp4", "test/1.mp4")
    with pytest.raises(UserError, match="if these are classes, set `layout: class`"):
        folder.videos(options)
    videos = folder.videos(options | {"layout": "class"})
    assert {video.label for video in videos} == {"train", "plane", "test"}


def test_a_folder_of_images_is_a_video(tmp_path: Path) -> None:
    options = make(tmp_path, "a/v1/1.jpg", "a/v1/2.JPG", "a/v2/1.png", "b/v1/1.jpeg", "b/clip.mp4", "b/poster.jpg")
    assert [video.id for video in folder.videos(options)] == ["a/v1", "a/v2", "b/clip.mp4", "b/v1"]


def test_links_are_followed_once(tmp_path: Path) -> None:
    make(tmp_path / "store", "1.mp4", "2.mp4")
    options = make(tmp_path / "root", "b/1.mp4")
    (tmp_path / "root/a").symlink_to(tmp_path / "store")
    (tmp_path / "store/loop").symlink_to(tmp_path / "root")
    assert [video.id for video in folder.videos(options)] == ["a/1.mp4", "a/2.mp4", "b/1.mp4"]


@pytest.mark.parametrize(
    ("paths", "options", "words"),
    [
        ((), {}, "holds no videos in folders, one per class"),
        (("a/readme.txt",), {}, "holds no videos in folders, one per class"),
        ((*GOOD, "c/notes.txt"), {}, "/c: holds no videos"),
        ((*GOOD, "stray.mp4"), {}, "/stray.mp4: is in no class folder"),
        ((*GOOD, "c/1.jpg"), {}, "/c: holds images"),
        (("1.jpg",), {}, "holds images; each class needs a folder"),
        (("train/1.mp4", "test/a/1.mp4"), {}, "/train/1.mp4: is in no class folder"),
        (GOOD, {"group": "("}, "group: '(' is no regular expression"),
        (GOOD, {"group": "x"}, "group: 'x' has no brackets"),
        (GOOD, {"group": "(x)"}, "group: '(x)' finds no group in 'a/1.mp4'"),
        (GOOD, {"group": "(x*)"}, "group: '(x*)' finds no group in 'a/1.mp4'"),
        (GOOD, {"root": "/no/such"}, "/no/such: no such folder"),
        (("a/1.mp4", "a/2.mp4"), {}, "has only the class 'a'"),
        (("a/1.mp4", "a/2.mp4", "b/1.mp4"), {}, "class 'b' has one video"),
        (("a/x/1.mp4", "a/x/2.mp4", "b/1.mp4", "b/2.mp4"), {}, "class 'a' are in the group 'a/x'"),
        ((*GOOD, "A/1.mp4"), {}, "the labels 'A' and 'a' differ only in spelling"),
        ((*GOOD, "caf\u00e9/1.mp4", "\uff43afe\u0301/1.mp4"), {}, "differ only in spelling"),
        ((*GOOD, "c\nd/1.mp4"), {}, "this name has a line break"),
        ((*GOOD, "c\x07d/1.mp4"), {}, "the label is no name"),
    ],
)  # fmt: skip
def test_a_wrong_folder_gets_one_line(paths: tuple, options: dict, words: str, tmp_path: Path) -> None:
    options = make(tmp_path, *paths) | options
    with pytest.raises(UserError) as caught:
        own_checks.check(folder.videos(options), options["root"])
    assert words in str(caught.value)


def test_a_name_that_is_not_in_utf8_is_refused(tmp_path: Path) -> None:
    options = make(tmp_path, *GOOD)
    try:
        (tmp_path / "a" / os.fsdecode(b"\xff.mp4")).touch()
    except OSError:
        pytest.skip("this disk takes no such names")
    with pytest.raises(UserError, match="not in UTF-8"):
        folder.videos(options)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_manifest_as_spreadsheets_write_it(delimiter: str, tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text(f"path{delimiter}label\r\na b.mp4{delimiter}007\r\n", encoding="utf-8-sig")
    (video,) = csv_manifest.videos({"manifest": str(tmp_path / "v.csv")})
    assert (video.id, video.label) == ("a b.mp4", "007")


def test_a_manifest_with_several_official_splits(tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("path,label,subset,subset2\na,x,train,test\nb,x,,val\n")
    videos = csv_manifest.videos({"manifest": str(tmp_path / "v.csv")})
    assert [(video.subset, video.more_subsets) for video in videos] == [("train", ("test",)), ("", ("val",))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("path,label\na,b,c\n", "line 2: has more values than the first line has columns"),
        ("path,label,subset2,subset\na,x,some,train\n", "line 2: subset2 'some' is none of"),
        ("path,label,subset3\na,x,train\n", "the column 'subset3' would be ignored"),
        ("path,label,Subset2\na,x,train\n", "'subset2' would be ignored, because there is no 'subset'"),
        ("path,label,label\na,x,y\n", "has the column 'label' more than once"),
        ('path,label,group\na,x,g\nb,x,"h\nc,x,i\nd,x,j\n', "not a CSV file in UTF-8: unexpected end of data"),
        ('path,label,group\na,x,"g\nb,x,h"\n', "line 3: the group has control characters"),
        ("path,label\n\n\na,\n", "line 4: label is empty"),
        ("path,label\na,x\x07\n", "line 2: the label is no name"),
        (b"path,label\na,\xff\n", "not a CSV file in UTF-8"),
        ("a,x\nb,y\n", "has no column 'path'"),
    ],
)
def test_a_wrong_manifest_gets_one_line(text: str | bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UserError) as caught:
        csv_manifest.videos({"manifest": str(tmp_path / "v.csv")})
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
