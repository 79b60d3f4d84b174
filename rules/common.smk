# Validation, wildcard constraints and input functions; those of figures.smk stand in vidbench/workflow/figures.py.
import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections import Counter
from dataclasses import astuple
from functools import cache, wraps
from pathlib import Path
from types import SimpleNamespace

from snakemake.io import contains_wildcard
from snakemake.logging import logger as snakemake_logger

# Computed, so that the workflow also works as a module of another one, whose prefix would be put before a
# relative path. Relative where it can be: then a finished project can be moved and nothing runs again.
PROJECT = Path(workflow.current_basedir, "..").resolve()
IS_MAIN = Path(workflow.main_snakefile).resolve() == PROJECT / "Snakefile"
SCRIPTS = "scripts" if IS_MAIN and Path.cwd() == PROJECT else str(PROJECT / "scripts")
sys.path.insert(0, str(PROJECT / "scripts"))
# As a module's prefix has them. For params and checks only: Snakemake itself prefixes inputs, outputs and logs.
RESULTS, RESOURCES, LOGS = (
    workflow.modifier.path_modifier.replace_prefix(f"{folder}/").rstrip("/")
    for folder in ("results", "resources", "logs")
)

from vidbench import (
    configuration,
    data_warnings,
    datasets,
    ffmpeg,
    file_contents,
    fractions,
    job_resources,
    run_checks,
    run_summary,
    shared_cache,
    splits,
    sweeps,
)
from vidbench.clips import frame_orders
from vidbench.compute.gpus import gpu_present
from vidbench.config.options import ModelOptions
from vidbench.datasets import own, published, skipped
from vidbench.datasets.listing import listing as list_data
from vidbench.datasets.video import shard_of
from vidbench.errors import UserError, did_you_mean
from vidbench.features.spec import FeatureSpec
from vidbench.files import digest, file_sha256
from vidbench.findings import Findings
from vidbench.models import backbone_module_names, module_names, official_weights
from vidbench.planning import inventory
from vidbench.run_events import RunEvents
from vidbench.sources import check as check_source
from vidbench.sources import check_writable, remove_videos, stored_recipe
from vidbench.source_files import code_digests
from vidbench.workflow.figures import FigureRules, RunProperties

STARTED = time.time()
EVENTS = RunEvents()
FINDINGS = Findings()
RUN_FOLDER = "results/{dataset}/{split}/{model}/seed{seed}"
REPORT_FILES = sorted(
    f"{SCRIPTS}/../report/{path.relative_to(PROJECT / 'report')}"
    for path in (PROJECT / "report").rglob("*")
    if path.is_file()
)
TABLES = [f"{name}.{kind}" for name in ("comparison", "pairwise", "classes") for kind in ("csv", "tex")]


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


def unhashed(function):
    """Params function: as `function`, but no part of a key of the cache (--cache): a path, or what changes no result."""

    @wraps(function)
    def value(*arguments, **more):
        return shared_cache.unhashed(function(*arguments, **more))

    return value


def time_unless_cached(proxy, benchmark):
    """Give a rule its `benchmark` afterwards; of one that is cached (--cache) Snakemake takes none."""
    if not workflow.enable_cache:
        proxy.rule.benchmark_modifier = workflow.modifier.path_modifier
        proxy.rule.benchmark = benchmark


def sent_off():
    """Whether jobs go to a cluster; of a dry run's executor only `use_threads` tells."""
    return not workflow.local_exec or bool(workflow.dryrun and workflow.execution_settings.use_threads)


def known_at_start(content):
    """Params function: what `content` says of a job's files, for its key in the cache; it never makes a job run again.

    Files are read where a key is made of it, and when the job starts: not before, not for a cluster's job here.
    """

    def found(wildcards, input, resources):
        if not workflow.enable_cache:
            return ""
        one_line(shared_cache.check_handed_on, workflow.workflow_settings.cache, sent_off())
        if workflow.dryrun:
            return ""
        if workflow.scheduler is None or not workflow.local_exec:
            return shared_cache.UNKNOWN
        return content(wildcards, input, resources)

    return found


def content_of_shard(wildcards, input, resources):
    """What a shard of frames is made from."""
    entry, shard, number = dataset(wildcards.dataset), int(wildcards.shard), dataset(wildcards.dataset)["shards"]
    found = datasets.load(entry["kind"]).videos(entry, source_folder(wildcards))
    members = [video for video in found if shard_of(video.video, number) == shard]
    packages = shared_cache.software(("numpy", "h5py", "simplejpeg", "av"))
    return [shared_cache.content_of_videos(members), shard, ffmpeg.version(GENERAL["ffmpeg"]), packages]


def content_of_frames(wildcards, input, resources):
    """What a shard of features is made from, and on."""
    device = "gpu" if resources.gpu else "cpu"
    return [file_sha256(input.frames), device, shared_cache.software(("torch", "torchvision"))]


def source_of(name):
    """Folder under resources/ that a data set's download lives in."""
    return dataset(name)["source"] or name


def source_folder(wildcards):
    """Where a data set's download lives."""
    return f"{RESOURCES}/{source_of(wildcards.dataset)}"


def source_json(wildcards):
    """What says that a data set's download is there."""
    return f"resources/{source_of(wildcards.dataset)}/source.json"


def source_options(wildcards):
    """The part of a data set's entry that says which videos there are, and nothing else."""
    entry = dataset(wildcards.dataset)
    own_keys = {"motion": ["motion"], "folder": ["layout"]}.get(entry["kind"], [])
    keys = ("kind", "manifest", "root", "lists", "group", *own_keys)
    return {key: entry[key] for key in keys if entry.get(key) is not None}


def download_options(wildcards):
    """As source_options, by the name of the download."""
    return source_options(SimpleNamespace(dataset=SOURCES[wildcards.source]))


# Params functions that take `threads` never make a job run again, and these must not.
def fetching(wildcards, threads):
    """The complete entry of a download, in JSON: mirrors and the like change nothing that is there already."""
    entry = dataset(SOURCES[wildcards.source])
    return json.dumps({key: entry.get(key) for key in (*run_checks.SOURCE_KEYS, "motion")}, sort_keys=True)


def ffmpeg_argument(wildcards):
    """The ffmpeg that the config names."""
    return ["--ffmpeg", GENERAL["ffmpeg"]] if GENERAL["ffmpeg"] else []


def is_published(name):
    """Whether a data set is a published one, with official lists."""
    return dataset(name)["kind"] in datasets.PUBLISHED


@cache
def known_before(name):
    """Whether a data set's videos are known before any job runs: a published one's lists have to be fetched."""
    return not is_published(name) or bool(dataset(name)["root"] and dataset(name)["lists"])


@cache
def listing(name):
    """Videos of a data set that are known before any job runs, with remarks, and what of its folder is left out."""
    return list_data(dataset(name), f"{RESOURCES}/{source_of(name)}")


def videos(name):
    """Videos of a data set that are known before any job runs."""
    return listing(name).videos


def listing_remarks(wildcards):
    """Params function: what is said of a data set's list, for the diagnosis."""
    remarks = listing(wildcards.dataset).remarks if known_before(wildcards.dataset) else []
    return ["--remarks", *remarks] if remarks else []


def own_files(paths):
    """Files of the user's as inputs; local: no module's prefix is put before them.

    Not those with, e.g., {word} in their path, which Snakemake takes for a wildcard, whatever one does: `params` tell
    what is in them.
    """
    return [local(path) for path in paths if not contains_wildcard(path)]


def manifest(wildcards):
    """The user's list of videos, where the data set has one."""
    entry = dataset(wildcards.dataset)
    return own_files(list_paths(entry) if entry["lists"] else [entry["manifest"]] if entry.get("manifest") else [])


def list_paths(entry):
    """Files of the official lists that a data set's entry names."""
    return [str(path) for path in sorted(Path(entry["lists"]).rglob("*")) if path.is_file()]


@cache
def available_splits(name):
    """All splits of a data set."""
    entry = dataset(name)
    official = datasets.load(entry["kind"]).SPLITS if is_published(name) else splits.official_splits(videos(name))
    return splits.split_names(entry["splits"], official)


@cache
def split_names(name):
    """Splits of a data set that this run uses."""
    if RUN["splits"] is None:
        return available_splits(name)
    wanted = [split for split in RUN["splits"] if split in available_splits(name)]
    known = [split for other in RUN["datasets"] for split in available_splits(other)]
    for split in RUN["splits"]:
        if split not in known or not wanted:
            raise UserError(
                f"config: run.splits: {name} has no split '{split}', {did_you_mean(split, available_splits(name))}"
            )
    run_checks.check_selected_splits(wanted)
    return wanted


def full_splits(name):
    """As split_names, without those that hold a fraction of the training videos."""
    return [split for split in split_names(name) if not fractions.is_variant(split)]


def split_options(wildcards):
    """The `splits` section as one split needs it: another fraction makes no other split again."""
    options = dict(dataset(wildcards.dataset)["splits"])
    del options["fractions"]
    own = {"fractions": [fractions.fraction_of(wildcards.split)]} if fractions.is_variant(wildcards.split) else {}
    return options | own


def whole_split(wildcards):
    """The split that a variant is a part of, from whose size its training takes the number of steps."""
    full = fractions.full_split(wildcards.split)
    return [f"results/{wildcards.dataset}/splits/{full}.csv"] if full != wildcards.split else []


def shards(wildcards):
    """All shards of a data set's frame store."""
    numbers = range(dataset(wildcards.dataset)["shards"])
    return expand("results/{dataset}/frames/{shard}.h5", dataset=wildcards.dataset, shard=numbers)


@cache
def shard_members(name):
    """The videos that each shard holds; one pass over the videos, of which there may be very many."""
    members = [[] for _ in range(dataset(name)["shards"])]
    for video in videos(name):
        members[shard_of(video.video, len(members))].append(video)
    return members


def digest_parts(video, content):
    """What of a video a shard depends on; `content`: the fingerprint of its file."""
    piece = [video.start, video.end] if video.is_piece else []
    return [video.video, video.path, content, *piece]


@cache
def digest_of_shard(name, shard):
    """As shard_digest. Files are only looked at where a shard is there already, or when its job starts.

    Official lists do not change: their videos need no digest. Nor do those of the embedded data set, by its recipe.
    """
    if not known_before(name):
        return ""
    members, memory = shard_members(name)[shard], Path(
        ".snakemake/vidbench", RESULTS.replace(os.sep, "_"), name, f"{shard}.json"
    )
    own_files = dataset(name)["kind"] != "motion"
    content = file_contents.fingerprints([video.path for video in members], memory) if own_files else {}
    return digest([digest_parts(video, content.get(video.path, "")) for video in members])


def shard_digest(wildcards):
    """Digest of the videos that a shard holds, and of their files: other videos and corrected labels do not change it."""
    return digest_of_shard(wildcards.dataset, int(wildcards.shard))


@cache
def videos_digest(name):
    """Digest of all that videos.csv says; of lists that can be no inputs where more is not known."""
    if known_before(name):
        return digest([astuple(video) for video in videos(name)])
    paths = list_paths(dataset(name)) if dataset(name)["lists"] else []
    unnamed = [path for path in paths if contains_wildcard(path)]
    return digest([file_sha256(path) for path in unnamed]) if unnamed else ""


def index_digest(wildcards):
    """Params function: a manifest with an older time stamp is noticed, too."""
    return videos_digest(wildcards.dataset)


def dataset_code(script):
    """Params function: code_digests with the module of the data set's kind."""
    return lambda wildcards: code_digests(script, datasets.MODULES[dataset(wildcards.dataset)["kind"]])


def model_options(wildcards):
    """Complete settings of a model on a data set."""
    return complete_options(wildcards.dataset, wildcards.model)


def typed_options(wildcards):
    """As model_options, as what the steps work with."""
    return ModelOptions.from_dict(model_options(wildcards))


@cache
def complete_options(dataset, model):
    """As model_options; each is asked for by many jobs."""
    return configuration.model_options(config, dataset, model)


def network(wildcards):
    """The config entry that names a job's network and its pretrained weights: a backbone's, or a model's own."""
    if name := wildcards.get("backbone"):
        return configuration.backbone_options(config, name)
    options = model_options(wildcards)
    return options.get("backbone", options)


def weights_file(wildcards):
    """The file of pretrained weights that a job's network starts from, if it does."""
    entry = network(wildcards)
    if entry["weights"] is None:
        return []
    if official_weights.is_file(entry["weights"]):
        return own_files([entry["weights"]])
    return ["resources/weights/{architecture}-{weights}.pth".format(**entry)]


def weights_argument(wildcards, input):
    """Params function: the argument that names that file; `=`, because its name may begin with a dash."""
    path = next(iter(input.get("weights") or []), network(wildcards)["weights"])
    return [f"--weights={path}"] if path else []


def weights_digest(wildcards):
    """Params function: what is in that file, so that a changed one is noticed, and a touched one is not."""
    entry = network(wildcards)
    if entry["weights"] is None:
        return ""
    if official_weights.is_file(entry["weights"]):
        return own_digest(entry["weights"])
    return official_weights.official(entry["architecture"])[entry["weights"]].file  # its name holds its hash


@cache
def own_digest(path):
    """SHA-256 of a file of the user's."""
    return file_sha256(path)


# Takes `threads` as `fetching` does.
def fetching_weights(wildcards, threads):
    """How official weights are fetched, in JSON: mirrors and the like change nothing that is there already."""
    return json.dumps(GENERAL["weights_download"], sort_keys=True)


def trial_names(model):
    """Trials of a model; none where it is not swept."""
    return list(sweeps.trials(config, model))


def trial_settings(wildcards):
    """Trials of a swept model, with what each sets."""
    return sweeps.trials(config, wildcards.model)


def trial_files(name):
    """Input function: a file of every trial of a swept model, of the seed in question or of all."""
    return lambda wildcards: expand(
        f"{RUN_FOLDER}/{name}",
        dataset=wildcards.dataset,
        split=wildcards.split,
        model=trial_names(wildcards.model),
        seed=wildcards.get("seed", RUN["seeds"]),
    )


def runtime_options(wildcards):
    """Settings of a training that change no result."""
    return configuration.runtime_options(config, wildcards.dataset, wildcards.model)


def reading_processes(wildcards):
    """Processes that read clips beside those that compute."""
    return job_resources.reading_processes(runtime_options(wildcards)["workers"], gpus(wildcards) > 0)


def loading_threads(wildcards):
    """Cores of a job that reads clips and computes: those that compute, and one a process that reads; for each GPU."""
    return model_options(wildcards)["training"]["threads"] + reading_processes(wildcards)


def training_threads(wildcards):
    """As loading_threads, for all GPUs that a training has on a machine."""
    return loading_threads(wildcards) * processes_a_node(wildcards)


def loading_arguments(wildcards, threads):
    """Command-line arguments that say how many processes read clips; takes `threads` as `fetching` does."""
    workers = runtime_options(wildcards)["workers"]
    return ["--cores", threads] if workers is None else ["--workers", workers]


def training_arguments(wildcards, threads):
    """Command-line arguments of a training that change no result."""
    options = runtime_options(wildcards)
    folder = f"{LOGS}/tensorboard/{wildcards.dataset}/{wildcards.split}/{wildcards.model}/seed{wildcards.seed}"
    return [
        *("--checkpoint-minutes", options["checkpoint_minutes"], "--on-failure", options["on_failure"]),
        *(["--tensorboard", folder] if options["tensorboard"] else []),
    ]


def training_nodes(wildcards):
    """Machines that a training asks for."""
    return model_options(wildcards)["training"]["nodes"]


def training_gpus(wildcards):
    """GPUs that a training asks for, on all its machines."""
    return gpus(wildcards) * model_options(wildcards)["training"]["gpus"] * training_nodes(wildcards)


def processes_a_node(wildcards):
    """Processes of a training on each of its machines: one a GPU."""
    return max(1, training_gpus(wildcards) // training_nodes(wildcards))


def on_several_nodes(value):
    """Resource function: `value` for a training on several machines, or a function of its wildcards; else nothing."""

    def needed(wildcards):
        if training_nodes(wildcards) == 1:
            return None
        return value(wildcards) if callable(value) else value

    return needed


def launcher(wildcards, threads, resources):
    """What starts a training: a process for each GPU granted, where there are several, or several machines.

    start_on_nodes.py is no input of trainings, because it changes nothing that they compute.
    """
    granted = resources.gpu
    if training_nodes(wildcards) > 1:
        return ["python", f"{SCRIPTS}/start_on_nodes.py", "--cores", threads, "--gpus", granted]
    return ["torchrun", "--standalone", f"--nproc-per-node={granted}"] if granted > 1 else ["python"]


def extraction_threads(wildcards):
    """Cores of a shard's job: all of them busy, whether there are many shards or one."""
    if sent_off():
        return 8
    return max(1, -(-(workflow.cores or 1) // dataset(wildcards.dataset)["shards"]))


@cache
def num_videos(name):
    """Videos of a data set; those of a published one as published."""
    return len(videos(name)) if known_before(name) else datasets.load(dataset(name)["kind"]).NUM_VIDEOS


@cache
def num_classes(name):
    """Classes of a data set; those of a published one as published."""
    if not known_before(name):
        return datasets.load(dataset(name)["kind"]).NUM_CLASSES
    return len({video.label for video in videos(name)})


@cache
def split_sizes(name):
    """About how many videos a split has to train and to test; of a person's own, all may be in either."""
    return datasets.load(dataset(name)["kind"]).SIZES[0] if is_published(name) else (num_videos(name),) * 2


def scaled(base, per_thousand):
    """Resource function: `base`, and more for each thousand videos; twice as much with each attempt."""

    def needed(wildcards, attempt):
        name = wildcards.get("dataset")
        number = num_videos(name) if name else sum(map(num_videos, RUN["datasets"]))
        return job_resources.grown(base + per_thousand * number / 1000, attempt)

    return needed


def shard_minutes(wildcards, attempt):
    """Of a shard's extraction or features: half a minute a video."""
    name = wildcards.dataset
    return job_resources.grown(30 + num_videos(name) / dataset(name)["shards"] / 2, attempt)


def computing_device(wildcards):
    """What a job computes on, as far as it can be told before it runs."""
    return "gpu" if gpus(wildcards) else "cpu"


def clips_of(wildcards, number):
    """`number` clips as a model takes them."""
    options = model_options(wildcards)
    clip = options["clip"]
    return job_resources.Clips(number, clip["frames"], tuple(clip["size"]), options["training"]["batch_size"])


def training_minutes(wildcards, attempt):
    """Resource function of a training; one that had too little time goes on from its checkpoint."""
    epochs = model_options(wildcards)["training"]["epochs"]
    clips = clips_of(wildcards, split_sizes(wildcards.dataset)[0])
    device = computing_device(wildcards)
    return job_resources.grown(job_resources.training_minutes(clips, epochs, device), attempt)


def tested_rows(wildcards):
    """About how many rows a run's predictions have: test videos, views, crops and orders of frames."""
    clip, orders = model_options(wildcards)["clip"], [frame_orders.NORMAL, *frame_orders.conditions(SHUFFLES)]
    return split_sizes(wildcards.dataset)[1] * clip["views"] * clip["crops"] * len(orders)


def prediction_minutes(wildcards, attempt):
    """Resource function of a run's predictions."""
    clips = clips_of(wildcards, tested_rows(wildcards))
    return job_resources.grown(job_resources.prediction_minutes(clips, computing_device(wildcards)), attempt)


def computing_megabytes(wildcards, attempt):
    """Resource function of a job that computes with a model."""
    clips, device = clips_of(wildcards, 0), computing_device(wildcards)
    needed = job_resources.computing_megabytes(clips, reading_processes(wildcards), device)
    return job_resources.grown(needed + num_videos(wildcards.dataset) / 50, attempt)


def training_megabytes(wildcards, attempt):
    """As computing_megabytes, for each of a training's processes on a machine: Slurm counts memory by machine."""
    return computing_megabytes(wildcards, attempt) * processes_a_node(wildcards)


def prediction_megabytes(wildcards, attempt):
    """As computing_megabytes, with the logits."""
    logits = job_resources.logits_megabytes(tested_rows(wildcards), num_classes(wildcards.dataset))
    return computing_megabytes(wildcards, attempt) + job_resources.grown(logits, attempt)


def feature_megabytes(wildcards, attempt):
    """As computing_megabytes, of a feature extraction."""
    return computing_megabytes(model_of_features(wildcards), attempt)


def reading_megabytes(wildcards, rows, attempt):
    """Of a step that reads that many rows of predictions."""
    logits = job_resources.logits_megabytes(rows, num_classes(wildcards.dataset))
    return job_resources.grown(1000 + logits + num_videos(wildcards.dataset) / 50, attempt)


def scoring_megabytes(wildcards, attempt):
    """Resource function of a step that reads a run's predictions."""
    return reading_megabytes(wildcards, tested_rows(wildcards), attempt)


def comparing_megabytes(wildcards, attempt):
    """Resource function of a step that may hold the predictions of all runs of a split at once."""
    models = [SimpleNamespace(dataset=wildcards.dataset, model=model) for model in RUN["models"]]
    return reading_megabytes(wildcards, len(RUN["seeds"]) * sum(map(tested_rows, models)), attempt)


def all_cores(wildcards):
    """Cores of a job that nothing is to run beside; on a cluster those of a training, and its profile says the rest."""
    return loading_threads(wildcards) if sent_off() else workflow.cores


def model_code(script):
    """Params function: code_digests with the modules of the model's own family."""
    return lambda wildcards: code_digests(
        script, *(f"vidbench.models.{name}" for name in module_names(typed_options(wildcards)))
    )


def cached_features(wildcards):
    """Shards of the features that a model's head is trained on, where its backbone is frozen and they are cached."""
    if not typed_options(wildcards).caches_features:
        return []
    return expand(
        "results/{dataset}/features/{backbone}/{shard}.h5",
        dataset=wildcards.dataset,
        backbone=config["models"][wildcards.model]["backbone"],
        shard=range(dataset(wildcards.dataset)["shards"]),
    )


def model_of_features(wildcards):
    """Wildcards of a model that uses an entry of `backbones` with its features cached: those of the run agree on it."""
    for model in [*sweeps.trained(config), *config["models"]]:
        if config["models"][model].get("backbone") == wildcards.backbone:
            found = SimpleNamespace(dataset=wildcards.dataset, model=model)
            if typed_options(found).caches_features:
                return found
    sys.exit(f"error: config: no model uses cached features of backbones.{wildcards.backbone}")


def options_of_features(wildcards):
    """What the features of an entry of `backbones` depend on."""
    return FeatureSpec.of(typed_options(model_of_features(wildcards))).as_dict()


def backbone_code(script):
    """Params function: code_digests with the modules of the backbone's own family, and no head's."""
    return lambda wildcards: code_digests(
        script,
        *(
            f"vidbench.models.{name}"
            for name in backbone_module_names(typed_options(model_of_features(wildcards)).network)
        ),
    )


def threads_of_features(wildcards):
    """Compute threads of a feature extraction."""
    return configuration.feature_threads(config, wildcards.dataset)


def feature_loading_threads(wildcards):
    """Cores of a feature extraction, as loading_threads counts them."""
    return threads_of_features(wildcards) + reading_processes(model_of_features(wildcards))


def feature_loading_arguments(wildcards, threads):
    """As loading_arguments."""
    return loading_arguments(model_of_features(wildcards), threads)


def run_files(name, of_splits=split_names):
    """Input function: a file of every run (split x model x seed) of a data set; `of_splits` gives the splits."""
    return lambda wildcards: expand(
        f"{RUN_FOLDER}/{name}",
        dataset=wildcards.dataset,
        split=of_splits(wildcards.dataset),
        model=RUN["models"],
        seed=RUN["seeds"],
    )


def first_run_files(name):
    """Input function: a file of each model's first run: the first full split, the first seed."""
    return lambda wildcards: expand(
        f"{RUN_FOLDER}/{name}",
        dataset=wildcards.dataset,
        split=full_splits(wildcards.dataset)[0],
        model=RUN["models"],
        seed=RUN["seeds"][0],
    )


def split_files(wildcards, of_splits=full_splits):
    """CSV files of a data set's full splits."""
    return expand("results/{dataset}/splits/{split}.csv", dataset=wildcards.dataset, split=of_splits(wildcards.dataset))


def all_split_files(wildcards):
    """CSV files of a data set's splits, variants included."""
    return split_files(wildcards, split_names)


def bad_video_check(wildcards):
    """What the splits wait for where a video that cannot be decoded is to stop the run."""
    fail = dataset(wildcards.dataset)["on_bad_video"] == "fail"
    return ["results/{dataset}/inspection.csv"] if fail else []


def grouping_duplicates(wildcards):
    """What the splits wait for where duplicates are kept together."""
    return ["results/{dataset}/duplicates.csv"] if dataset(wildcards.dataset)["splits"]["group_duplicates"] else []


def found_duplicates(wildcards):
    """The pairs that the leak check found, where it is on."""
    return ["results/{dataset}/duplicates.csv"] if dataset(wildcards.dataset)["leak_check"] else []


def not_compared(wildcards):
    """The videos that the leak check could not compare, where it is on."""
    return ["results/{dataset}/not_compared.csv"] if dataset(wildcards.dataset)["leak_check"] else []


def optional(flag, files):
    """Params function: a flag and its value where the input named `files` has one."""
    return lambda wildcards, input: [flag, *input[files]] if input.get(files) else []


def published_flag(wildcards):
    """Argument that lets the official lists of others stand as they are."""
    return ["--published"] if is_published(wildcards.dataset) else []


def report_tables(wildcards):
    """Tables of a data set that the page shows."""
    tables = (
        "videos.csv",
        "inspection.csv",
        "diagnosis.json",
        "comparison.csv",
        "summary.csv",
        "pairwise.csv",
        "resolution.json",
        "scores.csv",
        "class_scores.csv",
        "ladder.csv",
        "errors.csv",
        "confused_pairs.csv",
        "overlap.csv",
        "ensembles.csv",
    )
    return [
        *expand("results/{dataset}/{table}", dataset=wildcards.dataset, table=tables),
        *motion_tables(wildcards),
    ]


def shuffles(wildcards):
    """Random orders of frames that a run's test videos are also predicted in: none where nothing would show it."""
    return 0 if fractions.is_variant(wildcards.split) else SHUFFLES


def motion_tables(wildcards):
    """What the motion test found, where the run has it."""
    return [f"results/{wildcards.dataset}/motion_use.csv"] if SHUFFLES else []


def paper_tables(wildcards):
    """A data set's tables for papers."""
    return expand("results/{dataset}/tables/{name}", dataset=wildcards.dataset, name=TABLES)


def for_datasets(files):
    """For every data set of the run: a pattern with {dataset}, or what an input function gives."""
    if isinstance(files, str):
        return expand(files, dataset=RUN["datasets"])
    return [path for name in RUN["datasets"] for path in files(SimpleNamespace(dataset=name))]


def figure_properties(name):
    """What of the run and a data set says which figures there are."""
    return RunProperties.of(
        swept=SWEPT,
        splits=split_names(name),
        explained_videos=GENERAL["evaluation"]["explained_videos"],
        shuffles=SHUFFLES,
        clips=[complete_options(name, model)["clip"] for model in RUN["models"]],
        leak_check=dataset(name)["leak_check"],
    )


def shown_settings():
    """The part of the configuration that this run uses, for the report."""
    used = inventory.used_part(config)
    chosen = {kind: used[kind] for kind in ("datasets", "models", "backbones")}
    return {"run": RUN, "device": GENERAL["device"], "training": config.get("training", {}), **chosen}


def gpus(wildcards):
    """GPUs that a job asks for: none where this machine has none, so that jobs run beside each other."""
    if GENERAL["device"] == "cpu":
        return 0
    return 0 if GENERAL["device"] == "auto" and not sent_off() and not gpu_present() else 1


def check_device():
    """Before the first job: fail without the GPU that was asked for, be loud about training without one."""
    computing = any("gpu" in job.rule.resources for job in workflow.dag.needrun_jobs())
    if computing and workflow.local_exec and not gpu_present():
        if GENERAL["device"] == "cuda":
            raise UserError("config: device: cuda, but this machine has no GPU; set `device: auto` or `device: cpu`")
        if GENERAL["device"] == "auto":
            print("WARNING: no GPU found: everything is trained and timed on the CPU (device: auto)", file=sys.stderr)


def check_partitions():
    """Before the first job on Slurm: whether it has the partitions that jobs ask for, some of them only after hours."""
    lists = {job.resources.get("slurm_partition") or "" for job in workflow.dag.needrun_jobs()}
    asked = {name.strip() for names in lists for name in names.split(",")} - {""}  # Slurm takes several
    try:
        command = ["sinfo", "--all", "--noheader", "--format", "%R"]
        known = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        return
    for name in asked - set(known):
        raise UserError(f"profile: Slurm has no partition '{name}', {did_you_mean(name, known)}")


def check_weights():
    """Say where clips do not suit the pretrained weights or the stored frames, but can be computed."""
    for name in RUN["datasets"]:
        for line in run_checks.rate_warnings(config, name):
            print(f"WARNING: {line}", file=sys.stderr)
        for model in sweeps.trained(config):
            for line in run_checks.weights_warnings(config, name, model):
                print(f"WARNING: {line}", file=sys.stderr)


def check_run():
    """Names, manifests and folders, before any job starts."""
    if re.search("[{}]", str(PROJECT)):
        raise UserError(
            f"{PROJECT}: the workflow's own folder has braces in its path, which Snakemake fills in; rename it"
        )
    for folder in (RESULTS, LOGS):
        check_writable(folder)
    if workflow.enable_cache:
        shared_cache.check_location(os.environ.get(shared_cache.LOCATION))
        shared_cache.check_rules(workflow.workflow_settings.cache)
    shared_cache.remove_lost(RESULTS)
    if GENERAL["ffmpeg"]:
        ffmpeg.version(GENERAL["ffmpeg"])
    run_checks.check_paths(config)
    for line in run_checks.unused_datasets(config, configuration.shipped()):
        print(f"WARNING: {line}", file=sys.stderr)
    run_checks.check_sources(config)
    for name in RUN["datasets"]:
        entry = dataset(name)
        check_source(Path(RESOURCES, source_of(name)), entry)
        if is_published(name):
            published.check(entry)
        if known_before(name):
            check_known(name)
        split_names(name)
        for model in sweeps.trained(config):
            run_checks.check_pixels(config, name, model)
            run_checks.check_crops(config, name, model)
            run_checks.check_network(config, name, model)
            check_machines(name, model)
        run_checks.check_features(config, name)


def check_machines(name, model):
    """Check what a training on several machines needs. That Snakemake was given `nodes` tells of a cluster this early."""
    limit = getattr(workflow.global_resources.get("gpu"), "value", None)
    run_checks.check_machines(config, name, model, workflow.resource_settings.nodes is not None, limit)


def say_skipped(name):
    """On the terminal and in its table, which no change makes stale: what of a data set's folder is left out."""
    table = f"{RESULTS}/{name}/skipped.csv"
    if found := listing(name).skipped:
        print(f"{name}: {skipped.line(found, table)}", file=sys.stderr)
    if not workflow.dryrun:
        skipped.refresh(table, found)


def check_known(name):
    """Check the videos of a data set that are known before any job."""
    entry, found = dataset(name), videos(name)
    for line in listing(name).remarks:
        print(f"{name}: {line}", file=sys.stderr)
    say_skipped(name)
    if entry["kind"] in ("csv", "folder"):
        own.check(found, entry.get("manifest") or entry["root"])
    if not (is_published(name) and splits.uses_official(entry["splits"], splits.official_splits(found))):
        splits.check_possible(entry["splits"], found)
    if not is_published(name):
        for line in [*data_warnings.listing_warnings(found), *data_warnings.subset_warnings(found, entry["splits"])]:
            print(f"WARNING: {name}: {line}", file=sys.stderr)


def all_splits(wildcards):
    """Params function: the full splits that each data set has, run or not, in JSON."""
    names = {
        name: [split for split in available_splits(name) if not fractions.is_variant(split)] for name in RUN["datasets"]
    }
    return json.dumps(names)


# Takes `threads` as `fetching` does: a commit alone makes no page again.
def commit_argument(wildcards, threads):
    """The git commit of the workflow, where it lies in a repository of its own."""
    command = ["git", "-C", str(PROJECT), "rev-parse", "--show-cdup", "HEAD"]
    changed = ["git", "-C", str(PROJECT), "status", "--porcelain", "--untracked-files=no"]
    try:
        above, commit = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        dirty = subprocess.run(changed, capture_output=True, text=True, check=True).stdout
    except (OSError, ValueError, subprocess.CalledProcessError):
        return []
    return ["--commit", f"{commit[:12]}{', with changes' if dirty else ''}"] if not above else []


def watch_jobs():
    """From here on, remember what becomes of the jobs, and say what the doctor finds before a training starts."""
    if workflow.touch:
        return
    snakemake_logger.addHandler(EVENTS)
    # Before the terminal's: else, with --quiet, a training's start would stand above the findings.
    snakemake_logger.handlers.insert(0, FINDINGS)
    quietly(FINDINGS.watch, workflow.dag, diagnosed_folders())


def diagnosed_folders():
    """Where the results of the run's data sets lie."""
    return [Path(RESULTS, name) for name in RUN["datasets"]]


def quietly(function, *arguments):
    """Call what only says something: its failure is a warning, and no failure of the run."""
    try:
        function(*arguments)
    except Exception as error:
        print(f"WARNING: the doctor's findings cannot be said: {error!r}", file=sys.stderr)


def say_summary(log, succeeded):
    """On the terminal and in logs/runs.txt: what the run did, what failed and why. It never makes a run fail."""
    try:
        EVENTS.take_finished({job.jobid: job.output for job in workflow.dag.finished_jobs})
        started = {attempt.job for attempt in EVENTS.attempts}
        left = [job.rule.name for job in workflow.dag.needrun_jobs() if job.rule.shellcmd and job.jobid not in started]
        run = run_summary.Run(
            events=EVENTS,
            succeeded=succeeded,
            started=STARTED,
            ended=time.time(),
            left=Counter(left),
            command=shlex.join(["snakemake", *sys.argv[1:]]),
            log=os.path.relpath(log[-1]) if log else "",
        )
        if not workflow.touch:
            print(f"\n{run_summary.summary(run)}", file=sys.stderr)
            run_summary.append_line(run, Path(LOGS, "runs.txt"))
    except Exception as error:
        print(f"WARNING: no summary of this run: {error!r}", file=sys.stderr)


def planned_speeds(wildcards):
    """The measured speed of each network setting of the run."""
    found = inventory.measured_models(inventory.Inventory(config))
    return [f"results/plan/speed/{dataset}/{model}.json" for dataset, model in found]


def planned_options(wildcards):
    """The part of a model's settings that its speed depends on."""
    return inventory.speed_options(model_options(wildcards))


def planned_capacity(wildcards):
    """Command-line arguments that say what the run's jobs would share."""
    granted = getattr(workflow.global_resources.get("gpu"), "value", None)
    at_once = 1 if granted is None else granted
    jobs = [] if not sent_off() else ["--jobs", workflow.nodes or 1]
    return ["--cores", workflow.cores or 1, "--gpus", at_once, *jobs]


def say_answers():
    """On the terminal, where the page was made in this run: its answers, and where it is."""
    page, text = Path(RESULTS, "report.html"), Path(RESULTS, "answers.txt")
    if page.exists() and text.exists() and page.stat().st_mtime >= STARTED:
        print(f"\n{text.read_text(encoding='utf-8')}The report: {page}\n", file=sys.stderr)


def say_warnings():
    """On the terminal, what the doctor says and warns of, where it was not said before: in a log nobody would see it."""
    quietly(FINDINGS.say_rest, diagnosed_folders())


def remove_unkept_videos():
    """Delete the videos that need not be kept (keep.videos), where all their frames are stored."""
    for source in {source_of(name) for name in RUN["datasets"] if not dataset(name)["keep"]["videos"]}:
        names = [name for name in RUN["datasets"] if source_of(name) == source]
        stored = [path for name in names for path in shards(SimpleNamespace(dataset=name))]
        if all(map(os.path.exists, [*stored, *(f"{RESULTS}/{name}/videos.csv" for name in names)])):
            if all(map(has_present_recipe, names)):
                remove_videos(Path(RESOURCES, source))


def has_present_recipe(name):
    """Whether a data set's frames are stored by the recipe that the config now asks for."""
    recipe = ffmpeg.Recipe.from_options(dataset(name)["frames"]).as_dict()
    return all(
        stored_recipe(shard) == json.loads(json.dumps(recipe)) for shard in shards(SimpleNamespace(dataset=name))
    )


def one_of(names):
    """Regular expression of one of some names; of none, it never matches."""
    return "|".join(map(re.escape, names)) or "(?!)"


one_line(configuration.check, config)
CONFIGURED = config
config = configuration.expand(config)
GENERAL = configuration.general_options(config)
RUN = GENERAL["run"]
# Random orders of frames that the test videos are also predicted in; 0: no motion test.
SHUFFLES = GENERAL["evaluation"]["shuffles"] if GENERAL["evaluation"]["motion_test"] else 0
SWEPT = [model for model in RUN["models"] if trial_names(model)]
figures = FigureRules(
    formats=GENERAL["report"]["formats"],
    swept=SWEPT,
    full_splits=full_splits,
    properties=figure_properties,
    runs=lambda file: run_files(file, full_splits),
    first_runs=first_run_files,
    shards=shards,
    split_files=split_files,
)
# A data set of each download; those of the run agree on it, and go before the rest of the catalogue.
SOURCES = {config["datasets"][name].get("source") or name: name for name in [*config["datasets"], *RUN["datasets"]]}
if workflow.is_main_process:
    one_line(check_run)
if workflow.enable_cache:
    shared_cache.keep_entries()
    shared_cache.know_made_files()


wildcard_constraints:
    dataset=one_of(config["datasets"]),
    source=one_of(SOURCES),
    model=one_of(config["models"]),
    backbone=one_of(GENERAL["backbones"]),
    split=r"(?:split|fold)\d+(?:-train\d+(?:\.\d+)?)?",
    seed=r"\d+",
    shard=r"\d+",
    architecture=r"\w+",
    weights=r"[A-Z0-9_]+",


if GENERAL["container"]:

    container: GENERAL["container"]


onstart:
    one_line(check_device)
    if not workflow.local_exec:
        one_line(check_partitions)
    check_weights()
    watch_jobs()


onsuccess:
    say_warnings()
    say_summary(log, succeeded=True)
    say_answers()
    remove_unkept_videos()


onerror:
    say_warnings()
    say_summary(log, succeeded=False)
