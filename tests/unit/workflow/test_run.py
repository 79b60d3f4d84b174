"""What a run consists of: the rules and the plan ask the same object."""

import re
from pathlib import Path

import pytest
import tiny
from rule_objects import own_config, published_config

from vidbench.config import schema
from vidbench.errors import UserError
from vidbench.workflow.run import Run, Split, used_part
from vidbench.workflow.source_files import source_files

SWEPT = {"architecture": "cnn3d", "sweep": {"width": [4, 8]}}
FROZEN = {"architecture": "cnn2d", "width": 4, "trained_stages": 0}


def test_motion_has_the_videos_that_its_recipe_says() -> None:
    (data,) = Run(tiny.config()).datasets
    assert (data.num_videos, data.num_classes, data.largest_split) == (54, 6, (54, 54))
    (split,) = data.splits
    assert (split.clips + split.val, split.test) == (36, 18)


def test_a_published_data_set_has_its_published_sizes() -> None:
    (data,) = Run(published_config("kinetics400", splits={"validation": 0.02})).datasets
    assert data.splits == [Split("split1", 241603, 4931, 19906)]
    assert (data.known, data.videos, data.listing.remarks) == (False, [], [])
    assert data.largest_split == (246534, 19906)
    (data,) = Run(published_config("ucf101", splits={"kind": "folds", "folds": 4, "validation": 0.1})).datasets
    assert data.splits[3] == Split("fold4", 8991, 999, 3330)


def test_a_fraction_takes_as_many_clips_as_the_whole() -> None:
    (data,) = Run(tiny.config(datasets__motion__splits={"fractions": [0.5]})).datasets
    whole, half = data.splits
    assert (half.name, half.clips, half.test) == ("split1-train50", whole.clips, whole.test)
    assert data.full_splits == ["split1"]


def test_a_run_takes_the_splits_that_it_names_and_that_a_data_set_has(tmp_path: Path) -> None:
    config = own_config(tmp_path, run__datasets=["motion", "own"], run__splits=["fold2", "split1"])
    motion, own = Run(config).datasets
    assert (motion.split_names, own.split_names) == (["split1"], ["fold2"])
    assert own.available_splits == ["fold1", "fold2"]
    (data,) = Run(own_config(tmp_path, run__splits=["fold9"])).datasets
    with pytest.raises(UserError, match=r"run\.splits: own has no split 'fold9'"):
        _ = data.split_names


def test_videos_of_a_list_are_in_one_shard_each(tmp_path: Path) -> None:
    (data,) = Run(own_config(tmp_path)).datasets
    assert {video.id for shard in data.videos_by_shard for video in shard} == {video.id for video in data.videos}
    assert len(data.videos_by_shard) == data.shards == 2
    assert (data.num_videos, data.num_classes) == (8, 2)


def test_a_swept_model_is_trained_as_its_trials() -> None:
    run = Run(tiny.config(models__swept=SWEPT, run__models=["cnn3d", "swept"]))
    assert run.swept == ["swept"]
    assert run.trained == ["cnn3d", "swept-width4", "swept-width8"]
    assert list(run.trials("swept")) == ["swept-width4", "swept-width8"]
    assert (run.first_trained("swept"), run.first_trained("cnn3d")) == ("swept-width4", "cnn3d")


def test_shuffles_are_those_of_the_motion_test() -> None:
    assert Run(tiny.config(evaluation__shuffles=7)).shuffles == 7
    assert Run(tiny.config(evaluation__shuffles=7, evaluation__motion_test=False)).shuffles == 0


def test_features_are_of_the_first_model_that_caches_them() -> None:
    config = tiny.config(backbones__frozen=FROZEN, run__models=["cnn3d", "mean"])
    config["models"] |= {
        "lstm": {"backbone": "frozen", "head": "lstm"},
        "mean": {"backbone": "frozen", "head": "mean"},
    }
    (data,) = Run(config).datasets
    assert data.backbones == {"frozen": "mean"}
    assert data.model_of_backbone("frozen") == "mean"
    (data,) = Run(config | {"run": config["run"] | {"models": ["cnn3d"]}}).datasets
    assert (data.backbones, data.model_of_backbone("frozen")) == ({}, "lstm")
    with pytest.raises(UserError, match=r"no model uses cached features of backbones\.cnn2d"):
        data.model_of_backbone("cnn2d")


def test_official_weights_are_counted_once_and_files_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "own.pth").touch()
    entry = {"architecture": "r3d_18", "clip": {"frames": 16}}
    config = tiny.config(run__models=["one", "two", "own"])
    config["models"] |= {
        "one": entry | {"weights": "DEFAULT"},
        "two": entry | {"weights": "DEFAULT"},
        "own": entry | {"weights": str(tmp_path / "own.pth")},
    }
    assert Run(config).official_weights == {("r3d_18", "KINETICS400_V1")}


def test_paths_that_begin_with_a_tilde_are_those_of_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("a.pth", "b.pth"):
        (tmp_path / name).touch()
    sources = {"kind": "ucf101", "root": None, "lists": "~/lists", "archive": ["~/a.rar", "b.rar"]}
    run = Run(
        tiny.config(
            datasets__own={"kind": "csv", "manifest": "~/own.csv", "root": "~/videos"},
            datasets__data=sources,
            backbones__net={"architecture": "resnet18", "weights": "~/a.pth"},
            models__one={"backbone": "net", "head": "mean"},
            models__two={"architecture": "cnn3d", "sweep": {"weights": ["~/a.pth", "~/b.pth"]}},
            models__three={"architecture": "cnn3d", "search": {"weights": {"choice": ["~/a.pth", "~/b.pth"]}}},
            run__datasets=["own", "data"],
            run__models=["one", "two", "three"],
            search={"trials": 2},
            ffmpeg="~/bin/ffmpeg",
            container="~/v.sif",
            shared="~/shared",
            report={"title": "~/title"},
        )
    )
    own, data = (each.entry for each in run.datasets)
    home = str(tmp_path)
    assert (own["manifest"], own["root"]) == (f"{home}/own.csv", f"{home}/videos")
    assert (data["lists"], data["archive"]) == (f"{home}/lists", [f"{home}/a.rar", "b.rar"])
    starts = {run.datasets[0].typed_options(model).network.weights for model in run.trained}
    assert starts == {f"{home}/a.pth", f"{home}/b.pth"}
    places = {key: f"{home}/{name}" for key, name in (("ffmpeg", "bin/ffmpeg"), ("container", "v.sif"))}
    assert run.general | places | {"shared": f"{home}/shared"} == run.general
    assert run.general["report"]["title"] == "~/title"
    with pytest.raises(UserError, match=rf"models\.cnn3d\.weights: {home}/gone\.pth: no such file, did you mean "):
        Run(tiny.config(models__cnn3d__weights="~/gone.pth"))


def test_downloads_of_the_run_go_before_the_rest_of_the_catalogue() -> None:
    config = tiny.config(datasets__again=tiny.MOTION_ENTRY | {"source": "motion"})
    assert Run(config).sources == {"motion": "motion"}
    config["run"]["datasets"] = ["again"]
    assert Run(config).sources == {"motion": "again"}
    assert Run(config, "video/resources").data("again").folder == "video/resources/motion"


def test_the_used_part_of_a_large_catalogue_is_a_run_of_its_own() -> None:
    config = tiny.config(models__swept=SWEPT, run__models=["cnn3d", "swept"])
    config["models"] |= {f"unused{number}": {"architecture": "cnn3d"} for number in range(50)}
    used = used_part(config)
    assert used["models"].keys() == {"cnn3d", "swept"}
    whole, part = Run(config), Run(used)
    assert part.trained == whole.trained
    assert all(part.datasets[0].options(model) == whole.datasets[0].options(model) for model in part.trained)
    schema.check(used)


def test_two_runs_in_one_process_know_nothing_of_each_other() -> None:
    one, two = (Run(tiny.config(datasets__motion__shards=number, run__seeds=[number])) for number in (1, 3))
    assert (one.data("motion").shards, two.data("motion").shards) == (1, 3)
    assert (one.seeds, two.seeds) == ([1], [3])
    assert one.data("motion") is one.datasets[0] is not two.data("motion")


def test_a_wrong_configuration_makes_no_run() -> None:
    with pytest.raises(UserError, match="seedz"):
        Run(tiny.config(run__seedz=[0]))


def test_a_plan_runs_where_there_is_no_snakemake() -> None:
    """Its rule's environment, envs/data.yaml, has none."""
    sources = source_files("plan_run.py")
    assert {"run.py", "speeds.py"} <= {path.name for path in sources if path.parent.name == "workflow"}
    assert not [path for path in sources if re.search(r"^(import|from) snakemake", path.read_text(), re.MULTILINE)]
