"""Which files a script runs: all that it imports, and nothing of other families."""

import pytest
from conftest import PROJECT

from vidbench.source_files import source_files

SCRIPTS = PROJECT / "scripts"


def names(script: str, *modules: str) -> set[str]:
    return {str(path.relative_to(SCRIPTS)) for path in source_files(script, modules)}


def test_training_depends_on_its_loop_but_not_on_scoring() -> None:
    found = names("train_model.py")
    assert {"train_model.py", "vidbench/training/engine.py", "vidbench/clips.py", "vidbench/frames.py"} <= found
    assert not {"vidbench/evaluation/metrics.py", "vidbench/figures.py", "vidbench/configuration.py"} & found
    assert "vidbench/data_warnings.py" not in found  # a warning in other words trains nothing again


def test_a_model_brings_its_own_family_only() -> None:
    found = names("train_model.py", "vidbench.models.frame_model", "vidbench.models.head_lstm")
    assert "vidbench/models/head_lstm.py" in found
    assert "vidbench/models/head_tcn.py" not in found
    assert "vidbench/models/cnn3d.py" not in found


@pytest.mark.parametrize("script", sorted(path.name for path in SCRIPTS.glob("plot_*.py")))
def test_figures_import_no_torch(script: str) -> None:
    for path in source_files(script):
        assert "import torch" not in path.read_text(), path


@pytest.mark.parametrize(
    "script",
    ["download_data.py", "index_videos.py", "extract_frames.py", "inspect_videos.py", "make_splits.py",
     "score_predictions.py", "choose_examples.py", "compare_models.py", "compare_scores.py", "compare_errors.py",
     "describe_videos.py", "make_tables.py", "build_report.py"],
)  # fmt: skip
def test_steps_without_a_model_import_no_torch(script: str) -> None:
    for path in source_files(script):
        text = path.read_text()
        assert "import torch" not in text, path
