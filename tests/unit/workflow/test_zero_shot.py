"""Functions of rules/zero_shot.smk, without Snakemake; models without training in plans and in words."""

import re
from pathlib import Path
from types import SimpleNamespace

import image_text_folders
import pytest
import tiny

from vidbench.planning import jobs
from vidbench.report import zero_shot_words
from vidbench.report.model_words import trained_part
from vidbench.workflow.job_words import job_words
from vidbench.workflow.run import Run
from vidbench.workflow.train import TrainRules
from vidbench.workflow.zero_shot import ZeroShotRules

SIGLIP = SimpleNamespace(dataset="motion", split="split1", model="siglip", seed="0")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run of a model without training and of another one, two seeds."""
    monkeypatch.chdir(tmp_path)
    image_text_folders.save_configuration(Path("siglip"))
    entry = {
        "architecture": "zero_shot",
        "weights": "siglip",
        "prompts": ["{}"],
        "class_names": {"left": "to the left"},
    }
    return Run(tiny.config(models__siglip=entry, run__models=["siglip", "cnn3d"], run__seeds=[0, 1]))


def test_its_job_is_another_one_than_a_training(run: Run) -> None:
    trained = TrainRules(run, SimpleNamespace(), SimpleNamespace()).trained_models  # type: ignore[arg-type]
    assert re.fullmatch(ZeroShotRules(run).models, "siglip")
    assert not re.fullmatch(ZeroShotRules(run).models, "cnn3d")
    assert re.fullmatch(trained, "cnn3d")
    assert not re.fullmatch(trained, "siglip")
    assert not re.fullmatch(ZeroShotRules(Run(tiny.config())).models, "")


def test_what_its_job_reads(run: Run) -> None:
    rules = ZeroShotRules(run)
    assert [*map(str, rules.weights_file(SIGLIP))] == ["siglip/model.safetensors"]
    assert (rules.threads(SIGLIP), rules.megabytes(SIGLIP, 1)) == (1, 3000)
    with open("siglip/model.safetensors", "wb") as file:
        file.truncate(500_000_000)
    assert rules.megabytes(SIGLIP, 1) == 4500
    assert rules.megabytes(SIGLIP, 2) == 9000


def test_a_changed_file_changes_the_digest(run: Run) -> None:
    before = ZeroShotRules(run).digest(SIGLIP)
    Path("siglip/README.md").write_text("---\nlicense: mit\n---\n")
    assert ZeroShotRules(run).digest(SIGLIP) == before
    Path("siglip/tokenizer.json").write_text("{}")
    assert ZeroShotRules(run).digest(SIGLIP) != before


def test_a_plan_counts_it(run: Run) -> None:
    counted = jobs.count_jobs(run)
    assert (counted["embed_class_names"], counted["train_model"], counted["predict_videos"]) == (1, 2, 3)
    assert "embed_class_names" not in jobs.count_jobs(Run(tiny.config()))


def test_words(run: Run) -> None:
    assert job_words("embed_class_names", vars(SIGLIP)) == "embedding class names for siglip on split 1, seed 0"
    data = run.data("motion")
    assert trained_part(data.typed_options("siglip")) == "nothing: frames are compared with texts that name the classes"
    facts = zero_shot_words.facts([{"options": data.options("siglip")}])
    assert facts == {
        "optimiser": "none: nothing is trained",
        "batch": "none: nothing is trained",
        "prompts": "\u201c{}\u201d",
        "class names": "left: to the left",
    }
    assert zero_shot_words.facts([{"options": data.options("cnn3d")}]) == {}
