"""The card: planted numbers are on it, in words and in the metadata that the Hub's library reads."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import ModelCard
from planted import Model
from shared_models import MODELS, plant_models

from vidbench.errors import UserError
from vidbench.files import read_csv, read_json, write_csv, write_json
from vidbench.models.published_weights import official
from vidbench.sharing import markdown
from vidbench.sharing.card import render
from vidbench.sharing.facts import Wishes, read_facts

MOTION = Wishes(kind="motion", license="mit")


def card(results: Path, wishes: Wishes = MOTION) -> str:
    return render(read_facts(results, wishes))


def test_the_hubs_library_reads_the_metadata(tmp_path: Path) -> None:
    data = ModelCard(card(plant_models(tmp_path))).data
    stated = {"license": "mit", "library_name": "vidbench", "pipeline_tag": "video-classification"}
    assert stated.items() <= data.to_dict().items()
    assert data.tags == ["video-classification", "vidbench", "cnn3d", "motion"]
    assert data.metrics == ["accuracy", "f1"]
    assert data.base_model is None
    assert data.model_name == "cnn3d on motion"
    found = {(result.metric_name, result.metric_value) for result in data.eval_results}
    assert {("Top-1 accuracy", 0.92), ("Macro F1", 0.91), ("Mean average precision", 0.92)} <= found
    assert {result.dataset_name for result in data.eval_results} == {"motion"}
    assert ModelCard(f"---\n{data.to_yaml()}\n---\n").data.to_dict() == data.to_dict()


def test_what_is_published_on_the_hub_is_named_there(tmp_path: Path) -> None:
    results = plant_models(tmp_path, weights="IMAGENET1K_V1")
    facts = read_facts(results, Wishes(kind="hmdb51"))
    first = next(iter(official("timm/resnet18").values()))
    data = ModelCard(render(replace(facts, first_weights=first))).data
    assert data.base_model == first.hub == f"timm/resnet18.{first.name}"
    assert data.datasets == ["CVML-TueAI/HMDB51"]


def test_the_numbers_of_the_tables_are_on_it(tmp_path: Path) -> None:
    text = card(plant_models(tmp_path, [Model("cnn3d", 0.92, shuffled=0.4), *MODELS[1:]]))
    for words in (
        "cnn3d reaches a top-1 accuracy of 92.0 % [88.0, 96.0] on 96 test videos in 48 groups, pooled over 1 split,"
        " mean over 3 seeds; chance is 25.0 %.",
        "one of its 3 trainings (split1, seed 0)",
        "These alone are right on 92.0 % of the 96 test videos of their split.",
        "It is tied with knn (baseline) and cnn2d_mean",
        "| top-1 (%) | 92.0 | [89.0, 95.0] |",
        "| cnn2d_mean | – | 88.0 | [84.0, 92.0] |",
        "With 48 groups this data set shows differences of about 6.2 points.",
        "Weakest classes: down 83.0 [82.0, 97.0] %",
        "| down | 24 | 12 | 83.0 | [82.0, 97.0] | 92.0 |",
        "| left | right | 3 | 24 | 12.0 |",
        "when the frames of a video come in random order: 78 [73, 83] %",
        "| shuffled | 40.0 % |",
        "Logits are divided by the temperature 1.5",
        "5.0 % as trained (perfectly calibrated: 1.0 % to 4.0 %)",
        "A video whose probabilities have an entropy above 0.7 nats counts as of none of the classes (--unknown), a"
        " bound that 90 % of new videos of the classes are to keep. 80.0 % of the test videos keep it; 92.0 % of these"
        " are right.",
        "Measured on A processor, 2 threads:",
        "| one clip | 2 ms |",
        "motion: 96 videos of 4 classes, 24 per class; all could be decoded. They come in 48 groups",
        "Bad videos: none.",
        "alidation has under 60 videos.",
        "each shows one of 4 classes: left, right, up, down.",
        "- These weights: mit.",
        "- Data (motion): drawn by VidBench itself (MIT).",
        'vidbench.load(hf_hub_download("OWNER/NAME", "weights.safetensors"))',
    ):
        assert words in text, words
    assert not re.search(r"\b(None|nan)\b", text)


def test_a_run_from_before_there_was_a_bound_of_the_entropy_has_its_threshold(tmp_path: Path) -> None:
    results = plant_models(tmp_path)
    for path in results.glob("*/cnn3d/*/metrics.json"):
        metrics = read_json(path)
        del metrics["rejection"]["max_entropy"]
        metrics["rejection"]["warning"] = "from 12 validation videos, fewer than 50"
        write_json(path, metrics)
    text = card(results)
    assert "A video whose most probable class is below 70.0 % counts as of none of the classes" in text
    assert "It is from 12 validation videos, fewer than 50." in text


def test_too_few_validation_videos_for_a_bound_are_said(tmp_path: Path) -> None:
    results = plant_models(tmp_path)
    for path in results.glob("*/cnn3d/*/metrics.json"):
        metrics = read_json(path)
        metrics["rejection"] |= {"max_entropy": None, "threshold": None, "answered": None, "accuracy": None}
        write_json(path, metrics)
    text = card(results)
    assert "There were too few validation videos for a bound beyond which a video counts as of none" in text
    assert "use a bound of your own (--threshold 0.5, in Python with_threshold(0.5) and is_unknown)." in text
    assert not re.search(r"\b(None|nan)\b|--unknown", text)


@pytest.mark.parametrize(
    ("models", "model", "words"),
    [
        ([Model("a", 0.9)], None, "It is the only model of its run, so nothing is compared."),
        ([Model("a", 0.9, verdict="best"), Model("b", 0.5, verdict="behind")], None,
         "It is better than every other model of its run: b."),
        ([Model("a", 0.9, verdict="best"), Model("b", 0.5, verdict="behind")], "b",
         "It is behind a, which reaches 90.0 % [86.0, 94.0], 40.0 points [37.0, 43.0] more."),
        ([Model("a", 0.9), Model("b", 0.8)], "b", "It is tied with a: this test finds no significant difference."),
        ([Model("a", 0.9, half=None, verdict="unknown"), Model("b", 0.5, half=None, verdict="unknown")], None,
         "The test has too few groups to say how it compares"),
    ],
)  # fmt: skip
def test_how_it_stands_among_the_models(tmp_path: Path, models: list[Model], model: str | None, words: str) -> None:
    assert words in card(plant_models(tmp_path, models), replace(MOTION, model=model))


def test_bad_videos_are_counted_without_their_names(tmp_path: Path) -> None:
    results = plant_models(tmp_path)
    rows = read_csv(results / "inspection.csv")
    rows[0]["status"] = rows[1]["status"] = "failed"
    rows[2] |= {"status": "partial", "message": "/home/me/v2.mp4: broken"}
    write_csv(results / "inspection.csv", rows, tuple(rows[0]))
    text = card(results)
    assert "Bad videos: 2 could not be decoded; 1 could be decoded in part only." in text
    assert "/home" not in text


def test_licences_of_first_weights_and_data_are_said(tmp_path: Path) -> None:
    results = plant_models(tmp_path, weights="/home/me/r3d.pth", licence="cc-by-nc-4.0")
    text = card(results, Wishes(kind="csv", data_license="CC BY 4.0"))
    assert "license: cc-by-nc-4.0" in text
    assert "- These weights: cc-by-nc-4.0.\n- This licence does not allow commercial use." in text
    assert "- First weights (r3d.pth): cc-by-nc-4.0;" in text
    assert "- Data (motion): CC BY 4.0." in text
    assert "/home" not in text
    assert "no licence is stated" in card(plant_models(tmp_path / "random"), Wishes())


def test_a_folder_without_results_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"has no summary\.csv; name results/DATASET of a run"):
        read_facts(tmp_path, MOTION)


def test_many_classes_are_folded(tmp_path: Path) -> None:
    labels = tuple(f"class {number}" for number in range(30))
    results = plant_models(tmp_path)
    rows = read_csv(results / "class_scores.csv")
    many = [rows[0] | {"class": label, "accuracy": str(0.5 + place / 100)} for place, label in enumerate(labels)]
    write_csv(results / "class_scores.csv", many, tuple(rows[0]))
    assert "<summary>Accuracy of all 30 classes</summary>" in card(results)


def test_a_run_without_further_tables_has_a_card(tmp_path: Path) -> None:
    results = plant_models(tmp_path)
    for name in ("scores", "confused_pairs", "motion_use"):
        (results / f"{name}.csv").unlink(missing_ok=True)
    write_json(results / "costs/cnn3d.json", {})
    text = card(results)
    assert "Use of motion" not in text
    assert ModelCard(text).data.eval_results[0].metric_value == 0.92


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("a|b", r"a\|b"),
        ("cnn2d_mean", "cnn2d_mean"),
        ("_private_", r"\_private\_"),
        ("*bold* `code`", r"\*bold\* \`code\`"),
        ("[x](http://evil)", r"[x\](http://evil)"),
        ("[88.0, 96.0]", "[88.0, 96.0]"),
        ("<script>", "&lt;script&gt;"),
        ("two\nlines", "two lines"),
    ],
)
def test_names_are_no_marks(name: str, escaped: str) -> None:
    assert markdown.escape(name) == escaped
