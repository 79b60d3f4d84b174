"""Paths of what a run makes, as the rules ask for them."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import tiny
from conftest import PROJECT
from rule_objects import MOTION, RUN, own_config, rules

from vidbench.workflow.files import Paths, one_of, user_files

SWEPT = {"architecture": "cnn3d", "sweep": {"width": [4, 8]}}
FROZEN = {"architecture": "cnn2d", "width": 4, "trained_stages": 0}


def rich() -> dict:
    return tiny.config(
        datasets__motion__splits={"fractions": [0.5]}, models__swept=SWEPT, run__models=["cnn3d", "swept"],
        run__seeds=[0, 2], backbones__frozen=FROZEN, models__head={"backbone": "frozen", "head": "mean"},
    )  # fmt: skip


def test_files_of_runs_are_of_each_split_model_and_seed() -> None:
    files = rules(rich()).files
    paths = files.of_runs("metrics.json")(MOTION)
    assert len(paths) == len(set(paths)) == 2 * 2 * 2
    assert paths[0] == "results/motion/split1/cnn3d/seed0/metrics.json"
    assert paths[-1] == "results/motion/split1-train50/swept/seed2/metrics.json"
    assert files.of_full_runs("metrics.json")(MOTION) == [path for path in paths if "train50" not in path]


def test_files_of_first_runs_are_one_per_model() -> None:
    paths = rules(rich()).files.of_first_runs("predictions.h5")(MOTION)
    assert paths == [f"results/motion/split1/{model}/seed0/predictions.h5" for model in ("cnn3d", "swept")]


def test_a_cost_is_of_a_models_first_run() -> None:
    files = rules(rich()).files
    wildcards = SimpleNamespace(dataset="motion", model="swept")
    assert files.of_first_run("options.json")(wildcards) == "results/motion/split1/swept/seed0/options.json"
    assert files.costs(MOTION) == [f"results/motion/costs/{model}.json" for model in ("cnn3d", "swept")]


def test_files_of_trials_are_of_the_seed_or_of_all_seeds() -> None:
    files = rules(rich()).files
    wildcards = SimpleNamespace(dataset="motion", split="split1", model="swept")
    paths = files.of_trials("history.csv")(wildcards)
    assert paths == [
        f"results/motion/split1/swept-width{width}/seed{seed}/history.csv" for width in (4, 8) for seed in (0, 2)
    ]
    of_seed = files.of_trials("history.csv")(SimpleNamespace(**vars(wildcards), seed="2"))
    assert of_seed == [path for path in paths if "seed2" in path]


def test_shards_features_and_splits_of_a_data_set() -> None:
    files = rules(rich(), prefix="video/").files
    assert files.shards(MOTION) == ["results/motion/frames/0.h5", "results/motion/frames/1.h5"]
    assert files.stored_shards(files.run.data("motion"))[0] == "video/results/motion/frames/0.h5"
    assert files.source_folder(MOTION) == "video/resources/motion"
    assert files.cached_features(RUN) == []
    head = SimpleNamespace(dataset="motion", model="head")
    assert files.cached_features(head) == [f"results/motion/features/frozen/{shard}.h5" for shard in range(2)]
    assert files.splits(MOTION) == ["results/motion/splits/split1.csv"]
    assert files.all_splits(MOTION) == [f"results/motion/splits/split1{name}.csv" for name in ("", "-train50")]


def test_files_of_all_data_sets_of_the_run(tmp_path: Path) -> None:
    files = rules(own_config(tmp_path, run__datasets=["motion", "own"])).files
    assert files.for_datasets("results/{dataset}/a.csv") == ["results/motion/a.csv", "results/own/a.csv"]
    assert files.for_datasets(files.splits) == [
        "results/motion/splits/split1.csv", "results/own/splits/fold1.csv", "results/own/splits/fold2.csv",
    ]  # fmt: skip


def test_frames_are_there_when_list_and_all_shards_are(tmp_path: Path) -> None:
    files = rules(prefix=f"{tmp_path}/").files
    data, folder = files.run.data("motion"), tmp_path / "results/motion"
    (folder / "frames").mkdir(parents=True)
    for name in ("frames/0.h5", "frames/1.h5", "videos.csv"):
        assert not files.has_frames(data)
        (folder / name).touch()
    assert files.has_frames(data)


@pytest.mark.parametrize(
    ("wildcard", "good", "bad"),
    [
        ("dataset", "motion", "other"),
        ("model", "swept-width8", "swept-width9"),
        ("backbone", "frozen", "resnet"),
        ("source", "motion", "own"),
        ("split", "fold3-train12.5", "test"),
        ("seed", "12", "x"),
        ("shard", "0", "a"),
        ("architecture", "r3d_18", "a/b"),
        ("architecture", "timm/resnet18", "timm/a/b"),
        ("weights", "KINETICS400_V1", "best.pth"),
        ("architecture", "hf/vjepa2", "hf/vjepa2-x"),
        ("weights", "a1_in1k", "best.pth"),
        ("weights", "facebook--vjepa2-vitl-fpc64-256@" + "0123456789" * 4, "facebook/vjepa2@main"),
    ],
)
def test_wildcards_are_names_of_the_configuration(wildcard: str, good: str, bad: str) -> None:
    pattern = rules(rich()).files.wildcard_constraints()[wildcard]
    assert re.fullmatch(pattern, good)
    assert not re.fullmatch(pattern, bad)


def test_one_of_no_names_matches_nothing() -> None:
    assert not re.search(one_of([]), "")
    assert re.fullmatch(one_of(["a.b", "c"]), "a.b")
    assert not re.fullmatch(one_of(["a.b"]), "axb")


def test_a_users_file_is_local_and_left_out_where_its_name_looks_like_a_wildcard() -> None:
    (path,) = user_files(["own.csv", "{own}.csv"])
    assert path == "own.csv"
    assert path.flags["local"]
    assert user_files(["./own.csv", ".//./a./b", "../own.csv", "."]) == ["own.csv", "a./b", "../own.csv", "."]


def snakefile(main: Path, prefix: str = "") -> SimpleNamespace:
    """What Paths.of looks at of Snakemake's workflow while a Snakefile is read."""
    modifier = SimpleNamespace(path_modifier=SimpleNamespace(replace_prefix=lambda path: f"{prefix}{path}"))
    return SimpleNamespace(current_basedir=PROJECT / "rules", main_snakefile=str(main), modifier=modifier)


def test_paths_are_relative_in_the_project_and_absolute_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(PROJECT)
    assert Paths.of(snakefile(PROJECT / "Snakefile")) == Paths(PROJECT, "scripts")
    assert Paths.of(snakefile(tmp_path / "Snakefile", "video/")) == Paths(
        PROJECT, str(PROJECT / "scripts"), "video/results", "video/resources", "video/logs"
    )
    monkeypatch.chdir(tmp_path)
    assert Paths.of(snakefile(PROJECT / "Snakefile")).script("a.py") == f"{PROJECT}/scripts/a.py"


def test_the_page_is_made_from_templates_and_captions() -> None:
    page_files = Paths(PROJECT, "scripts").page_files
    assert "scripts/../report/comparison.rst" in page_files
    assert page_files == sorted(page_files)
