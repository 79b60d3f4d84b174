"""What the page says of labels: wrong ones, false alarms, models that cannot judge, and what was not judged."""

import json
from pathlib import Path

from planted import Model, Planted, plant

from vidbench.report.label_section import LabelSection, label_section


def section(folder: Path, **changes: object) -> LabelSection:
    """The section of planted results, after some changes of label_issues.json."""
    results = plant(folder, Planted("own", [Model("a", 0.9), Model("b", 0.6)], rich=True))
    path = results / "label_issues.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return label_section(results)


def test_wrong_labels_and_false_alarms_are_counted(tmp_path: Path) -> None:
    said = section(tmp_path, expected_missed=2.3)
    text = " ".join(said.words)
    assert text.startswith("3 of 96 labels are suspicious, as judged by models that were not trained on these videos:")
    assert "a (90.0 %) and b (60.0 %)" in text
    assert "about 3 can be expected to be wrong and about 0 to be false alarms" in text
    assert "Outside the list about 2 wrong labels can be expected." in text
    assert "own/corrected.csv" in text
    assert said.table is not None
    assert [cell.text for cell in said.table.rows[0]] == ["v0", "left", "right", "90.0", "95.0", "a; b"]


def test_without_a_sign_of_wrong_labels_all_are_false_alarms(tmp_path: Path) -> None:
    text = " ".join(section(tmp_path, expected_wrong=0.0, expected_false_alarms=3.0, share_wrong=0.0).words)
    assert "There is no sign that any label is wrong" in text
    assert "So expect all 3 to be false alarms." in text


def test_no_suspicious_label_is_said_in_one_sentence(tmp_path: Path) -> None:
    none = {"suspicious": 0, "expected_wrong": 0.0, "expected_false_alarms": 0.0, "share_wrong": 0.0}
    words = section(tmp_path, **none).words
    assert [word[:34] for word in words] == ["None of 96 labels is suspicious, a"]


def test_models_at_chance_cannot_judge(tmp_path: Path) -> None:
    reason = "is not clearly better than chance"
    blind = [{"model": "a", "accuracy": 0.27, "reason": reason}]
    said = section(tmp_path, judges=[], left_out=blind, suspicious=0, judged=0)
    assert said.table is None
    assert said.words == [
        "No model of this run can judge the labels: a (27.0 %) is not clearly better than chance. A class is right by"
        " chance for 25.0 % of the videos."
    ]


def test_what_was_not_judged_is_named(tmp_path: Path) -> None:
    other = [{"model": "files", "accuracy": 0.5, "reason": "does not see the frames"}]
    text = " ".join(section(tmp_path, videos=120, judged=95, left_out=other, small_classes={"up": 2}).words)
    assert "Not asked: files (50.0 %) does not see the frames." in text
    assert "24 videos of 120 are in no test and not judged; with folds" in text
    assert "1 test video without predictions could not be judged." in text
    assert "Models hardly know classes with few videos, and so their labels: up (2)." in text


def test_results_of_an_older_version_have_no_section(tmp_path: Path) -> None:
    assert label_section(plant(tmp_path, Planted("own", [Model("a", 0.9)]))) == LabelSection()
