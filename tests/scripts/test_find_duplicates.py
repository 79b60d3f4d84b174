"""find_duplicates.py and plot_duplicates.py as a user runs them, on planted copies of real videos."""

import csv
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import still_scenes
from conftest import run_script
from reproduce import leaks

from vidbench import datasets
from vidbench.doctor.duplicates import identical
from vidbench.doctor.duplicates.pairs import FLAT, NO_FRAME, SHORT, Pair, read_not_compared, read_pairs
from vidbench.frames import ffmpeg
from vidbench.frames.extract import extract_shard
from vidbench.frames.ffmpeg import Recipe
from vidbench.video import COLUMNS, Video

HEADER = b"video_a,video_b,mirrored,offset,overlap,similarity\n"


@pytest.fixture(scope="module")
def motion(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shard of the embedded data set: in each scene the same frames forwards and backwards."""
    folder = tmp_path_factory.mktemp("motion")
    options = {"motion": {"train_scenes": 8, "test_scenes": 4, "frames": 24, "size": 64, "seed": 0}, "jobs": 2}
    kind = datasets.load("motion")
    kind.download(options, folder)
    videos = [*kind.videos(options, folder), Video("unreadable", __file__, "none", "none")]
    recipe = Recipe(size=64, fps=None, codec="raw", quality=2)
    extract_shard(videos, recipe, folder / "0.h5", folder / "spool", 2, None, lambda video, status: None)
    return folder / "0.h5"


@pytest.fixture(scope="module")
def planted(gestures: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[leaks.Copy]]:
    """Folder with a shard of 27 originals, one of a scene, the other takes of one scene, and copies of four of them."""
    folder = tmp_path_factory.mktemp("planted")
    videos = leaks.gestures(gestures)
    originals = list({video.group: video for video in videos}.values())
    originals += [video for video in videos if video.group == originals[0].group and video not in originals]
    copies, made = leaks.plant(originals[:4], folder)
    extract_shard([*originals, *made], leaks.RECIPE, folder / "0.h5", folder / "spool", 2, None, lambda *_: None)
    write_tables(folder, [*originals, *made], {copy.video for copy in copies})
    run_script("find_duplicates.py", "--frames", "0.h5", "--jobs", 2, "--output", "duplicates.csv", cwd=folder)
    return folder, copies


def write_tables(folder: Path, videos: list[Video], test: set[str]) -> None:
    """videos.csv, and two splits: copies in the test, and all in training."""
    for name, columns, rows in (
        ("videos.csv", COLUMNS, [[v.id, v.path, v.label, v.group, v.subset] for v in videos]),
        ("split1.csv", ("video", "subset"), [[v.id, "test" if v.id in test else "train"] for v in videos]),
        ("split2.csv", ("video", "subset"), [[video.id, "train"] for video in videos]),
    ):
        with open(folder / name, "w", newline="") as file:
            csv.writer(file).writerows([columns, *rows])


def test_every_planted_copy_is_found_and_nothing_else(planted: tuple[Path, list[leaks.Copy]]) -> None:
    folder, copies = planted
    pairs = read_pairs(folder / "duplicates.csv")
    assert {copy.kind for copy in copies} == set(leaks.KINDS)
    assert [copy for copy in copies if not copy.found(pairs)] == []
    assert leaks.wrong_pairs(pairs, copies) == []
    assert all(pair.video_a < pair.video_b for pair in pairs)
    assert pairs == sorted(pairs, key=lambda pair: (-pair.similarity, pair.video_a, pair.video_b))


def test_the_number_of_processes_changes_no_byte(planted: tuple[Path, list[leaks.Copy]], tmp_path: Path) -> None:
    folder, _ = planted
    for jobs in (1, 3):
        output = tmp_path / f"{jobs}.csv"
        run_script("find_duplicates.py", "--frames", folder / "0.h5", "--jobs", jobs, "--output", output, cwd=tmp_path)
        assert output.read_bytes() == (folder / "duplicates.csv").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.csv", "3.csv"]


def test_videos_played_backwards_are_no_copies(motion: Path, tmp_path: Path) -> None:
    """And a video without frames is passed over."""
    run_script("find_duplicates.py", "--frames", motion, "--jobs", 2, "--output", "none.csv", cwd=tmp_path)
    assert (tmp_path / "none.csv").read_bytes() == HEADER


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shard of videos that show little, made of these sources of ffmpeg's, and of a file that is none."""
    folder, videos = tmp_path_factory.mktemp("plain"), []
    for name, source in PLAIN.items():
        command = [ffmpeg.executable(), "-v", "error", "-f", "lavfi", "-i", source, "-threads", "1"]
        subprocess.run([*command, folder / f"{name}.mp4"], check=True)
        videos.append(Video(name, str(folder / f"{name}.mp4"), "x", name))
    for name in ("black", "pattern"):
        shutil.copy(folder / f"{name}.mp4", folder / f"a {name}.mp4")
        videos.append(Video(f"a {name}", str(folder / f"a {name}.mp4"), "x", "copy"))
    videos.append(Video("unreadable", __file__, "x", "none"))
    extract_shard(videos, leaks.RECIPE, folder / "0.h5", folder / "spool", 2, None, lambda *_: None)
    return folder / "0.h5"


PLAIN = {
    "black": "color=black:s=96x96:d=2:r=25",
    "gray": "color=gray:s=96x96:d=2:r=25",
    "flash": "testsrc2=s=96x96:r=25:d=0.2",
    "pattern": "testsrc2=s=96x96:r=25:d=2",
}


@pytest.mark.parametrize("jobs", [1, 2])
def test_identical_files_are_found_whatever_they_show(plain: Path, tmp_path: Path, jobs: int) -> None:
    done = run_script("find_duplicates.py", "--frames", plain, "--jobs", jobs, "--output", "pairs.csv",
                      "--not-compared", "not_compared.csv", cwd=tmp_path)  # fmt: skip
    assert read_pairs(tmp_path / "pairs.csv") == [
        Pair("a black", "black", False, 0, 2, 1), Pair("a pattern", "pattern", False, 0, 2, 1)
    ]  # fmt: skip
    assert read_not_compared(tmp_path / "not_compared.csv") == {
        "a black": FLAT, "black": FLAT, "gray": FLAT, "flash": SHORT, "unreadable": NO_FRAME
    }  # fmt: skip
    assert "5 of 7 videos could not be compared: 3 dark or of one color, 1 no frame, 1 too short" in done.stdout


def test_of_very_many_identical_videos_not_all_pairs_are_written(monkeypatch: pytest.MonkeyPatch, plain: Path) -> None:
    monkeypatch.setattr(identical, "MAX_PARTNERS", 2)
    monkeypatch.setattr(identical, "_find_identical", lambda store: [["a black", "a pattern", "black", "pattern"]])
    found = [(pair.video_a, pair.video_b) for pair in identical.identical_pairs([plain])]
    assert len(found) == 5
    assert ("a black", "pattern") not in found


@pytest.mark.slow
def test_poor_copies_of_nearly_still_videos_are_found_and_no_two_takes(tmp_path: Path) -> None:
    takes = still_scenes.plant({f"room {number}": still_scenes.room(number) for number in range(4)}, 3, tmp_path, 2)
    videos = [take.video for take in takes]
    extract_shard(videos, leaks.RECIPE, tmp_path / "0.h5", tmp_path / "spool", 2, None, lambda *_: None)
    run_script("find_duplicates.py", "--frames", "0.h5", "--jobs", 2, "--output", "pairs.csv", cwd=tmp_path)
    found, wrong = still_scenes.found_and_wrong(takes, read_pairs(tmp_path / "pairs.csv"))
    assert {take.video.id for take in takes if take.copying} == {copy.video.id for copy in found}
    assert wrong == []


def test_the_figure_shows_leaks_first_and_stays_small(planted: tuple[Path, list[leaks.Copy]], tmp_path: Path) -> None:
    folder, copies = planted
    tables = ("--frames", folder / "0.h5", "--duplicates", folder / "duplicates.csv", "--videos", folder / "videos.csv")
    splits = ("--splits", folder / "split2.csv", folder / "split1.csv")
    for name in ("a.svg", "b.svg"):
        run_script("plot_duplicates.py", *tables, *splits, "--output", tmp_path / name, cwd=tmp_path)
    svg = (tmp_path / "a.svg").read_text()
    assert svg == (tmp_path / "b.svg").read_text()
    assert len(svg) < 450_000
    names = {copy.video for copy in copies}
    leaking = sum((pair.video_a in names) != (pair.video_b in names) for pair in read_pairs(folder / "duplicates.csv"))
    assert re.search(rf"<!-- \d+ pairs show the same recording; {leaking} in two subsets of a split; the first", svg)
    assert svg.count("<image") == 6
    assert len(re.findall(r"<!-- split1: (?:train / test|test / train) · split2: train / train -->", svg)) == 6


def test_the_figure_of_no_pairs(motion: Path, tmp_path: Path) -> None:
    (tmp_path / "none.csv").write_bytes(HEADER)
    write_tables(tmp_path, [], set())
    run_script("plot_duplicates.py", "--frames", motion, "--duplicates", "none.csv", "--videos", "videos.csv",
               "--output", "none.svg", "none.png", cwd=tmp_path)  # fmt: skip
    assert "<!-- No two videos show the same recording -->" in (tmp_path / "none.svg").read_text()
    assert (tmp_path / "none.png").read_bytes().startswith(b"\x89PNG")


def test_a_mirrored_copy_is_drawn_as_stored_and_named_so(motion: Path, tmp_path: Path) -> None:
    row = b"left_s000,right_s000,True,0.2000,2.0000,0.9500\n"
    (tmp_path / "pairs.csv").write_bytes(HEADER + row)
    write_tables(tmp_path, [], set())
    run_script("plot_duplicates.py", "--frames", motion, "--duplicates", "pairs.csv", "--videos", "videos.csv",
               "--output", "pair.svg", cwd=tmp_path)  # fmt: skip
    svg = (tmp_path / "pair.svg").read_text()
    assert "<!-- mirrored -->" in svg
    assert "<!-- similarity 0.950 · the second starts 0.2 s later -->" in svg


@pytest.mark.parametrize(
    ("script", "arguments", "words"),
    [
        ("find_duplicates.py", ["--frames", "none.h5"], "none.h5: no such file or folder"),
        ("find_duplicates.py", ["--frames", "videos.csv"], "videos.csv: is no readable frame store"),
        ("plot_duplicates.py", ["--duplicates", "videos.csv"], "videos.csv: is no table of duplicates"),
        ("plot_duplicates.py", ["--duplicates", "gone.csv"], "gone.csv: video 'a' is not in the frame store"),
        ("plot_duplicates.py", ["--output", "x.jpg"], "x.jpg: a figure is one of svg, png, pdf"),
    ],
)
def test_bad_input_is_one_line(motion: Path, tmp_path: Path, script: str, arguments: list[str], words: str) -> None:
    write_tables(tmp_path, [Video("a", "a.mp4", "x", "g")], set())
    (tmp_path / "none.csv").write_bytes(HEADER)
    (tmp_path / "gone.csv").write_bytes(HEADER + b"a,left_s000,False,0,1,1\n")
    good = ["--frames", motion, "--output", "out.svg"]
    good += ["--duplicates", "none.csv", "--videos", "videos.csv"] if script.startswith("plot") else []
    done = run_script(script, *good, *arguments, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert words in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
