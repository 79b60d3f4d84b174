"""What docs/datasets.md shows of the frame store in a notebook runs as it is printed, on a store of a few videos."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import tiny
from conftest import PROJECT, run_script
from PIL import Image

from vidbench.config import schema
from vidbench.frames.store import FrameStore

SECTION = "## The store, in a notebook"


def blocks() -> list[str]:
    """The section's blocks of Python."""
    section = (PROJECT / "docs/datasets.md").read_text().split(SECTION)[1].split("\n## ")[0]
    return re.findall(r"^```python\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the frames and videos.csv of the data set `motion`, made small."""
    here = tmp_path_factory.mktemp("notebook")
    entry = schema.dataset_options(
        tiny.config(datasets__motion__motion=tiny.MOTION | {"train_scenes": 1, "test_scenes": 1}), "motion"
    )
    source = ("--options", json.dumps(entry), "--folder", "resources/motion")
    run_script("download_data.py", *source, "--output", "resources/source.json", cwd=here)
    run_script("index_videos.py", *source, "--output", "results/motion/videos.csv", cwd=here)
    for shard in (0, 1):
        target = ("--shard", shard, "--shards", 2, "--output", f"results/motion/frames/{shard}.h5")
        run_script("extract_frames.py", *source, "--frames", json.dumps(entry["frames"]), *target, cwd=here)
    return here


def test_the_documented_code_runs_and_gives_the_right_classes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    names: dict = {}
    made = blocks()
    assert len(made) == 3
    for block in made:
        exec(block, names)  # it is what the page tells people to run
    assert names["frames"].shape == (8, 32, 32, 3)
    assert names["times"].shape == (8,)
    data, classes = names["data"], names["classes"]
    assert len(classes) == 6
    for place, video in enumerate(data.videos):
        clip, number = data[place]
        assert tuple(clip.shape) == (16, 3, 112, 112)
        assert video.rsplit("_", 1)[0] == classes[number]
    assert tuple(names["batch"].shape) == (8, 16, 3, 112, 112)
    targets = names["targets"].tolist()
    for clip, number in zip(names["batch"], targets, strict=True):
        assert any((data[place][0] == clip).all() and data[place][1] == number for place in range(len(data)))


def test_the_sheet_of_a_clip_by_time_holds_its_frames(folder: Path) -> None:
    store = FrameStore(folder / "results/motion/frames")
    fps = store.videos["left_s000"]["source_fps"]
    sheet = ("--frames", "results/motion/frames", "--video", "left_s000", "--clip", 3, "--sampling", "dense")
    run_script("inspect_store.py", *sheet, "--rate", fps / 2, "--output", "sheet.png", cwd=folder)
    drawn = np.asarray(Image.open(folder / "sheet.png")).reshape(32, 3, 32, 3).swapaxes(0, 1)
    assert np.array_equal(drawn, store.read("left_s000", [1, 3, 5]))  # every second frame, from the middle of the room
    for wrong in (("--step", 2), ("--sampling", "uniform")):
        done = run_script(
            "inspect_store.py", *sheet, "--rate", 6, *wrong, "--output", "no.png", cwd=folder, check=False
        )
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1
        assert "rate" in done.stderr
    other = ("--frames", "results/motion/frames", "--video", "lfet_s000", "--output", "no.png")
    done = run_script("inspect_store.py", *other, cwd=folder, check=False)
    assert "no video 'lfet_s000' in this store: did you mean 'left_s000'?" in done.stderr
    assert not (folder / "no.png").exists()
