"""What runs again where features are cached, by counting jobs: one data set, two shards, two heads on one entry."""

from pathlib import Path

import pytest
import tiny

from workflow.conftest import changed, copy_project, planned, snakemake, write_config

pytestmark = pytest.mark.slow
CONFIG = tiny.config(
    backbones={
        "frozen": {"architecture": "cnn2d", "width": 4, "trained_stages": 0},
        "clips": {"architecture": "cnn3d", "width": 4, "trained_stages": 0},
    },
    models={
        "lstm": {"backbone": "frozen", "head": "lstm", "hidden": 8},
        "mean": {"backbone": "frozen", "head": "mean"},
        "tcn": {"backbone": "frozen", "head": "tcn", "hidden": 8},
        "clips": {"backbone": "clips", "head": "mean"},
    },
    run__models=["lstm", "mean"],
)
ONE, BOTH = {"train_model": 1, "models": 1}, {"train_model": 2, "models": 1}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which both heads are trained."""
    folder = copy_project(tmp_path_factory.mktemp("features"))
    write_config(folder, CONFIG)
    snakemake(folder, "models")
    return folder


def jobs(folder: Path, **changes: object) -> dict[str, int]:
    """Jobs that training would run after some changes of the configuration."""
    write_config(folder, tiny.with_changes(CONFIG, changes))
    try:
        return planned(folder, "models")
    finally:
        write_config(folder, CONFIG)


def test_features_are_computed_once(trained: Path) -> None:
    assert sorted(path.name for path in trained.glob("results/motion/features/*/*.h5")) == ["0.h5", "1.h5"]
    assert jobs(trained) == {}


def test_another_head_seed_or_setting_computes_none(trained: Path) -> None:
    assert jobs(trained, run__models=["lstm", "mean", "tcn"]) == ONE
    assert jobs(trained, run__seeds=[0, 1]) == BOTH
    assert jobs(trained, models__lstm__training={"epochs": 1}) == ONE
    assert jobs(trained, models__lstm__training={"threads": 2}) == ONE
    assert jobs(trained, models__lstm__clip={"frames": 6}) == ONE
    with changed(trained / "scripts/vidbench/models/heads/lstm.py"):
        assert jobs(trained) == ONE
    for module in ("training/loop.py", "features/dataset.py", "models/freezing.py", "clips/augmentation.py"):
        with changed(trained / "scripts/vidbench" / module):
            assert jobs(trained) == BOTH


def test_another_backbone_runs_its_extraction_and_its_models(trained: Path) -> None:
    everything = {"extract_features": 2, **BOTH}
    assert jobs(trained, backbones__frozen__width=5) == everything
    assert jobs(trained, datasets__motion__clip={"frames": 4, "size": [24, 24]}) == everything
    with changed(trained / "scripts/vidbench/models/networks/cnn2d.py"):
        assert jobs(trained) == everything
    with changed(trained / "scripts/vidbench/features/extract.py"):
        assert jobs(trained) == everything


def test_another_entry_computes_its_own(trained: Path) -> None:
    assert jobs(trained, run__models=["lstm", "mean", "clips"]) == {"extract_features": 2, **ONE}
    assert jobs(trained, backbones__clips__width=9) == {}
    with changed(trained / "scripts/vidbench/models/networks/cnn3d.py"):
        assert jobs(trained) == {}


def test_without_the_cache_nothing_is_extracted(trained: Path) -> None:
    assert jobs(trained, backbones__frozen__cache_features=False) == BOTH
    assert jobs(trained, backbones__frozen__trained_stages=1) == BOTH


def test_predictions_come_from_the_features(trained: Path) -> None:
    text = snakemake(trained, "metrics", "--printshellcmds").stdout
    assert text.count("--features results/motion/features/frozen/0.h5 ") == 2 + 2  # two models, two baselines on them
    assert planned(trained, "metrics") == {}


def scored(folder: Path, **changes: object) -> dict[str, int]:
    """Jobs up to the comparison, after some changes of the configuration of which all metrics are there."""
    write_config(folder, tiny.with_changes(CONFIG, changes))
    try:
        return planned(folder, "metrics")
    finally:
        write_config(folder, CONFIG)


def fits(number: int) -> dict[str, int]:
    """What runs where so many baselines are fitted again: nothing is trained, extracted or predicted."""
    return {"fit_baseline": number, "score_predictions": number, "compare_models": 1, "compare_errors": 1, "metrics": 1}


def test_baselines_are_fitted_again_where_their_choice_or_features_change(trained: Path) -> None:
    """Follows the test above, which has made all metrics."""
    names = {path.parent.parent.name for path in trained.glob("results/motion/split1/*/seed*/metrics.json")}
    assert names == {"lstm", "mean", "logistic-frozen", "knn-frozen", "file_properties"}
    assert scored(trained) == {}
    assert scored(trained, baselines={"strengths": [0.1]}) == fits(2)
    assert scored(trained, baselines={"neighbours": [1]}) == fits(1)
    assert scored(trained, models__mean__dropout=0.5)["train_model"] == 1
    assert "fit_baseline" not in scored(trained, models__lstm__training={"epochs": 1})
    with changed(trained / "scripts/vidbench/baselines/logistic.py"):
        assert scored(trained) == fits(3)


def test_baselines_are_switched_off_by_an_empty_list(trained: Path) -> None:
    compared = {"compare_models": 1, "compare_errors": 1, "metrics": 1}
    assert scored(trained, run__baselines=[]) == compared
    assert scored(trained, run__baselines=["knn"]) == compared


def test_another_seed_fits_no_baseline_again(trained: Path) -> None:
    assert "fit_baseline" not in scored(trained, run__seeds=[0, 1])
