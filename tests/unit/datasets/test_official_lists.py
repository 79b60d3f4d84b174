"""The official lists of published data sets, parsed exactly, and the splits that come of them."""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import SHARED

from vidbench import datasets
from vidbench.datasets.listing import listing
from vidbench.datasets.skipped import Reason
from vidbench.datasets.splits import make_split, official_splits, split_names
from vidbench.errors import UserError
from vidbench.video import read_videos, write_videos

OPTIONS = {"kind": "auto", "validation": 0.15, "seed": 0}
COUNTS = {
    "ucf101": [(9537, 3783), (9586, 3734), (9624, 3696)],
    "hmdb51": [(3570, 1530)] * 3,
}  # as published


@pytest.fixture(scope="module")
def lists() -> Path:
    if not (SHARED / "lists").exists():
        pytest.skip(f"the official lists are not here: {SHARED / 'lists'}")
    return SHARED / "lists"


def listed(kind: str, lists: Path, root: Path) -> list:
    """All videos, of whose files one is there."""
    first = {"ucf101": "v_Archery_g01_c01.avi", "hmdb51": "April_09_brush_hair_u_nm_np1_ba_goo_0.avi"}
    root.mkdir(exist_ok=True)
    (root / first[kind]).touch()
    return datasets.load(kind).videos({"lists": str(lists / kind), "root": str(root)}, "unused")


@pytest.mark.parametrize("kind", COUNTS)
def test_counts_are_the_published_ones_and_validation_shares_no_group(kind: str, lists: Path, tmp_path: Path) -> None:
    videos = listed(kind, lists, tmp_path)
    assert len(videos) == {"ucf101": 13320, "hmdb51": 6766}[kind]
    assert len({video.label for video in videos}) == {"ucf101": 101, "hmdb51": 51}[kind]
    assert official_splits(videos) == 3
    group = {video.id: video.group for video in videos}
    for number, (train, test) in enumerate(COUNTS[kind], start=1):
        subsets = make_split(f"split{number}", OPTIONS, videos, published=True)
        counts = Counter(subsets.values())
        assert (counts["train"] + counts["val"], counts["test"]) == (train, test)
        assert 0.1 * train < counts["val"] < 0.2 * train
        members = {name: {group[video] for video, where in subsets.items() if where == name} for name in counts}
        assert not members["val"] & (members["train"] | members["test"])
        classes = Counter(video.label for video in videos if subsets.get(video.id) == "val")
        assert len(classes) >= {"ucf101": 101, "hmdb51": 48}[kind]


def test_groups_are_scenes_of_ucf101_and_sources_of_hmdb51(lists: Path, tmp_path: Path) -> None:
    """The numbers of groups in the tests of split 1 that the evaluation's method was simulated with."""
    for kind, expected in (("ucf101", 707), ("hmdb51", 478)):
        videos = listed(kind, lists, tmp_path / kind)
        assert len({video.group for video in videos if video.official(1) == "test"}) == expected


def test_the_index_comes_back_from_its_file(lists: Path, tmp_path: Path) -> None:
    videos = listed("hmdb51", lists, tmp_path / "root")
    write_videos(tmp_path / "videos.csv", videos)
    assert read_videos(tmp_path / "videos.csv") == videos


def test_kinetics_names_and_groups(lists: Path, tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    folder.mkdir()
    shutil.copyfile(lists / "kinetics400" / "val.csv", folder / "val.csv")
    (folder / "train.csv").write_text(
        "label,youtube_id,time_start,time_end,split,is_cc\nplaying guitar,--abc_dEF-1,3,13,train,0\n"
    )
    root = tmp_path / "videos"
    for name in ("train/--abc_dEF-1_000003_000013.mp4", "val/0wR5jVB-WPk_000417_000427.mp4",
                 "replacement_for_corrupted_k400/0wR5jVB-WPk_000417_000427.mp4",
                 "val/._0wR5jVB-WPk_000417_000427.mp4"):  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    videos = datasets.load("kinetics400").videos({"lists": str(folder), "root": str(root)}, "unused")
    assert Counter(video.subset for video in videos) == {"train": 1, "test": 19906}
    by_id = {video.id: video for video in videos}
    assert by_id["--abc_dEF-1_000003_000013"].label == "playing guitar"
    assert by_id["--abc_dEF-1_000003_000013"].group == "--abc_dEF-1"
    assert "/replacement_for_corrupted_k400/" in by_id["0wR5jVB-WPk_000417_000427"].path
    missing = by_id["3caPS4FHFF8_000036_000046"]
    assert missing.path == f"{root}/3caPS4FHFF8_000036_000046.mp4"


def test_files_are_found_in_any_folder_and_case(lists: Path, tmp_path: Path) -> None:
    (tmp_path / "UCF-101" / "archery").mkdir(parents=True)
    (tmp_path / "UCF-101" / "archery" / "V_Archery_g02_c01.AVI").touch()
    videos = {video.id: video for video in listed("ucf101", lists, tmp_path)}
    assert videos["v_Archery_g02_c01"].path == f"{tmp_path}/UCF-101/archery/V_Archery_g02_c01.AVI"


def test_lists_that_were_cut_and_names_that_come_twice_are_warned_of(lists: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "lists").mkdir()
    for path in (lists / "ucf101").glob("*list0*.txt"):
        lines = path.read_text().splitlines()
        kept = lines[:4000] if path.name == "trainlist01.txt" else lines
        (tmp_path / "lists" / path.name).write_text("\n".join(kept))
    for folder in ("a", "b"):
        (tmp_path / "root" / folder).mkdir(parents=True)
        (tmp_path / "root" / folder / "v_Archery_g01_c01.avi").touch()
    datasets.load("ucf101").videos({"lists": str(tmp_path / "lists"), "root": str(tmp_path / "root")}, "unused")
    warned = capsys.readouterr().err
    assert "split1 lists 4000 videos to train and 3783 to test, published are 9537 and 3783" in warned
    assert "split2 lists" not in warned
    assert "1 files have a name twice" in warned
    assert "root/a/v_Archery_g01_c01.avi is used" in warned


UCF = {
    f"{subset}list{split:02d}.txt": f"A/v_A_g0{split}_c01.avi{' 1' if subset == 'train' else ''}\n"
    for subset in ("train", "test")
    for split in (1, 2, 3)
} | {
    "testlist01.txt": "A/v_A_g09_c01.avi\n",
    "testlist02.txt": "A/v_A_g09_c01.avi\n",
    "testlist03.txt": "B/v_B_g09_c01.avi\n",
}
HMDB_LIST = "Film_wave_f_nm_np1_fr_goo_3.avi 1 \nOther_wave_f_nm_np1_fr_goo_3.avi 2 \n"
HMDB = {f"wave_test_split{split}.txt": HMDB_LIST for split in (1, 2, 3)}
HUB_1 = "metadata_split1.jsonl"
HUB_LIST = "".join(
    json.dumps({"video_path": f"Videos/wave/{source}_wave_f_nm_np1_fr_goo_3.avi", "label": "wave", "subset": subset})
    + "\n"
    for source, subset in (("Film", 1), ("Other", 2), ("Third", 0))
)
HUB = {f"metadata_split{split}.jsonl": HUB_LIST for split in (1, 2, 3)}
KINETICS = {
    "train.csv": "label,youtube_id,time_start,time_end,split\nx,aaaaaaaaaaa,1,11,train\n",
    "val.csv": "label,youtube_id,time_start,time_end,split\nx,bbbbbbbbbbb,1,11,val\n",
}


@pytest.mark.parametrize(
    ("kind", "good", "changes", "words"),
    [
        ("ucf101", UCF, {"trainlist02.txt": None}, "holds no trainlist02.txt"),
        ("ucf101", UCF, {"trainlist01.txt": "A/A_g01_c01.avi 1\n"}, "trainlist01.txt, line 1: 'A/A_g01_c01.avi 1'"),
        ("ucf101", UCF, {"trainlist01.txt": "<html>\n"}, "'<html>' names no video of UCF101"),
        ("ucf101", UCF, {"trainlist01.txt": "A/v_A_g09_c01.avi 1\n"}, "'v_A_g09_c01' is in train and in test"),
        ("ucf101", UCF, {"trainlist01.txt": b"\xff\xfe"}, "cannot be read as a list of videos"),
        ("ucf101", UCF, {"sub/trainlist01.txt": ""}, "holds trainlist01.txt more than once"),
        ("hmdb51", HMDB, {"wave_test_split1.txt": "Film_wave_f_nm_np1_fr_goo_3.avi 3\n"}, "none of 0, 1 and 2"),
        ("hmdb51", HMDB, {"wave_test_split1.txt": "Film_kick_f_nm_np1_fr_goo_3.avi 1\n"}, "class wave"),
        ("hmdb51", HMDB, {"wave_test_split2.txt": None}, "holds no *_test_split2.txt"),
        ("hmdb51", HUB, {"metadata_split2.jsonl": None}, "holds no metadata_split2.jsonl"),
        ("hmdb51", HUB, {HUB_1: "<html>\n"}, "metadata_split1.jsonl, line 1: names no video_path in a class's folder"),
        ("hmdb51", HUB, {HUB_1: HUB_LIST + "[]\n"}, "line 4: names no video_path"),
        ("hmdb51", HUB, {HUB_1: HUB_LIST + '{"label": "wave"}\n'}, "line 4: names no video_path"),
        ("hmdb51", HUB, {HUB_1: HUB_LIST.replace("Videos/wave/", "")}, "line 1: names no video_path"),
        ("hmdb51", HUB, {HUB_1: HUB_LIST.replace(": 2", ": 3")}, "line 2: the subset of 'Other_wave"),
        ("hmdb51", HUB, {HUB_1: HUB_LIST.replace(": 2", ": null")}, "goo_3.avi' is None, which is none"),
        ("hmdb51", HUB, {HUB_1: HUB_LIST.replace(": 2", ": true")}, "goo_3.avi' is True, which is none"),
        ("hmdb51", HUB, {HUB_1: HUB_LIST.replace('"wave"', '"kick"')}, "folder wave, but its label is kick"),
        ("hmdb51", HUB, {HUB_1: HUB_LIST.replace("Videos/wave", "Videos/kick")}, "folder kick, but its label is wave"),
        ("hmdb51", HUB, {HUB_1: HUB_LIST.replace("_wave_", "_kick_")}, "names no video of HMDB51's class wave"),
        ("hmdb51", HUB, {HUB_1: HUB_LIST + HUB_LIST.replace(": 2", ": 1")}, "is in test and in train"),
        ("hmdb51", HMDB | HUB, {"wave_test_split1.txt": "x 1\n"}, "wave_test_split1.txt, line 1: 'x' names no video"),
        ("kinetics400", KINETICS, {"val.csv": None}, "holds no val.csv"),
        ("kinetics400", KINETICS, {"val.csv": "label,youtube_id\nx,y\n"}, "val.csv, line 2: needs label, youtube_id"),
        ("kinetics400", KINETICS, {"val.csv": KINETICS["val.csv"].replace(",1,", ",one,")}, "val.csv, line 2: needs"),
        ("kinetics400", KINETICS, {"val.csv": KINETICS["train.csv"]}, "is in train and in test"),
        ("kinetics400", KINETICS, {}, "holds none of the 2 listed videos"),
    ],
)  # fmt: skip
def test_wrong_lists_get_one_line(kind: str, good: dict, changes: dict, words: str, tmp_path: Path) -> None:
    for name, text in (good | changes).items():
        if text is not None:
            path = tmp_path / "lists" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
    (tmp_path / "videos").mkdir()
    with pytest.raises(UserError) as caught:
        datasets.load(kind).videos({}, tmp_path)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row,
        lambda row: row | {"subset": str(row["subset"]), "label": 7},
        lambda row: row | {"video_path": row["video_path"].replace("Videos", "/data/hmdb51"), "extra": None},
    ],
)
def test_the_hubs_lists_say_the_same_as_the_official_ones(change: Callable, lists: Path, tmp_path: Path) -> None:
    """All 6,766 videos agree, as the Hub lists them and in other spellings."""
    hub = tmp_path / "lists" / "HMDB51"
    hub.mkdir(parents=True)
    for split in (1, 2, 3):
        rows = [
            {"video_path": f"Videos/{path.name.removesuffix(f'_test_split{split}.txt')}/{file}",
             "label": path.name.removesuffix(f"_test_split{split}.txt"), "subset": int(subset)}
            for path in sorted((lists / "hmdb51").glob(f"*_test_split{split}.txt"))
            for file, _, subset in (line.strip().rpartition(" ") for line in path.read_text().splitlines())
        ]  # fmt: skip
        text = "".join(json.dumps(change(row)) + "\n" for row in rows)
        (hub / f"metadata_split{split}.jsonl").write_text(text)
    official = listed("hmdb51", lists, tmp_path / "videos")
    assert len(official) == 6766
    assert datasets.load("hmdb51").videos({}, tmp_path) == official


def test_official_names_without_videos() -> None:
    assert split_names(OPTIONS, datasets.load("ucf101").SPLITS) == ["split1", "split2", "split3"]
    assert split_names(OPTIONS | {"kind": "folds", "folds": 2}, 3) == ["fold1", "fold2"]


def small_kinetics(folder: Path, *rows: str) -> dict:
    """Lists of some training clips and one to test; options of a data set with a root beside them."""
    (folder / "lists").mkdir(parents=True)
    head = "label,youtube_id,time_start,time_end,split\n"
    (folder / "lists/train.csv").write_text(head + "".join(f"{row},train\n" for row in rows))
    (folder / "lists/val.csv").write_text(f"{head}b c,zzzzzzzzzzz,1,11,val\n")
    return {"kind": "kinetics400", "lists": str(folder / "lists"), "root": str(folder / "root")}


def put(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def found(options: dict, root: Path) -> dict[str, str]:
    """Return the path of each video, below the root."""
    videos = listing(options, "unused").videos
    return {video.id: str(Path(video.path).relative_to(root)) for video in videos if Path(video.path).exists()}


def test_other_endings_and_folders_of_frames_are_found_by_name(tmp_path: Path, capsys) -> None:
    ids = ("aaaaaaaaaaa", "bbbbbbbbbbb", "-c_ccccccc-", "ddddddddddd", "eeeeeeeeeee")
    options = small_kinetics(tmp_path, *(f"b c,{name},1,11" for name in ids))
    root = tmp_path / "root"
    put(root, "b c/aaaaaaaaaaa_000001_000011.mkv", "b_c/bbbbbbbbbbb_000001_000011.WEBM",
        "train/b c/-c_ccccccc-_000001_000011/img_00001.jpg", "train/b c/-c_ccccccc-_000001_000011/img_00002.jpg",
        "ddddddddddd_000001_000011.webm", "ddddddddddd_000001_000011.mp4", "ddddddddddd_000001_000011/1.jpg",
        "eeeeeeeeeee.mp4", "x/fffffffffff_000001_000011.mp4", "x/notes.txt", "x/a.part",
        "val/zzzzzzzzzzz.mkv")  # fmt: skip
    assert found(options, root) == {
        "aaaaaaaaaaa_000001_000011": "b c/aaaaaaaaaaa_000001_000011.mkv",
        "bbbbbbbbbbb_000001_000011": "b_c/bbbbbbbbbbb_000001_000011.WEBM",
        "-c_ccccccc-_000001_000011": "train/b c/-c_ccccccc-_000001_000011",
        "ddddddddddd_000001_000011": "ddddddddddd_000001_000011.mp4",
        "eeeeeeeeeee_000001_000011": "eeeeeeeeeee.mp4",
        "zzzzzzzzzzz_000001_000011": "val/zzzzzzzzzzz.mkv",
    }
    warned = capsys.readouterr().err
    assert "2 files have a name twice" in warned
    assert "ddddddddddd_000001_000011.mp4 is used" in warned
    assert "2 videos are found by a name without their times, e.g." in warned
    assert "lacks" not in warned
    left = {str(Path(each.path).relative_to(root)): each.reason for each in listing(options, "unused").skipped}
    assert left == {
        "ddddddddddd_000001_000011": Reason.DOUBLE,
        "ddddddddddd_000001_000011.webm": Reason.DOUBLE,
        "x/fffffffffff_000001_000011.mp4": Reason.NOT_LISTED,
        "x/notes.txt": Reason.OTHER,
        "x/a.part": Reason.UNFINISHED,
    }


def test_a_name_without_times_is_taken_only_where_it_can_mean_one_clip(tmp_path: Path) -> None:
    options = small_kinetics(tmp_path, "b c,aaaaaaaaaaa,1,11", "b c,aaaaaaaaaaa,20,30", "b c,Bbbbbbbbbbb,1,11")
    put(tmp_path / "root", "aaaaaaaaaaa.mp4", "bbbbbbbbbbb.mp4", "zzzzzzzzzzz.mp4")
    assert found(options, tmp_path / "root") == {"zzzzzzzzzzz_000001_000011": "zzzzzzzzzzz.mp4"}


@pytest.mark.parametrize("kind", COUNTS)
def test_ucf101_and_hmdb51_as_mp4_or_as_folders_of_frames(kind: str, lists: Path, tmp_path: Path) -> None:
    names = {
        "ucf101": ("v_Archery_g02_c01", "v_ApplyEyeMakeup_g01_c01", "v_YoYo_g25_c05"),
        "hmdb51": ("#122_Cleaning_Up_The_Beach_In_Chiba__Japan_pick_f_nm_np1_fr_bad_1",
                   "April_09_brush_hair_u_nm_np1_ba_goo_0", "21_wave_u_nm_np1_fr_goo_5"),
    }[kind]  # fmt: skip
    put(tmp_path, f"a b/{names[0]}.mp4", f"{names[1]}/frame000001.jpg", f"{names[2]}.avi/rgb/00001.png")
    options = {"kind": kind, "lists": str(lists / kind), "root": str(tmp_path)}
    there = found(options, tmp_path)
    assert there[names[0]] == f"a b/{names[0]}.mp4"
    assert there[names[1]] == names[1]
    assert there[names[2]] == f"{names[2]}.avi/rgb"
    assert len(there) == 3
    assert listing(options, "").skipped == []


def test_names_in_another_normal_form_are_the_same(tmp_path: Path) -> None:
    """A name with an accent, as HMDB51 has some, on a disk that a Mac has written."""
    root = tmp_path / "caf\u00e9"
    (tmp_path / "lists").mkdir()
    for split in (1, 2, 3):
        list_of = "Caf\u00e9_wave_f_nm_np1_fr_goo_3.avi 1 \nOther_wave_f_nm_np1_fr_goo_3.avi 2 \n"
        (tmp_path / "lists" / f"wave_test_split{split}.txt").write_text(list_of)
    put(root, "Cafe\u0301_wave_f_nm_np1_fr_goo_3.avi")
    options = {"kind": "hmdb51", "lists": str(tmp_path / "lists"), "root": str(tmp_path / "cafe\u0301")}
    assert found(options, root)["Caf\u00e9_wave_f_nm_np1_fr_goo_3"] == "Cafe\u0301_wave_f_nm_np1_fr_goo_3.avi"
