"""Every legal character in the names of the project's folder, of videos, roots, manifests and weights."""

import csv
import shlex
from pathlib import Path

import pytest
import yaml

from vidbench.files import read_csv
from workflow.conftest import copy_project, make_own_videos, own_config, planned, snakemake, write_config

PLAIN = "-a %s 'q' \"d\" #1 \\n [c] é & $x; *"
AWKWARD = f"{PLAIN} {{b}} {{dataset}} {{0}} {{"
VIDEOS = f"videos {AWKWARD}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in a folder of such a name; in it own videos as a manifest and as folders, with such names, too."""
    folder = copy_project(tmp_path_factory.mktemp("names") / PLAIN)
    make_own_videos(folder)
    (folder / "own videos").rename(folder / VIDEOS)
    for label in ("left", "right"):
        (folder / VIDEOS / label).rename(folder / VIDEOS / f"{label} {AWKWARD}")
    rows = read_csv(folder / "own.csv")
    with open(folder / f"{AWKWARD}.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "label", "group"))
        for row in rows:
            path = f"{VIDEOS}/{row['label']} {AWKWARD}/{Path(row['path']).name}"
            writer.writerow((path, row["label"], row["group"]))
    (folder / "own.csv").unlink()
    config = own_config()
    config["datasets"]["own"]["manifest"] = f"{AWKWARD}.csv"
    config["datasets"]["classes"] = config["datasets"]["own"] | {"kind": "folder", "root": VIDEOS}
    del config["datasets"]["classes"]["manifest"]
    config["run"]["datasets"] = ["own", "classes"]
    write_config(folder, config)
    return folder


def test_frames_are_stored_and_nothing_runs_twice(folder: Path) -> None:
    snakemake(folder, "frames", "results/own/videos.csv")
    for name in ("own", "classes"):
        states = [row["status"] for row in read_csv(folder / "results" / name / "inspection.csv")]
        assert states == ["ok"] * 24
    assert planned(folder, "frames") == {}
    assert planned(folder)["train_model"] > 0


def test_a_changed_manifest_is_noticed_though_it_is_no_input(folder: Path) -> None:
    manifest = folder / f"{AWKWARD}.csv"
    text = manifest.read_text()
    manifest.write_text("".join(text.splitlines(keepends=True)[:-1]))
    try:
        assert planned(folder, "frames").keys() == {"extract_frames", "inspect_videos", "frames"}
        assert "index_videos" in planned(folder, "results/own/videos.csv")
    finally:
        manifest.write_text(text)


def test_what_is_left_out_is_said_once_and_listed(folder: Path) -> None:
    stray = folder / VIDEOS / f"left {AWKWARD}" / "a.dav"
    stray.touch()
    try:
        said = snakemake(folder, "frames").stdout
        line = "classes: left out: 1 file of unknown ending (.dav); see results/classes/skipped.csv"
        assert [text for text in said.splitlines() if "left out" in text] == [line]
        assert "Nothing to be done" in said
        assert len(read_csv(folder / "results/classes/skipped.csv")) == 1
    finally:
        stray.unlink()
    assert "left out" not in snakemake(folder, "frames", "--dry-run").stdout
    assert len(read_csv(folder / "results/classes/skipped.csv")) == 1  # a dry run writes nothing
    assert "left out" not in snakemake(folder, "frames").stdout
    assert read_csv(folder / "results/classes/skipped.csv") == []


def test_braces_in_settings_are_no_wildcards(folder: Path) -> None:
    """A regular expression for groups, and a file of weights, which a job gets by its argument."""
    config = yaml.safe_load((folder / "tiny.yaml").read_text())
    (folder / f"{AWKWARD}.pth").write_bytes(b"\x80\x02 but for its first bytes unread before a training")
    config["run"] = {"datasets": ["classes"], "models": ["cnn3d"], "seeds": [0]}
    config["datasets"]["classes"]["group"] = "(s? [0-9]{1,3}) ä"
    config["models"]["cnn3d"]["weights"] = f"{AWKWARD}.pth"
    old = (folder / "tiny.yaml").read_text()
    write_config(folder, config)
    try:
        said = snakemake(folder, "--dry-run", "--printshellcmds").stdout
        plan = planned(folder, "plan")
    finally:
        (folder / "tiny.yaml").write_text(old)
    assert f"--weights={shlex.quote(AWKWARD)[1:-1]}.pth" in said.replace("'--weights", "--weights")
    assert plan


@pytest.mark.parametrize("with_root", [True, False])
def test_official_lists_in_a_folder_with_braces(folder: Path, with_root: bool) -> None:
    lists, root = folder / f"lists {AWKWARD}", folder / f"root {AWKWARD}"
    for path in (lists, root):
        path.mkdir(exist_ok=True)
    for split in (1, 2, 3):
        names = [f"{label}/v_{label}_g{number:02d}_c01" for label in "AB" for number in range(1, 9)]
        (lists / f"trainlist0{split}.txt").write_text("".join(f"{name}.avi 1\n" for name in names[::2]))
        (lists / f"testlist0{split}.txt").write_text("".join(f"{name}.avi\n" for name in names[1::2]))
        for name in names:
            (root / f"{Path(name).name}.mp4").touch()
    old = (folder / "tiny.yaml").read_text()
    config = yaml.safe_load(old)
    entry = {key: value for key, value in config["datasets"]["classes"].items() if key not in ("root", "splits")}
    config["datasets"]["ucf"] = entry | {
        "kind": "ucf101",
        "lists": str(lists),
        "root": str(root) if with_root else None,
    }
    config["run"]["datasets"] = ["ucf"]
    write_config(folder, config)
    try:
        jobs = planned(folder, "doctor")
    finally:
        (folder / "tiny.yaml").write_text(old)
    assert jobs["extract_frames"] == 2
    assert jobs["make_splits"] == 3


def test_a_folder_of_the_workflow_with_braces_is_one_line(tmp_path: Path) -> None:
    folder = copy_project(tmp_path / "a {b}")
    write_config(folder, own_config())
    done = snakemake(folder, "--dry-run", check=False)
    assert done.returncode
    assert [line for line in done.stdout.splitlines() if line.startswith("error:")] == [
        f"error: {folder}: the workflow's own folder has braces in its path, which Snakemake fills in; rename it"
    ]
