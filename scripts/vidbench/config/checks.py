"""Checks of a run before any job starts: data sets and models that do not suit each other.

schema.py checks each entry by itself.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from vidbench import models
from vidbench.config import clip_defaults, sweeps
from vidbench.config.schema import dataset_options, typed_options
from vidbench.datasets.fractions import fraction_of, full_split, is_variant, variant_name
from vidbench.datasets.official_lists import as_list
from vidbench.errors import UserError
from vidbench.features import spec
from vidbench.features.spec import FeatureSpec
from vidbench.models import official_weights, weights_kind
from vidbench.models.requirements import check_lora

# Keys that two data sets with the same download must have in common.
SOURCE_KEYS = ("kind", "manifest", "root", "lists", "archive", "download", "keep", "group", "layout", "labels")


def check_paths(config: dict) -> None:
    """Raise UserError where a path of a data set of the run cannot be written into a list, one path per line."""
    for name in config["run"]["datasets"]:
        entry = dataset_options(config, name)
        for key in ("manifest", "root", "lists"):
            if set("\0\n\r") & set(entry.get(key) or ""):
                raise UserError(f"config: datasets.{name}.{key}: {entry[key]!r} has a line break; rename this path")


def check_outputs(config: dict, folders: Sequence[str]) -> None:
    """Raise UserError where a data set of the run is listed, or has its files, in one of the workflow's own folders."""
    for name in config["run"]["datasets"]:
        entry = dataset_options(config, name)
        named = [(key, entry.get(key)) for key in ("manifest", "root", "lists")]
        for key, path in [*named, *(("archive", path) for path in as_list(entry["archive"]))]:
            for folder in folders:
                if path and Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
                    raise UserError(
                        f"config: datasets.{name}.{key}: {path}: is in {folder}/, which this workflow writes; copy it"
                        " elsewhere, and name that"
                    )


def check_sources(config: dict) -> None:
    """Raise UserError where data sets of the run share a download, but differ in its settings."""
    first_users: dict[str, str] = {}  # source -> the first data set that uses it
    for name in config["run"]["datasets"]:
        entry = dataset_options(config, name)
        source = entry["source"] or name
        first_user = first_users.setdefault(source, name)
        for key in (*SOURCE_KEYS, "motion"):
            if entry.get(key) != dataset_options(config, first_user).get(key):
                raise UserError(
                    f"config: datasets.{name} and datasets.{first_user} share the source '{source}', but differ in"
                    f" `{key}`; give one of them another `source`"
                )


def check_selected_splits(names: Sequence[str]) -> None:
    """Raise UserError where a run's splits hold fractions, but no full split, or none that has every fraction.

    The figure of accuracy against data shows the full splits that have every fraction, so it needs one.
    """
    fulls = [name for name in names if not is_variant(name)]
    if not fulls:
        raise UserError(f"config: run.splits: names no full split, only fractions; add {full_split(names[0])}")
    all_fractions = {fraction_of(name) for name in names}
    fractions = {full: {fraction_of(name) for name in names if full_split(name) == full} for full in fulls}
    best = max(fulls, key=lambda full: len(fractions[full]))
    if missing := sorted(all_fractions - fractions[best]):
        raise UserError(
            f"config: run.splits: no full split has all the fractions that are named; add"
            f" {', '.join(variant_name(best, fraction) for fraction in missing)}"
        )


def unused_datasets(config: dict, shipped: dict) -> list[str]:
    """Return a line where a config adds data sets, but runs those of `shipped`, the config that it is merged into."""
    selected = config["run"]["datasets"]
    added = sorted(config["datasets"].keys() - shipped["datasets"].keys())
    if not added or selected != shipped["run"]["datasets"]:
        return []
    names = ", ".join(f"datasets.{name}" for name in added)
    return [
        f"{names} {'are' if len(added) > 1 else 'is'} in no run (run.datasets: [{', '.join(selected)}]); to use"
        f" {'them' if len(added) > 1 else 'it'}, put into your config: run: {{datasets: [{', '.join(added)}]}}"
    ]


def check_pixels(config: dict, dataset: str, model: str) -> None:
    """Raise UserError where a model's clip needs more pixels than the frame store holds."""
    stored = dataset_options(config, dataset)["frames"]["size"]
    options = typed_options(config, dataset, model)
    height, width = options.clip.size
    reason = clip_defaults.reason_of_size(options)
    enough = min(height, width) <= stored if isinstance(stored, int) else height <= stored[0] and width <= stored[1]
    if not enough:
        advice = _smaller_clips(config, dataset, model, bool(reason))
        raise UserError(
            f"config: model {model} wants clips of {height} x {width} pixels{reason},"
            f" but datasets.{dataset}.frames.size stores {stored}; {advice}"
        )


def _smaller_clips(config: dict, dataset: str, model: str, from_weights: bool) -> str:
    """Return what makes a model's clips fit, with the key first that the size comes from, or should come from."""
    if from_weights or config["models"][model].get("clip", {}).get("size"):
        return f"raise frames.size, or set models.{model}.clip.size"
    return f"set datasets.{dataset}.clip.size, for all models, or models.{model}.clip.size, or raise frames.size"


def check_weights_file(config: dict, dataset: str, model: str, results: str) -> None:
    """Raise UserError where a model starts from a file of this run's results, or from one that holds no weights."""
    weights = typed_options(config, dataset, model).network.weights
    if weights is None or not official_weights.is_file(weights):
        return
    backbone = config["models"][model].get("backbone")
    owner = f"backbones.{backbone}" if backbone else f"models.{model}"
    if Path(weights).resolve().is_relative_to(Path(results).resolve()):
        raise UserError(
            f"config: {owner}.weights: {weights}: this run may overwrite it; copy the file outside {results}/"
            " and use that path"
        )
    try:
        weights_kind.check(Path(weights))
    except UserError as error:
        raise UserError(f"config: {owner}.weights: {error}") from error


def weights_warnings(config: dict, dataset: str, model: str) -> list[str]:
    """Return one line per setting that does not suit a model's pretrained weights, but can be computed."""
    lines = clip_defaults.frame_warnings(typed_options(config, dataset, model))
    return [f"model {model} on {dataset}: {line}" for line in lines]


def rate_warnings(config: dict, dataset: str) -> list[str]:
    """Return one line per clip rate that is higher than the rate of the stored frames."""
    stored = dataset_options(config, dataset)["frames"]["fps"]
    if stored is None:
        return []
    faster: dict[float, list[str]] = {}
    for model in sweeps.trained_models(config):
        rate = typed_options(config, dataset, model).clip.rate
        if rate is not None and rate > stored:
            faster.setdefault(rate, []).append(model)
    return [
        f"clip.rate: {rate:g} frames per second, but datasets.{dataset}.frames.fps stores {stored:g}: frames repeat in"
        f" the clips of {', '.join(names)}; lower the rate, or raise frames.fps"
        for rate, names in faster.items()
    ]


def check_network(config: dict, dataset: str, model: str) -> None:
    """Raise UserError where a model's network cannot take its clips or its head, or its training contradicts itself."""
    options = typed_options(config, dataset, model)
    if options.training.class_weights == options.training.sampler == "balanced":
        raise UserError(
            f"config: model {model} on {dataset}: training.class_weights and training.sampler are both balanced, which"
            " favours small classes twice; choose one of them"
        )
    try:
        models.check(options)
        check_lora(options)
    except UserError as error:
        raise UserError(f"config: model {model} on {dataset}: {error}") from error


def check_machines(config: dict, dataset: str, model: str, on_slurm: bool, max_gpus: int | None) -> None:
    """Raise UserError where a training on several machines has no Slurm to get them from, too few GPUs or clips.

    `max_gpus`: the limit to which Snakemake would silently lower a job's GPUs; None for no limit.
    """
    training = typed_options(config, dataset, model).training
    if training.nodes == 1:
        return
    where = f"config: model {model} on {dataset}: training.nodes: {training.nodes}"
    if not on_slurm:
        raise UserError(
            f"{where} machines are only available from Slurm: add --workflow-profile profiles/slurm, or set nodes: 1"
        )
    on_gpus = config.get("device") != "cpu"
    processes = training.nodes * (training.gpus if on_gpus else 1)
    if on_gpus and max_gpus is not None and max_gpus < processes:
        raise UserError(
            f"{where}, with {processes} GPUs in all, but jobs may ask for {max_gpus} together; raise gpus_at_once in"
            " the profile (or --resources gpu=N), or lower nodes or gpus"
        )
    if training.batch_size < 2 * processes:
        raise UserError(
            f"{where}, with {processes} processes in all, which need two clips of a batch each, but"
            f" training.batch_size is {training.batch_size}; raise it, or lower nodes"
        )


def check_crops(config: dict, dataset: str, model: str) -> None:
    """Raise UserError where all of a model's crops would be the same."""
    stored = dataset_options(config, dataset)["frames"]["size"]
    clip = typed_options(config, dataset, model).clip
    height, width = clip.size
    if clip.crops > 1 and not isinstance(stored, int) and stored[0] * width == stored[1] * height:
        raise UserError(
            f"config: model {model}: clip.crops: {clip.crops} crops of datasets.{dataset} would all be the same,"
            " because frames.size and clip.size have the same shape; use one crop, or a single number as frames.size"
        )


def check_features(config: dict, dataset: str) -> None:
    """Raise UserError where models of the run cannot use, or cannot share, a frozen backbone's cached features."""
    first_users: dict[str, str] = {}  # backbone -> the first model that uses its features
    for model in sweeps.trained_models(config):
        options = typed_options(config, dataset, model)
        if not options.caches_features:
            continue
        try:
            spec.check(options)
        except UserError as error:
            raise UserError(f"config: model {model} on {dataset}: {error}") from error
        backbone = config["models"][model]["backbone"]
        first_user = first_users.setdefault(backbone, model)
        first_spec = FeatureSpec.of(typed_options(config, dataset, first_user))
        if key := first_spec.difference(FeatureSpec.of(options)):
            raise UserError(
                f"config: models {first_user} and {model} share the cached features of backbones.{backbone} on"
                f" {dataset}, but differ in {key}; give one of them a backbones entry of its own"
            )
