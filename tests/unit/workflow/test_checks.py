"""What is checked before any job starts, without Snakemake."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import fake_driver
import pytest
import tiny
from rule_objects import own_config

from vidbench.errors import UserError
from vidbench.workflow.checks import check_run, check_start, limit_gpus
from vidbench.workflow.files import Paths
from vidbench.workflow.run import Run

FRACTIONS = {"folds": 2, "fractions": [0.5]}
NO_GPU = "WARNING: no GPU found: everything is trained and timed on the CPU (device: auto)\n"

PICKLE = b"\x80\x02}q\x00."  # the beginning of weights as torch once saved them


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")


def workflow(jobs: list[SimpleNamespace] | None = None, **changes: object) -> SimpleNamespace:
    """What the checks look at of Snakemake's workflow."""
    plain = {"enable_cache": False, "local_exec": True, "global_resources": {},
             "output_settings": SimpleNamespace(dryrun=False),
             "resource_settings": SimpleNamespace(nodes=None),
             "deployment_settings": SimpleNamespace(deployment_method=set()),
             "dag": SimpleNamespace(needrun_jobs=lambda: jobs or [])}  # fmt: skip
    return SimpleNamespace(**plain | changes)


def check(
    config: dict, project: str = "project", results: str = "results", logs: str = "logs", **changes: object
) -> None:
    check_run(Run(config), Paths(Path(project), "scripts", results, logs=logs), workflow(**changes))


def test_a_good_run_passes_and_its_folders_are_there(tmp_path: Path) -> None:
    check(own_config(tmp_path))
    assert (Path("results").is_dir(), Path("logs").is_dir()) == (True, True)


def test_the_table_of_what_is_left_out_is_brought_up_to_date_but_not_by_a_dry_run(tmp_path: Path) -> None:
    table = Path("results/own/skipped.csv")
    table.parent.mkdir(parents=True)
    table.write_text(earlier := "path,reason\nold.txt,no video\n")
    check(own_config(tmp_path), output_settings=SimpleNamespace(dryrun=True))
    assert table.read_text() == earlier
    check(own_config(tmp_path))
    assert "old.txt" not in table.read_text()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"run__splits": ["fold9"]}, "own has no split 'fold9'"),
        ({"run__splits": ["fold1", "fold9"]}, "own has no split 'fold9'"),
        ({"run__splits": ["fold1-train50"], "datasets__own__splits": FRACTIONS}, "no full split"),
        ({"datasets__own__splits": {"kind": "folds", "folds": 40}}, "^config: datasets.own.splits: 40 folds need at"),
        (
            {"datasets__own": {"kind": "folder", "root": "..", "group": "("}},
            r"^config: datasets.own.group: '\(' is no regular expression",
        ),
        ({"ffmpeg": "/no/ffmpeg"}, "ffmpeg"),
        ({"shared": "no/folder"}, "config: shared: no/folder"),
        ({"datasets__own__training": tiny.TRAINING | {"nodes": 2}}, "machines are only available from Slurm"),
        ({"models__cnn3d__clip": {"size": [64, 64]}}, "wants clips of 64 x 64 pixels"),
    ],
)
def test_what_cannot_be_run_is_one_line(changes: dict, words: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=words) as caught:
        check(own_config(tmp_path, **changes))
    assert "\n" not in str(caught.value)


def test_a_missing_video_is_one_line(tmp_path: Path) -> None:
    config = own_config(tmp_path)
    (tmp_path / "3.mp4").unlink()
    with pytest.raises(UserError, match=r"3\.mp4"):
        check(config)


def test_weights_among_the_results_are_refused_those_of_an_outer_workflow_are_not(tmp_path: Path) -> None:
    for folder in ("results", "video/results"):
        Path(folder).mkdir(parents=True)
        Path(folder, "mine.pth").write_bytes(PICKLE)
        named = own_config(tmp_path, models__cnn3d__weights=f"{folder}/mine.pth")
        with pytest.raises(UserError, match=rf"^config: models\.cnn3d\.weights: {folder}/mine.pth: this run may overw"):
            check(named, results=folder)
    check(own_config(tmp_path, models__cnn3d__weights="results/mine.pth"), results="video/results")
    of_backbone = {"backbones__cnn2d__weights": "results/../results/mine.pth", "run__models": ["cnn2d_mean"]}
    with pytest.raises(UserError, match=r"^config: backbones\.cnn2d\.weights: .* copy the file outside results/ and"):
        check(own_config(tmp_path, **of_backbone))


@pytest.mark.parametrize("folder", ["results/own", "results/motion", "results/reports", "results/across", "logs"])
@pytest.mark.parametrize("link", [False, True])
def test_a_manifest_among_the_results_is_refused(folder: str, link: bool, tmp_path: Path) -> None:
    config = own_config(tmp_path)
    Path(folder).mkdir(parents=True)
    manifest = Path(folder, "videos.csv")
    manifest.write_text(Path(config["datasets"]["own"]["manifest"]).read_text())
    if link:
        Path("mine.csv").symlink_to(manifest)
        manifest = Path("mine.csv")
    config["datasets"]["own"]["manifest"] = str(manifest)
    message = rf"^config: datasets\.own\.manifest: {manifest}: is in {folder}/, which this workflow writes; copy it els"
    with pytest.raises(UserError, match=message):
        check(config)
    check(config, results="outer/results", logs="outer/logs")


@pytest.mark.parametrize(
    ("key", "entry"),
    [
        ("root", {"kind": "folder", "root": "results/data/frames"}),
        ("root", {"kind": "ucf101", "root": "results/data"}),
        ("lists", {"kind": "ucf101", "lists": "results/data/lists"}),
        ("archive", {"kind": "ucf101", "archive": "results/data/UCF101.rar"}),
        ("archive", {"kind": "ucf101", "archive": ["elsewhere", "results/data/UCF101.rar"]}),
    ],
)
def test_other_sources_among_the_results_are_refused(key: str, entry: dict) -> None:
    config = tiny.config(datasets__data=entry, run__datasets=["data"])
    with pytest.raises(UserError, match=rf"^config: datasets\.data\.{key}: results/data.*: is in results/data/, which"):
        check(config)


def test_a_file_that_is_no_weights_is_refused_before_any_job(tmp_path: Path) -> None:
    (tmp_path / "page.pth").write_text("<html>not found</html>")
    for changes, entry in (
        ({"models__cnn3d__weights": f"{tmp_path}/page.pth"}, "models.cnn3d"),
        ({"backbones__cnn2d__weights": f"{tmp_path}/page.pth", "run__models": ["cnn2d_mean"]}, "backbones.cnn2d"),
    ):
        with pytest.raises(UserError, match=rf"^config: {entry}\.weights: .*/page\.pth: is a web page, "):
            check(own_config(tmp_path, **changes))


def test_a_split_of_another_data_set_of_the_run_is_no_mistake(tmp_path: Path) -> None:
    check(own_config(tmp_path, run__datasets=["motion", "own"], run__splits=["fold1", "split1"]))


def test_snakemakes_cache_and_braces_in_the_projects_path_are_refused() -> None:
    with pytest.raises(UserError, match=r"^--cache: .*`shared`"):
        check(tiny.config(), enable_cache=True)
    with pytest.raises(UserError, match="has braces in its path"):
        check(tiny.config(), project="a{b}")


def job(**resources: object) -> SimpleNamespace:
    return SimpleNamespace(resources=resources, rule=SimpleNamespace(resources=resources))


def test_the_gpu_that_was_asked_for_has_to_be_there(capsys: pytest.CaptureFixture) -> None:
    check_start(Run(tiny.config(device="cuda")), workflow([job(mem_mb=1)]))
    with pytest.raises(UserError, match="device: cuda, but this machine has no GPU"):
        check_start(Run(tiny.config(device="cuda")), workflow([job(gpu=1)]))
    capsys.readouterr()
    check_start(Run(tiny.config(device="auto")), workflow([job(gpu=0)]))
    assert capsys.readouterr().err == NO_GPU


AUTO = {"device": "auto"}


def test_what_is_no_gpu_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    fake_driver.remove(monkeypatch, tmp_path, "kfd")
    check_start(Run(tiny.config(**AUTO)), workflow([job(gpu=0)]))
    assert "no GPU found (there is an AMD GPU, but the installed PyTorch" in capsys.readouterr().err
    with pytest.raises(UserError, match=r"this machine has no GPU \(there is an AMD GPU"):
        check_start(Run(tiny.config(device="cuda")), workflow([job(gpu=1)]))


def test_a_gpu_that_pytorch_cannot_use_is_one_line_before_any_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_driver.install(monkeypatch, tmp_path, "470.82")
    with pytest.raises(UserError, match=r"^config: device: auto, but the NVIDIA driver 470.82 is too old") as caught:
        check_start(Run(tiny.config(**AUTO)), workflow([job(gpu=1)]))
    assert "\n" not in str(caught.value)
    # None of these asks for that GPU, or in that environment.
    check_start(Run(tiny.config(**AUTO)), workflow([job(mem_mb=1)]))
    check_start(Run(tiny.config(device="cpu")), workflow([job(gpu=0)]))
    check_start(Run(tiny.config(**AUTO)), workflow([job(gpu=1)], local_exec=False))
    limits = {"gpu": SimpleNamespace(value=0)}
    check_start(Run(tiny.config(**AUTO)), workflow([job(gpu=0)], global_resources=limits))
    conda = SimpleNamespace(deployment_method={"conda"})
    check_start(Run(tiny.config(**AUTO)), workflow([job(gpu=1)], deployment_settings=conda))


@pytest.mark.parametrize(
    ("asked", "present", "on_slurm", "limit"),
    [(None, 2, False, 2), (1, 2, False, None), (2, 2, False, None), (4, 2, False, 2), (0, 2, False, None),
     (None, 0, False, None), (1, 0, False, None), (None, 2, True, None), (8, 2, True, None)],
)  # fmt: skip
def test_jobs_ask_for_no_more_gpus_than_there_are(
    asked: int | None, present: int, on_slurm: bool, limit: int | None, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture,
) -> None:  # fmt: skip
    fake_driver.install(monkeypatch, tmp_path, gpus=(fake_driver.HOPPER,) * present)
    registered: dict[str, int] = {}
    limit_gpus(
        workflow(
            global_resources={} if asked is None else {"gpu": SimpleNamespace(value=asked)},
            resource_settings=SimpleNamespace(nodes=10 if on_slurm else None),
            register_resource=registered.__setitem__,
        ),
        "auto",
    )
    assert registered == ({} if limit is None else {"gpu": limit})
    assert ("--resources gpu=4: this machine has 2" in capsys.readouterr().err) == (asked == 4)


def test_a_macs_gpu_is_one_and_only_a_mac_has_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    run, registered = Run(tiny.config(device="mps")), {}
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(UserError, match=r"^config: device: mps is the GPU of a Mac, .* runs linux; set `device: auto`"):
        check_start(run, workflow([job(gpu=1)]))
    monkeypatch.setattr(sys, "platform", "darwin")
    check_start(run, workflow([job(gpu=1)]))
    settings = SimpleNamespace(nodes=None)
    limits = {"gpu": SimpleNamespace(value=3)}
    limit_gpus(
        workflow(global_resources=limits, resource_settings=settings, register_resource=registered.__setitem__), "mps"
    )
    assert registered == {"gpu": 1}
    assert "--resources gpu=3: this machine has 1" in capsys.readouterr().err


def test_partitions_are_those_that_slurm_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """tests/workflow/test_slurm.py asks a real Slurm."""

    def sinfo(command: list[str], **_: object) -> SimpleNamespace:
        assert command[0] == "sinfo"
        return SimpleNamespace(stdout="gpu\ncpu\n")

    def no_sinfo(*_: object, **__: object) -> None:
        raise FileNotFoundError("sinfo")

    run = Run(tiny.config())
    unknown = workflow([job(slurm_partition="cpu,gpv")], local_exec=False)
    monkeypatch.setattr(subprocess, "run", no_sinfo)
    check_start(run, unknown)  # without Slurm's commands nobody knows
    monkeypatch.setattr(subprocess, "run", sinfo)
    check_start(run, workflow([job(slurm_partition="cpu,gpu"), job()], local_exec=False))
    with pytest.raises(UserError, match="Slurm has no partition 'gpv', did you mean 'gpu'"):
        check_start(run, unknown)


def test_clips_that_take_more_frames_than_are_stored_are_said(capsys: pytest.CaptureFixture) -> None:
    motion = {"datasets__motion__frames": {"size": [32, 32], "fps": 5},
              "datasets__motion__clip": tiny.CLIP | {"sampling": "dense", "rate": 15}}  # fmt: skip
    check_start(Run(tiny.config(**motion)), workflow())
    assert "WARNING: clip.rate: 15 frames per second" in capsys.readouterr().err
