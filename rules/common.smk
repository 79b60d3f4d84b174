# Validation, wildcard constraints and input functions: the only file with functions.
import json
import os
import re
import sys
from dataclasses import astuple
from functools import cache
from pathlib import Path
from types import SimpleNamespace

# Computed, so that the workflow also works as a module of another one, whose prefix would be put before a
# relative path. Relative where it can be: then a finished project can be moved and nothing runs again.
PROJECT = Path(workflow.current_basedir, "..").resolve()
IS_MAIN = Path(workflow.main_snakefile).resolve() == PROJECT / "Snakefile"
SCRIPTS = "scripts" if IS_MAIN and Path.cwd() == PROJECT else str(PROJECT / "scripts")
sys.path.insert(0, str(PROJECT / "scripts"))

from vidbench import configuration, datasets, ffmpeg, splits
from vidbench.datasets import csv_manifest
from vidbench.datasets.video import shard_of
from vidbench.errors import UserError, did_you_mean
from vidbench.files import digest
from vidbench.hardware import gpu_present
from vidbench.models import module_names
from vidbench.source_files import source_files

RUN_FOLDER = "results/{dataset}/{split}/{model}/seed{seed}"
WORKERS_FOR_GPU = 6
FIGURES = ("comparison", "cost", "learning_curves", "per_class", "confusion")
REPORT_FILES = sorted(f"{SCRIPTS}/../report/{path.name}" for path in (PROJECT / "report").iterdir())


def one_line(check, *arguments):
    """Call `check`; bad input ends Snakemake with one line instead of a traceback."""
    try:
        return check(*arguments)
    except UserError as error:
        sys.exit(f"error: {error}")


@cache
def dataset(name):
    """Complete config entry of a data set."""
    return configuration.dataset_options(config, name)


def in_json(options):
    """Params function: the slice that the input function `options` gives, as one argument of a command line."""
    return lambda wildcards: json.dumps(options(wildcards), sort_keys=True)


def source_options(wildcards):
    """The part of a data set's entry that says which videos there are, and nothing else."""
    entry = dataset(wildcards.dataset)
    keys = ("kind", "manifest", "root", "motion") if entry["kind"] == "motion" else ("kind", "manifest", "root")
    return {key: entry[key] for key in keys if key in entry}


@cache
def videos(name):
    """Videos of a data set, known before it is downloaded."""
    entry = dataset(name)
    return datasets.load(entry["kind"]).videos(entry, f"resources/{name}")


def manifest(wildcards):
    """The user's list of videos, where the data set has one."""
    return dataset(wildcards.dataset).get("manifest", [])


@cache
def split_names(name):
    """Splits of a data set that this run uses."""
    available = splits.split_names(dataset(name)["splits"], videos(name))
    wanted = RUN["splits"] or available
    for split in wanted:
        if split not in available:
            raise UserError(f"config: run.splits: {name} has no split '{split}', {did_you_mean(split, available)}")
    return wanted


def shards(wildcards):
    """All shards of a data set's frame store."""
    numbers = range(dataset(wildcards.dataset)["shards"])
    return expand("results/{dataset}/frames/{shard}.h5", dataset=wildcards.dataset, shard=numbers)


@cache
def shard_digests(name):
    """Digest of the videos that each shard holds; one pass over the videos, of which there may be very many."""
    members = [[] for _ in range(dataset(name)["shards"])]
    for video in videos(name):
        members[shard_of(video.video, len(members))].append([video.video, video.path])
    return [digest(shard) for shard in members]


def shard_digest(wildcards):
    """Digest of the videos that a shard holds: other videos and corrected labels do not change it."""
    return shard_digests(wildcards.dataset)[int(wildcards.shard)]


@cache
def videos_digest(name):
    """Digest of all that videos.csv says."""
    return digest([astuple(video) for video in videos(name)])


def index_digest(wildcards):
    """Params function: a manifest with an older time stamp is noticed, too."""
    return videos_digest(wildcards.dataset)


def code(script, *modules):
    """A script and all modules that it imports, as inputs: an edit re-runs what uses them."""
    return [f"{SCRIPTS}/{path.relative_to(PROJECT / 'scripts')}" for path in source_files(script, modules)]


def dataset_code(script):
    """Input function: `code` with the module of the data set's kind."""
    return lambda wildcards: code(script, datasets.MODULES[dataset(wildcards.dataset)["kind"]])


def model_options(wildcards):
    """Complete settings of a model on a data set."""
    return complete_options(wildcards.dataset, wildcards.model)


@cache
def complete_options(dataset, model):
    """As model_options; each is asked for by many jobs."""
    return configuration.model_options(config, dataset, model)


def runtime_options(wildcards):
    """Settings of a training that change no result."""
    return configuration.runtime_options(config, wildcards.dataset, wildcards.model)


def loading_threads(wildcards):
    """Cores of a job that reads clips and computes: those that compute, and one a process that reads."""
    workers = runtime_options(wildcards)["workers"]
    if workers is None:
        workers = WORKERS_FOR_GPU if gpus(wildcards) else 0
    return model_options(wildcards)["training"]["threads"] + workers


# Params functions that take `threads` never make a job run again, and these must not.
def loading_arguments(wildcards, threads):
    """Command-line arguments that say how many processes read clips."""
    workers = runtime_options(wildcards)["workers"]
    return ["--cores", threads] if workers is None else ["--workers", workers]


def checkpoint_minutes(wildcards, threads):
    """How often a training is saved."""
    return runtime_options(wildcards)["checkpoint_minutes"]


def extraction_threads(wildcards):
    """Cores of a shard's job: all of them busy, whether there are many shards or one."""
    if not workflow.local_exec:
        return 8
    return max(1, -(-(workflow.cores or 1) // dataset(wildcards.dataset)["shards"]))


def model_code(script):
    """Input function: `code` with the modules of the model's own family."""
    return lambda wildcards: code(
        script, *(f"vidbench.models.{name}" for name in module_names(model_options(wildcards)))
    )


def run_files(name):
    """Input function: a file of every run (split x model x seed) of a data set."""
    return lambda wildcards: expand(
        f"{RUN_FOLDER}/{name}",
        dataset=wildcards.dataset,
        split=split_names(wildcards.dataset),
        model=RUN["models"],
        seed=RUN["seeds"],
    )


def split_files(wildcards):
    """CSV files of a data set's splits."""
    return expand(
        "results/{dataset}/splits/{split}.csv", dataset=wildcards.dataset, split=split_names(wildcards.dataset)
    )


def report_tables(wildcards):
    """Tables of a data set that the page shows."""
    tables = ("videos", "inspection", "comparison", "summary", "pairwise")
    return expand("results/{dataset}/{table}.csv", dataset=wildcards.dataset, table=tables)


def figure_files(figure):
    """Output files of a figure: SVG and the formats that the config names."""
    return [f"results/{{dataset}}/figures/{figure}.{kind}" for kind in ("svg", *GENERAL["report"]["formats"])]


def for_datasets(files):
    """For every data set of the run: a pattern with {dataset}, or what an input function gives."""
    if isinstance(files, str):
        return expand(files, dataset=RUN["datasets"])
    return [path for name in RUN["datasets"] for path in files(SimpleNamespace(dataset=name))]


def shown_settings():
    """The part of the configuration that this run uses, for the report."""
    chosen = {kind: {name: config[kind][name] for name in RUN[kind]} for kind in ("datasets", "models")}
    return {"run": RUN, "device": GENERAL["device"], "training": config.get("training", {}), **chosen}


def gpus(wildcards):
    """GPUs that a job asks for: none where this machine has none, so that jobs run beside each other."""
    if GENERAL["device"] == "cpu":
        return 0
    return 0 if GENERAL["device"] == "auto" and workflow.local_exec and not gpu_present() else 1


def check_device():
    """Before the first job: fail without the GPU that was asked for, be loud about training without one."""
    if workflow.local_exec and not gpu_present():
        if GENERAL["device"] == "cuda":
            raise UserError("config: device: cuda, but this machine has no GPU; set `device: auto` or `device: cpu`")
        if GENERAL["device"] == "auto":
            print("WARNING: no GPU found: everything is trained and timed on the CPU (device: auto)", file=sys.stderr)


def check_run():
    """Names, manifests and folders, before any job starts."""
    for folder in ("results", "resources", "logs"):
        check_writable(folder)
    if GENERAL["ffmpeg"]:
        ffmpeg.version(GENERAL["ffmpeg"])
    for name in RUN["datasets"]:
        entry = dataset(name)
        if entry["kind"] == "csv":
            csv_manifest.check(videos(name), entry["manifest"])
        splits.check_possible(entry["splits"], videos(name))
        split_names(name)
        for model in RUN["models"]:
            configuration.check_pixels(config, name, model)
            configuration.check_crops(config, name, model)


def check_writable(folder):
    """Whether files can be made in a folder."""
    probe = Path(folder, f".writable.{os.getpid()}")
    try:
        probe.parent.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise UserError(f"{folder}: cannot be written to: {error.strerror}; correct its permissions or free the disk")


one_line(configuration.check, config)
GENERAL = configuration.general_options(config)
RUN = GENERAL["run"]
FFMPEG = ["--ffmpeg", GENERAL["ffmpeg"]] if GENERAL["ffmpeg"] else []
if workflow.is_main_process:
    one_line(check_run)


wildcard_constraints:
    dataset="|".join(map(re.escape, config["datasets"])),
    model="|".join(map(re.escape, config["models"])),
    split=r"split\d+|fold\d+",
    seed=r"\d+",
    shard=r"\d+",


onstart:
    one_line(check_device)
