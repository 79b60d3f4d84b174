"""Checks before any job starts: names, lists of videos, folders, devices, partitions."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vidbench.compute.cuda_support import explain_no_gpu, explain_unusable_gpus
from vidbench.compute.machine import count_gpus, gpu_present
from vidbench.config import checks, licences, multi_label, schema, zero_shot
from vidbench.datasets import official_lists, own_checks, skipped, source_folder, splits
from vidbench.doctor import data_warnings
from vidbench.errors import UserError, did_you_mean
from vidbench.frames import ffmpeg, shared_files
from vidbench.tracking import packages
from vidbench.workflow import across, run_name, search_checks
from vidbench.workflow.files import Paths
from vidbench.workflow.resources import Invocation
from vidbench.workflow.run import DataSet, Run

# At the beginning of a message.
KEY_OF_DATASET = re.compile(r"(?:config: )?((?:splits|group|archive|lists|root|download)[.:].*)", re.DOTALL)


def check_run(run: Run, paths: Paths, workflow: Any) -> None:
    """Check a run when the Snakefile is read: UserError for what cannot run, warnings for what is suspicious."""
    if re.search("[{}]", str(paths.project)):
        raise UserError(
            f"{paths.project}: the workflow's own folder has braces in its path, which Snakemake fills in; rename it"
        )
    if workflow.enable_cache:
        raise UserError("--cache: names of files do not tell videos apart; set `shared` in the config, docs/sharing.md")
    for folder in (paths.results, paths.logs):
        source_folder.check_writable(folder)
    shared_files.check_folder(run.general["shared"])
    shared_files.remove_lost(paths.results)
    if run.general["ffmpeg"]:
        ffmpeg.version(run.general["ffmpeg"])
    checks.check_paths(run.config)
    names = (*run.config["datasets"], run_name.REPORTS, across.FOLDER)
    checks.check_outputs(run.config, [*(f"{paths.results}/{name}" for name in names), paths.logs])
    _warn(checks.unused_datasets(run.config, schema.shipped_config()))
    checks.check_sources(run.config)
    if Invocation(workflow).own_software:
        _check_trackers(run)
    for data in run.datasets:
        with _named(data.name):
            _check_data(run, data, paths, Invocation(workflow).is_dry)
        multi_label.check(run.config, data.name)
        _check_models(run, data, paths, Invocation(workflow))
        search_checks.check_search(run, data)


@contextmanager
def _named(dataset: str) -> Iterator[None]:
    """Put the entry's name into errors of its keys: what raises them knows the entry, but not how it is called."""
    try:
        yield
    except UserError as error:
        if key := KEY_OF_DATASET.fullmatch(str(error)):
            raise UserError(f"config: datasets.{dataset}.{key[1]}") from error
        raise


def _check_data(run: Run, data: DataSet, paths: Paths, dry: bool) -> None:
    source_folder.check(Path(data.folder), data.entry)
    if data.published:
        official_lists.check(data.entry)
    if data.known:
        _check_videos(data, f"{paths.results}/{data.name}/skipped.csv", dry)
    _check_splits(run, data)


def _check_videos(data: DataSet, skipped_table: str, dry: bool) -> None:
    """Check the videos of a data set where they are known."""
    entry, videos = data.entry, data.videos
    for line in data.listing.remarks:
        print(f"{data.name}: {line}", file=sys.stderr)
    _report_skipped(data, skipped_table, dry)
    if data.kind in ("csv", "folder"):
        own_checks.check(videos, entry.get("manifest") or entry["root"])
    if not (data.published and splits.uses_official(entry["splits"], splits.official_splits(videos))):
        splits.check_possible(entry["splits"], videos)
    if not data.published:
        lines = data_warnings.listing_warnings(videos)
        lines += data_warnings.subset_warnings(videos, entry["splits"], data.selected_splits)
        _warn(f"{data.name}: {line}" for line in lines)


def _report_skipped(data: DataSet, table: str, dry: bool) -> None:
    """Report the files of a data set's folder that are left out, on the terminal and in a current table."""
    if data.listing.skipped:
        print(f"{data.name}: {skipped.line(data.listing.skipped, table)}", file=sys.stderr)
    if not dry:
        skipped.refresh(table, data.listing.skipped)


def _check_splits(run: Run, data: DataSet) -> None:
    """Check the splits that the config names: each belongs to a data set, and fractions have their full split."""
    if data.selected_splits is None:
        return
    known = {split for other in run.datasets for split in other.available_splits}
    names = data.split_names
    for split in data.selected_splits:
        if split not in known:
            raise data.no_split(split)
    checks.check_selected_splits(names)


def _check_models(run: Run, data: DataSet, paths: Paths, invocation: Invocation) -> None:
    for model in run.trained:
        checks.check_weights_file(run.config, data.name, model, paths.results)
        checks.check_pixels(run.config, data.name, model)
        _check_class_names(run, data, model)
        checks.check_crops(run.config, data.name, model)
        checks.check_network(run.config, data.name, model)
        licences.check_commercial_use(run.config, data.name, model)
        checks.check_machines(run.config, data.name, model, invocation.on_slurm, invocation.max_gpus)
    checks.check_features(run.config, data.name)


def _check_trackers(run: Run) -> None:
    """UserError where a tracker's package is not installed, which no training would fail of."""
    used = {tracker for data in run.datasets for model in run.trained for tracker in data.trackers(model)}
    for tracker in packages.find_missing(sorted(used)):
        raise UserError(
            f"config: training.tracker: {tracker} is not installed; run `make trackers`, or"
            f" `pip install {tracker}` in this environment"
        )


def _check_class_names(run: Run, data: DataSet, model: str) -> None:
    """Check the classes of a model that classifies by their names, where the videos are known."""
    entry = run.config["models"][model]
    if data.known and zero_shot.is_zero_shot(entry):
        zero_shot.check_classes(model, entry, sorted({video.label for video in data.videos}))


def check_start(run: Run, workflow: Any) -> None:
    """Check a run before its first job, when the jobs and the machines that run them are known."""
    _check_device(run, workflow)
    _warn(search_checks.budget_warnings(run))
    if not workflow.local_exec:
        _check_partitions(workflow)
    for data in run.datasets:
        _warn(checks.rate_warnings(run.config, data.name))
        for model in run.trained:
            _warn(checks.weights_warnings(run.config, data.name, model))
            _warn(licences.commercial_warnings(run.config, data.name, model))


def _check_device(run: Run, workflow: Any) -> None:
    """UserError without a GPU that the config requires, or with one that PyTorch cannot use.

    A warning where jobs will use the CPU because there is no GPU.
    """
    computing = any("gpu" in job.rule.resources for job in workflow.dag.needrun_jobs())
    if not computing or not workflow.local_exec or run.device == "cpu":
        return
    if run.device == "mps":
        return _check_mac()
    invocation = Invocation(workflow)
    if gpu_present():
        if invocation.max_gpus != 0 and invocation.own_software and (reason := explain_unusable_gpus()):
            raise UserError(f"config: device: {run.device}, but {reason}")
        return
    if run.device == "cuda":
        raise UserError(
            f"config: device: cuda, but this machine has no GPU{explain_no_gpu()}; set `device: auto` or `device: cpu`"
        )
    _warn([f"no GPU found{explain_no_gpu()}: everything is trained and timed on the CPU (device: auto)"])


def _check_mac() -> None:
    if sys.platform != "darwin":
        raise UserError(
            f"config: device: mps is the GPU of a Mac, and this machine runs {sys.platform}; set `device: auto`"
        )


def limit_gpus(workflow: Any, device: str) -> None:
    """Let jobs on this machine ask for no more GPUs together than it has, also where --resources names no number.

    Otherwise Snakemake would start jobs that wait for each other's GPUs.
    """
    invocation = Invocation(workflow)
    present = 1 if device == "mps" else count_gpus()
    asked = invocation.max_gpus
    if invocation.on_slurm or not present or (asked is not None and asked <= present):
        return
    if asked is not None:
        _warn([f"--resources gpu={asked}: this machine has {present}, so jobs use no more together"])
    workflow.register_resource("gpu", present)


def _check_partitions(workflow: Any) -> None:
    """UserError where Slurm lacks a partition that a job requests, as that job may start hours later only."""
    partition_lists = {job.resources.get("slurm_partition") or "" for job in workflow.dag.needrun_jobs()}
    requested = {name.strip() for names in partition_lists for name in names.split(",")} - {""}  # Slurm takes several
    try:
        command = ["sinfo", "--all", "--noheader", "--format", "%R"]
        known = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        return
    for name in requested - set(known):
        raise UserError(f"profile: Slurm has no partition '{name}', {did_you_mean(name, known)}")


def _warn(lines: Any) -> None:
    for line in lines:
        print(f"WARNING: {line}", file=sys.stderr)
