"""Functions of rules/train.smk, without Snakemake."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import tiny
from rule_objects import RUN, rules

from vidbench.errors import UserError
from vidbench.tracking import packages
from vidbench.workflow import checks

FROZEN = {"architecture": "resnet18", "weights": "DEFAULT", "trained_stages": 0}
FEATURES = SimpleNamespace(dataset="motion", backbone="frozen", shard="0")
HEAD = SimpleNamespace(dataset="motion", split="split1", model="head", seed="0")
CLIP = {"frames": 4, "size": [32, 32]}


def frozen(**changes: object) -> dict:
    head = {"backbone": "frozen", "head": "mean", "clip": CLIP}
    return tiny.config(**{"backbones__frozen": FROZEN, "models__head": head, "run__models": ["head"]} | changes)


def training(**settings: object) -> dict:
    return tiny.config(device="cuda", datasets__motion__training=tiny.TRAINING | {"threads": 3} | settings)


def test_a_training_on_two_gpus_asks_for_twice_the_cores_and_memory() -> None:
    one, two = (rules(training(gpus=number, workers=6)).train for number in (1, 2))
    assert (one.gpus(RUN), two.gpus(RUN)) == (1, 2)
    assert (one.threads(RUN), two.threads(RUN)) == (3 + 6, 2 * (3 + 6))
    assert two.megabytes(RUN, 1) == 2 * one.megabytes(RUN, 1)
    assert two.megabytes(RUN, 2) == pytest.approx(2 * two.megabytes(RUN, 1), abs=2)


def test_models_are_trained_in_the_order_of_the_run_before_costs_and_figures() -> None:
    swept = {"architecture": "cnn3d", "sweep": {"training.epochs": [1, 2]}}
    made = rules(tiny.config(models__swept=swept, run__models=["swept", "cnn3d"]))
    turns = [made.train.turn(SimpleNamespace(model=model)) for model in made.run.trained]
    assert made.run.trained == [*made.run.trials("swept"), "cnn3d"]
    assert turns == sorted(set(turns), reverse=True)
    assert min(turns) > 1
    assert made.train.turn(SimpleNamespace(model="of_another_run")) == 2


def test_without_a_gpu_a_training_is_one_process_per_machine() -> None:
    train = rules(training(gpus=2, nodes=3) | {"device": "cpu"}).train
    assert (train.gpus(RUN), train.nodes(RUN), train.processes_per_node(RUN)) == (0, 3, 1)


def test_what_several_machines_need_is_asked_for_by_them_only() -> None:
    several, one = (rules(training(nodes=nodes, gpus=2)).train for nodes in (3, 1))
    assert (several.gpus(RUN), several.processes_per_node(RUN)) == (6, 2)
    assert several.on_several_nodes("srun")(RUN) == "srun"
    assert several.on_several_nodes(several.nodes)(RUN) == 3
    assert several.on_several_nodes(0)(RUN) == 0
    assert one.on_several_nodes("srun")(RUN) is None


@pytest.mark.parametrize(
    ("nodes", "granted", "expected"),
    [
        (1, 0, ["python"]),
        (1, 1, ["python"]),
        (1, 4, ["torchrun", "--standalone", "--nproc-per-node=4"]),
        (2, 4, ["python", "scripts/torchrun_on_nodes.py", "--cores", 6, "--gpus", 4]),
    ],
)
def test_a_training_is_started_by_what_it_was_granted(nodes: int, granted: int, expected: list) -> None:
    train = rules(training(nodes=nodes, gpus=2)).train
    assert train.launcher(RUN, 6, SimpleNamespace(gpu=granted)) == expected


def test_time_of_a_training_grows_with_epochs_and_attempts() -> None:
    short, long = (rules(training(epochs=epochs)).train for epochs in (2, 20_000))
    assert 30 < short.minutes(RUN, 1) < long.minutes(RUN, 1)
    assert long.minutes(RUN, 2) == pytest.approx(2 * long.minutes(RUN, 1), abs=1)


def test_settings_that_change_no_result_stand_apart() -> None:
    train = rules(training(checkpoint_minutes=7, tensorboard=True, tracker=["mlflow"]), prefix="video/").train
    assert not {"checkpoint_minutes", "tensorboard", "tracker", "workers"} & train.options(RUN)["training"].keys()
    assert train.runtime_arguments(RUN, 1) == [
        "--checkpoint-minutes", 7, "--on-failure", "stop",
        "--trackers", "tensorboard", "mlflow", "--logs", "video/logs",
    ]  # fmt: skip
    assert "--trackers" not in rules().train.runtime_arguments(RUN, 1)
    baseline = SimpleNamespace(dataset="motion", split="split1", model="baseline", seed=0)
    assert train.tracker_arguments(baseline) == []


def test_a_tracker_that_is_not_installed_is_one_line_before_any_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "search_path", list)
    checks._check_trackers(rules().train.run)
    with pytest.raises(UserError) as raised:
        checks._check_trackers(rules(training(tracker=["wandb"])).train.run)
    assert str(raised.value) == (
        "config: training.tracker: wandb is not installed; run `make trackers`, or `pip install wandb` in this"
        " environment"
    )


def test_a_fraction_is_told_the_whole_split() -> None:
    train = rules().train
    assert train.whole_split(RUN) == []
    half = SimpleNamespace(dataset="motion", split="split1-train50")
    assert train.whole_split(half) == ["results/motion/splits/split1.csv"]


def test_official_weights_are_fetched_and_known_by_the_hash_in_their_name() -> None:
    train = rules(frozen()).train
    file = "resources/weights/resnet18-IMAGENET1K_V1.pth"
    for wildcards in (HEAD, FEATURES):
        assert train.network(wildcards).weights == "IMAGENET1K_V1"
        assert train.weights_file(wildcards) == [file]
        assert re.fullmatch(r"resnet18-[0-9a-f]{8}\.pth", train.weights_digest(wildcards))
        assert train.weights_argument(wildcards, {"weights": [file]}) == [f"--weights={file}"]
    assert json.loads(train.fetch_options(FEATURES)) == train.run.general["weights_download"]


def test_timms_weights_are_a_file_that_a_rule_makes() -> None:
    train = rules(frozen(backbones__frozen=FROZEN | {"architecture": "timm/resnet18", "weights": "a1_in1k"})).train
    [file] = train.weights_file(HEAD)
    assert file == "resources/weights/timm/resnet18-a1_in1k.safetensors"
    patterns = train.files.wildcard_constraints()
    name = rf"({patterns['architecture']})-({patterns['weights']})\.(?:pth|safetensors)"
    found = re.fullmatch(f"resources/weights/{name}", file)
    assert found is not None
    assert found.groups() == ("timm/resnet18", "a1_in1k")


def test_weights_of_ones_own_are_known_by_their_content(tmp_path: Path) -> None:
    path = tmp_path / "own.pth"
    path.write_bytes(b"one")
    config = frozen(backbones__frozen=FROZEN | {"weights": str(path)})
    train = rules(config).train
    before = train.weights_digest(HEAD)
    assert train.weights_file(HEAD) == [str(path)]
    path.write_bytes(b"two")
    assert train.weights_digest(HEAD) == before  # read once
    assert rules(config).train.weights_digest(HEAD) != before


def test_random_weights_are_no_file() -> None:
    train = rules().train
    assert (train.weights_file(RUN), train.weights_digest(RUN), train.weights_argument(RUN, {})) == ([], "", [])


def test_features_are_those_of_a_model_that_uses_them() -> None:
    train = rules(frozen(datasets__motion__training=tiny.TRAINING | {"threads": 3, "workers": 2})).train
    assert train.model_of_features(FEATURES).model == "head"
    assert train.feature_options(FEATURES)["backbone"]["architecture"] == "resnet18"
    assert train.feature_compute_threads(FEATURES) == 3
    assert train.feature_threads(FEATURES) == 3 + 2
    assert train.feature_loading_arguments(FEATURES, 5) == ["--workers", 2]
    assert train.feature_megabytes(FEATURES, 1) == train.jobs.computing_megabytes(HEAD, 1)


def test_features_that_no_model_uses_end_in_one_line() -> None:
    with pytest.raises(SystemExit, match=r"^error: config: no model uses cached features of backbones\.cnn2d"):
        rules().train.model_of_features(SimpleNamespace(dataset="motion", backbone="cnn2d"))


def test_a_swept_model_is_chosen_and_its_trials_are_trained() -> None:
    swept = {"architecture": "cnn3d", "sweep": {"width": [4, 8]}}
    train = rules(tiny.config(models__swept=swept)).train
    for model, is_swept in (("swept", True), ("swept-width4", False), ("cnn3d", False)):
        assert bool(re.fullmatch(train.swept_models, model)) is is_swept
        assert bool(re.fullmatch(train.trained_models, model)) is not is_swept
    trials = train.trials(SimpleNamespace(model="swept"))
    assert trials == {"swept-width4": {"width": 4}, "swept-width8": {"width": 8}}
