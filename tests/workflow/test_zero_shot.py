"""A model without training in a workflow: in the same tables as the others, and what runs again."""

import csv
import html
import json
import os
import re
import shutil
from pathlib import Path

import image_text_folders
import pytest
import tiny

from workflow.conftest import copy_project, edited, planned, snakemake, write_config

pytestmark = pytest.mark.slow
CONFIG = tiny.config(
    models__clip={"architecture": "zero_shot", "weights": "clip", "prompts": ["a video of {}."]},
    run__models=["clip", "cnn3d"],
    run__seeds=[0],
    datasets__motion__motion=tiny.MOTION | {"test_scenes": 12},  # intervals want 10 groups
)


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which both models are compared, up to the page."""
    folder = copy_project(tmp_path_factory.mktemp("zero_shot"))
    image_text_folders.save_folder(folder / "clip", "clip")
    (folder / "clip/README.md").write_text("---\nlicense: apache-2.0\n---\n")
    write_config(folder, CONFIG)
    snakemake(folder)
    return folder


def jobs(folder: Path, **changes: object) -> dict[str, int]:
    """Jobs of models that would run after some changes of the configuration."""
    write_config(folder, tiny.with_changes(CONFIG, changes))
    try:
        counted = planned(folder, "metrics")
        return {
            rule: counted[rule] for rule in ("embed_class_names", "train_model", "predict_videos") if rule in counted
        }
    finally:
        write_config(folder, CONFIG)


ONE = {"embed_class_names": 1, "predict_videos": 1}


def test_it_is_in_the_same_tables(compared: Path) -> None:
    with (compared / "results/motion/summary.csv").open(newline="") as file:
        rows = {row["model"]: row for row in csv.DictReader(file)}
    assert rows.keys() == {"clip", "cnn3d"}
    assert float(rows["clip"]["ms_per_clip"]) > 0
    assert rows["clip"]["num_videos"] == rows["cnn3d"]["num_videos"]
    with (compared / "results/motion/pairwise.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 1
    metrics = json.loads((compared / "results/motion/split1/clip/seed0/metrics.json").read_text())
    assert metrics["status"] == "ok"
    assert planned(compared) == {}


def read_text(page: Path) -> str:
    """The words of a page, without tags, style and script."""
    text = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", page.read_text(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text.replace("<wbr>", ""))).split())


def test_the_page_says_what_it_is_and_how_sure_its_accuracy_is(compared: Path) -> None:
    text = read_text(compared / "results/report.html")
    with (compared / "results/motion/summary.csv").open(newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["model"] == "clip")
    top1, low, high = (100 * float(row[key]) for key in ("top1", "top1_low", "top1_high"))
    assert 0 <= low <= top1 <= high <= 100
    assert low < high
    answer = (compared / "results/answers.txt").read_text().splitlines()[0]
    assert " ".join(answer.partition(";")[0].split()) in text
    for words in (
        f"clip names of the classes {top1:.1f} [{low:.1f}, {high:.1f}]",
        "a video of {}.",
        "apache-2.0",
        "nothing is trained",
    ):
        assert words in text, words
    table = (compared / "results/motion/tables/comparison.csv").read_text()
    assert f'clip,names of the classes,{top1:.1f},"[{low:.1f}, {high:.1f}]"' in table


def test_what_runs_again(compared: Path) -> None:
    assert jobs(compared, models__clip__prompts=["{}"]) == ONE
    assert jobs(compared, models__clip__class_names={"left": "to the left"}) == ONE
    assert jobs(compared, models__clip__clip={"frames": 2}) == ONE
    tokenizer = compared / "clip/tokenizer.json"
    with edited(tokenizer, tokenizer.read_text() + "\n"):
        assert jobs(compared) == ONE
    os.utime(tokenizer)
    os.utime(compared / "clip/model.safetensors")
    assert jobs(compared) == {}


def test_one_line_before_any_job(compared: Path) -> None:
    shutil.copytree(compared / "clip", compared / "broken")
    (compared / "broken/tokenizer.json").unlink()
    for changes, words in (
        ({"models__clip__weights": "broken"}, "models.clip.weights: broken: has no tokenizer.json; copy the whole"),
        ({"models__clip__weights": "clib"}, "models.clip.weights: zero_shot has no official weights, so not 'clib'"),
        ({"models__clip__weights": "./clib"}, "models.clip.weights: clib: no such folder, did you mean 'clip'?"),
        ({"models__clip__prompts": ["a"]}, "models.clip.prompts: 'a' has no {}"),
        ({"models__clip__class_names": {"lefd": "x"}}, "models.clip.class_names: there is no class 'lefd'"),
        ({"models__clip__clip": {"size": [20, 20]}}, "model clip on motion: zero_shot: clip.size: 20 x 20"),
    ):
        write_config(compared, tiny.with_changes(CONFIG, changes))
        text = snakemake(compared, "--dry-run", check=False).stdout
        errors = [line for line in text.splitlines() if line.startswith("error:")]
        assert len(errors) == 1, text
        assert errors[0].startswith(f"error: config: {words}")
        assert "Traceback" not in text
    write_config(compared, CONFIG)
