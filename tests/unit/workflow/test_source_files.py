"""Which files a script runs: all that it imports, and nothing of other families."""

from pathlib import Path

import pytest
from conftest import PROJECT

from vidbench.workflow.source_files import code_digest, code_digests, source_files

SCRIPTS = PROJECT / "scripts"


def names(script: str, *modules: str) -> set[str]:
    return {str(path.relative_to(SCRIPTS)) for path in source_files(script, modules)}


def test_training_depends_on_its_loop_but_not_on_scoring() -> None:
    files = names("train_model.py")
    assert {
        "train_model.py",
        "vidbench/training/loop.py",
        "vidbench/clips/loader.py",
        "vidbench/frames/store.py",
    } <= files
    assert not {"vidbench/evaluation/metrics.py", "vidbench/plotting/style.py", "vidbench/config/schema.py"} & files
    assert "vidbench/evaluation/runs.py" not in files | names("predict_videos.py")
    assert "vidbench/report/baseline_words.py" not in names("fit_baseline.py")
    assert "vidbench/doctor/data_warnings.py" not in files  # a warning in other words trains nothing again


def test_a_model_brings_its_own_family_only() -> None:
    files = names("train_model.py", "vidbench.models.composite", "vidbench.models.heads.lstm")
    assert "vidbench/models/heads/lstm.py" in files
    assert "vidbench/models/heads/tcn.py" not in files
    assert "vidbench/models/networks/cnn3d.py" not in files


@pytest.mark.parametrize("script", sorted(path.name for path in SCRIPTS.glob("plot_*.py")))
def test_figures_import_no_torch(script: str) -> None:
    for path in source_files(script):
        assert "import torch" not in path.read_text(), path


@pytest.mark.parametrize(
    "script",
    ["download_data.py", "index_videos.py", "extract_frames.py", "inspect_videos.py", "make_splits.py",
     "score_predictions.py", "select_explained_videos.py", "compare_models.py", "compare_scores.py",
     "compare_errors.py", "explain_scores.py", "find_label_issues.py", "measure_difficulty.py", "make_tables.py",
     "build_report.py",
     "share_model.py"],
)  # fmt: skip
def test_steps_without_a_model_import_no_torch(script: str) -> None:
    for path in source_files(script):
        text = path.read_text()
        assert "import torch" not in text, path


CODE = """'''A module.'''
import os


class Kept:
    def size(self, name: str = "a") -> int:
        return len(name) + 1
"""


def digest_of(folder: Path, text: str) -> str:
    path = folder / f"m{len(list(folder.iterdir()))}.py"
    path.write_text(text, encoding="utf-8")
    return code_digest(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("A module.", "Another sentence about it."),
        ("'''A module.'''\n", ""),
        ("import os\n", "import os  # for nothing\n"),
        ("    def", "    '''Documented now.'''\n\n    # why\n    def"),
        ("return len(name) + 1", "'''Length and one.'''\n        return (\n            len(name) + 1\n        )"),
    ],
)
def test_prose_and_layout_are_no_code(tmp_path: Path, old: str, new: str) -> None:
    assert old in CODE
    assert digest_of(tmp_path, CODE.replace(old, new)) == digest_of(tmp_path, CODE)


@pytest.mark.parametrize(
    ("old", "new"),
    [("+ 1", "- 1"), ("+ 1", "+ 1.0"), ("+ 1", "+ True"), ("+ 1", "+ None"), ('"a"', "None"), ('"a"', '""'),
     (' = "a"', ""), ("import os", "import sys"), ("class Kept:", "class Kept(dict):"), ("size", "length"),
     ("import os\n", ""), ("return", "yield"), ("    def", "    @property\n    def")],
)  # fmt: skip
def test_every_statement_is_code(tmp_path: Path, old: str, new: str) -> None:
    assert old in CODE
    assert digest_of(tmp_path, CODE.replace(old, new)) != digest_of(tmp_path, CODE)


def test_a_text_that_is_no_docstring_is_code(tmp_path: Path) -> None:
    assert digest_of(tmp_path, "x = 1\n'a'\n") != digest_of(tmp_path, "x = 1\n'b'\n")
    assert digest_of(tmp_path, "def f():\n    return 'a'\n") != digest_of(tmp_path, "def f():\n    return 'b'\n")


def test_each_file_has_a_line_of_its_own() -> None:
    lines = code_digests("train_model.py")
    assert [line.split()[0] for line in lines] == [
        str(path.relative_to(SCRIPTS)) for path in source_files("train_model.py")
    ]
