"""Bad input to the workflow: one clear line before any job starts, exit code not 0."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import tiny

from workflow.conftest import copy_project, edited, make_own_videos, own_config, snakemake, write_config


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_project(tmp_path_factory.mktemp("bad"))
    make_own_videos(folder)
    return folder


def refused(folder: Path, *words: str) -> None:
    """Snakemake ends with one line that holds `words`, and has run nothing."""
    done = snakemake(folder, check=False)
    assert done.returncode != 0
    errors = [line for line in done.stdout.splitlines() if line.startswith("error:")]
    assert len(errors) == 1, done.stdout
    for word in words:
        assert word in errors[0]
    assert "Traceback" not in done.stdout
    assert "rule " not in done.stdout
    assert not (folder / "resources" / "motion").exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"datasets__motion__shard": 3}, ("datasets.motion", "'shard'", "did you mean 'shards'?")),
        ({"run__models": ["cnn3"]}, ("run.models", "'cnn3'", "did you mean 'cnn3d'?")),
        ({"models__cnn3d__architecture": "cnn3b"}, ("models.cnn3d.architecture", "did you mean 'cnn3d'?")),
        ({"run__splits": ["split2"]}, ("run.splits", "'split2'", "did you mean 'split1'?")),
        (
            {"run__splits": ["split1-train50"], "datasets__motion__splits": {"fractions": [0.5]}},
            ("run.splits: names no full split, only fractions; add split1",),
        ),
        ({"models__cnn3d__sweep": {"widht": [4]}}, ("models.cnn3d.sweep", "'widht'", "did you mean 'width'?")),
        (
            {"models__cnn3d__sweep": {"clip.size": [[32, 32], [64, 64]]}},
            ("model cnn3d-size64_64 wants clips of 64 x 64 pixels",),
        ),
        (
            {"models__cnn3d__training": {"class_weights": "balanced", "sampler": "balanced"}},
            ("model cnn3d on motion", "training.class_weights and training.sampler", "choose one of them"),
        ),
        ({"ffmpeg": "/no/ffmpeg"}, ("ffmpeg: '/no/ffmpeg' cannot be run",)),
        (
            {"models__cnn2d_mean__clip": {"subtract_temporal_mean": True}, "backbones__cnn2d__trained_stages": 0},
            ("model cnn2d_mean on motion: clip.subtract_temporal_mean: not with cached features",),
        ),
        (
            {"backbones__cnn2d": {"architecture": "timm/resnet81"}},
            ("backbones.cnn2d.architecture: 'timm/resnet81'", "did you mean 'timm/resnet18'?"),
        ),
        (
            {"backbones__cnn2d": {"architecture": "timm/resnet18", "weights": "own video"}},
            ("backbones.cnn2d.weights: timm/resnet18 has no official weights 'own video'",),
        ),
        (
            {"backbones__cnn2d": {"architecture": "timm/resnet18", "weights": "./own video"}},
            ("backbones.cnn2d.weights: own video: no such folder, did you mean 'own videos'?",),
        ),
        ({"device": "cuda"}, ("device: cuda", "no GPU", "`device: auto`")),
        ({"training": {"nodes": 2}}, ("model cnn3d on motion: training.nodes: 2", "--workflow-profile profiles/slurm")),
        (
            {"datasets__own": {"kind": "csv", "manifest": "none.csv"}, "run__datasets": ["own"]},
            ("none.csv: no such file",),
        ),
        (
            {"datasets__own": {"kind": "folder", "root": "my\nvideos"}, "run__datasets": ["own"]},
            ("datasets.own.root: 'my\\nvideos' has a line break",),
        ),
        (
            {
                "datasets__own": {"kind": "folder", "root": "own videos", "layout": "subset/class"},
                "run__datasets": ["own"],
            },
            ("own videos/left: holds videos, but no name of a subset",),
        ),
    ],
)
def test_a_wrong_config(folder: Path, changes: dict, words: tuple[str, ...]) -> None:
    write_config(folder, tiny.config(**changes))
    refused(folder, *words)


HEADER, LEFT, RIGHT = (
    "path,label,group\n",
    "own videos/left/it's {} ä.MP4,left,{}\n",
    "own videos/right/it's {} ä.MP4,right,{}\n",
)
GOOD = HEADER + "".join(LEFT.format(n, n) + RIGHT.format(n, n) for n in range(4))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ("own.csv", "lists no video")),
        (HEADER, ("own.csv", "lists no video")),
        (GOOD.replace("label", "kind"), ("own.csv", "no column 'label'")),
        (GOOD + LEFT.format(99, 99), ("own.csv", "no such file", "it's 99 ä.MP4")),
        (
            HEADER + LEFT.format(0, 0) + LEFT.format(1, 1) + RIGHT.format(2, 2),
            ("own.csv", "class 'right' has one video"),
        ),
        (HEADER + "".join(LEFT.format(n, 0) + RIGHT.format(n, 0) for n in range(2)), ("own.csv", "in the group '0'")),
        (HEADER + LEFT.format(0, 0) + LEFT.format(1, 1), ("own.csv", "only the class 'left'")),
    ],
    ids=["empty", "header only", "no label column", "missing file", "one video", "one group", "one class"],
)
def test_a_wrong_manifest(folder: Path, text: str, words: tuple[str, ...]) -> None:
    write_config(folder, own_config())
    (folder / "own.csv").write_text(text)
    refused(folder, *words)


def test_how_a_manifest_was_read_stands_on_the_terminal_before_the_first_job(folder: Path) -> None:
    """Once, however many processes read it, and beside what its groups lack."""
    config = own_config()
    config["run"]["datasets"] = ["own"]
    write_config(folder, config)
    rows = GOOD.replace("path,label,group", "file,Class,person").replace("\n", ",5\n").replace("person,5", "person,fps")
    (folder / "own.csv").write_text(rows.replace("left,0,5", "left,,5"))
    said = snakemake(folder, "--dry-run").stdout.split("Building DAG")[0]
    for line in (
        "own: own.csv: column 'file' is taken as path",
        "own: own.csv: column 'Class' is taken as label",
        "own: own.csv: column 'person' is taken as group",
        "own: own.csv: columns that are not used: 'fps'",
        "WARNING: own: 1 of 8 videos has no group, e.g. 'own videos/left/it's 0 ä.MP4': each is a group of its own",
    ):
        assert said.count(line) == 1, said


def test_splits_that_cannot_be_made(folder: Path) -> None:
    (folder / "own.csv").write_text(GOOD)
    config = own_config()
    config["datasets"]["own"]["splits"] = {"folds": 5}
    write_config(folder, config)
    refused(folder, "5 folds need at least as many groups, there are 4", "splits.folds")
    config["datasets"]["own"]["splits"] = {"kind": "official"}
    write_config(folder, config)
    refused(folder, "no video has the subset 'train'")


def test_clips_larger_than_the_stored_frames(folder: Path) -> None:
    write_config(folder, tiny.config(datasets__motion__clip={"frames": 4, "size": [64, 64]}))
    refused(folder, "clips of 64 x 64 pixels", "datasets.motion.frames.size")


def test_a_results_folder_that_is_a_file(tmp_path: Path) -> None:
    folder = copy_project(tmp_path)
    write_config(folder, tiny.config())
    (folder / "results").write_text("")
    refused(folder, "results: cannot be written to")


def test_a_results_folder_on_a_read_only_disk(tmp_path: Path) -> None:
    folder = copy_project(tmp_path)
    write_config(folder, tiny.config())
    (folder / "results").mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "ro", "none", str(folder / "results")]
    if os.geteuid() != 0 or shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        (folder / "results").chmod(0o555)
        if os.access(folder / "results", os.W_OK):
            pytest.skip("neither a read-only mount nor file permissions work here")
        refused(folder, "results: cannot be written to")
        return
    try:
        refused(folder, "results: cannot be written to: Read-only file system")
    finally:
        subprocess.run(["umount", str(folder / "results")], check=True)


def test_a_broken_video_is_named_and_counted_and_never_swapped(folder: Path) -> None:
    """Not refused: it is in inspection.csv and on the page, out of training, and wrong in the test."""
    import json

    lines = (HEADER + "".join(LEFT.format(n, n) + RIGHT.format(n, n) for n in range(8))) + "broken.mp4,left,b\n"
    (folder / "own.csv").write_text(lines)
    (folder / "broken.mp4").write_bytes(b"this is no video")
    config = own_config()
    config["run"] = {"datasets": ["own"], "models": ["cnn2d_mean"], "seeds": [0]}
    write_config(folder, config)
    snakemake(folder)
    inspection = (folder / "results/own/inspection.csv").read_text()
    assert "broken.mp4,failed,0" in inspection
    assert "broken.mp4" in (folder / "results/report.html").read_text()
    scores = [json.loads(path.read_text()) for path in sorted(folder.glob("results/own/*/*/*/metrics.json"))]
    assert sum(score["num_unreadable"] for score in scores) == 1
    assert sum(score["num_videos"] for score in scores) == 17


TRAINING_STARTS = re.compile(r"^[\d:]+  training \w+ on .* \.\.\.$", re.MULTILINE)
LACKING = "WARNING: own: split1: no test video of 'right'"


@pytest.fixture(scope="module")
def lacking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose only test video of a class cannot be decoded, and whose trainings end at once."""
    made = copy_project(tmp_path_factory.mktemp("lacking"))
    make_own_videos(made)
    rows = [LEFT.format(n, f"{n},train") + RIGHT.format(n, f"{n},train") for n in range(5)]
    rows += [LEFT.format(9, "l,test"), "broken.mp4,right,r,test\n"]
    (made / "own.csv").write_text(HEADER.replace("group", "group,subset") + "".join(rows))
    (made / "broken.mp4").write_bytes(b"this is no video")
    config = own_config()
    config["run"] = {"datasets": ["own"], "models": ["cnn3d", "cnn2d_mean"], "seeds": [0]}
    config["datasets"]["own"]["splits"] = {}
    write_config(made, config)
    (made / "scripts/train_model.py").write_text("import sys\nsys.exit('error: no training today')\n")
    return made


def test_what_decoding_shows_is_said_once_before_the_first_training(lacking: Path) -> None:
    """Also where the run fails, the frames are there already, and Snakemake is quiet."""
    snakemake(lacking, "results/own/inspection.csv")
    for more in ((), ("--forcerun", "find_duplicates"), ("--forcerun", "diagnose_data", "--quiet", "progress"), ()):
        done = snakemake(lacking, *more, check=False)
        assert done.returncode == 1
        assert done.stdout.count(LACKING) == 1, done.stdout
        before, after = done.stdout.split(LACKING)
        assert TRAINING_STARTS.search(after)
        assert not TRAINING_STARTS.search(before), done.stdout


def test_a_leak_check_that_fails_holds_up_no_training(lacking: Path) -> None:
    """With --keep-going; a diagnosis that could not be made again is not said."""
    with edited(lacking / "scripts/find_duplicates.py", "import sys\nsys.exit('error: no look today')\n"):
        done = snakemake(lacking, "--keep-going", check=False)
    assert done.returncode == 1
    assert len(TRAINING_STARTS.findall(done.stdout)) == 2, done.stdout
    assert LACKING not in done.stdout
