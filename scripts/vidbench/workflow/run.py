"""The content of a run, from its configuration alone: data sets, their videos and splits, models, trainings.

The rules and the plan both use it. Imports neither torch nor Snakemake.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial

from vidbench import datasets
from vidbench.config import home, schema, sweeps
from vidbench.config.baselines import find_baselines
from vidbench.config.search import Budget
from vidbench.config.zero_shot import is_zero_shot
from vidbench.datasets import fractions, splits
from vidbench.datasets.listing import Listing
from vidbench.datasets.listing import listing as list_data
from vidbench.errors import UserError, did_you_mean
from vidbench.models import official_weights
from vidbench.tracking.packages import TRACKERS
from vidbench.video import MULTI, Video, shard_of


@dataclass(frozen=True)
class Split:
    """A split with its numbers of videos; `clips`: per epoch, the training videos of the full split."""

    name: str
    clips: int
    val: int
    test: int


class DataSet:
    """An entry of `datasets`: its videos, its splits, and each model's options on it."""

    def __init__(self, config: dict, name: str, resources: str, selected_splits: Sequence[str] | None) -> None:
        """`config`: expanded; `resources`: folder of downloads; `selected_splits`: those of the run, None for all."""
        self.config = config
        self.name = name
        self.selected_splits = selected_splits
        self.entry = schema.dataset_options(config, name)
        self.kind = self.entry["kind"]
        self.shards = self.entry["shards"]
        self.source = self.entry["source"] or name
        self.folder = f"{resources}/{self.source}"
        self.published = self.kind in datasets.PUBLISHED
        # A published data set's lists have to be fetched, unless the user has them.
        self.known = not self.published or bool(self.entry["root"] and self.entry["lists"])
        # Complete options of a model on this data set, cached because many jobs need the same ones.
        self.options = cache(partial(schema.model_options, config, name))
        self.typed_options = cache(partial(schema.typed_options, config, name))

    @cached_property
    def listing(self) -> Listing:
        """Videos that are known before any job runs, remarks on them, and files of the folder that are left out."""
        return list_data(self.entry, self.folder) if self.known else Listing([])

    @property
    def videos(self) -> list[Video]:
        """Videos that are known before any job runs."""
        return self.listing.videos

    @cached_property
    def videos_by_shard(self) -> list[list[Video]]:
        """The videos of each shard, in one pass over the videos, which may be many."""
        shards: list[list[Video]] = [[] for _ in range(self.shards)]
        for video in self.videos:
            shards[shard_of(video.id, self.shards)].append(video)
        return shards

    @property
    def num_videos(self) -> int:
        """Number of videos; of a published data set, as published."""
        return len(self.videos) if self.known else datasets.load(self.kind).NUM_VIDEOS

    @cached_property
    def num_classes(self) -> int:
        """Number of classes; of a published data set, as published."""
        labels = {label for video in self.videos for label in video.labels}
        return len(labels) if self.known else datasets.load(self.kind).NUM_CLASSES

    @property
    def multi(self) -> bool:
        """Whether a video may have several labels."""
        return self.entry["labels"] == MULTI

    @cached_property
    def available_splits(self) -> list[str]:
        """All splits of the data set, whether the run uses them or not."""
        official = datasets.load(self.kind).SPLITS if self.published else splits.official_splits(self.videos)
        return splits.split_names(self.entry["splits"], official)

    @cached_property
    def split_names(self) -> list[str]:
        """Splits that the run uses; UserError where the data set has none of those that it names."""
        if self.selected_splits is None:
            return self.available_splits
        names = [split for split in self.selected_splits if split in self.available_splits]
        if not names:
            raise self.no_split(self.selected_splits[0])
        return names

    def no_split(self, name: str) -> UserError:
        """Return the error for a split that the data set does not have."""
        hint = did_you_mean(name, self.available_splits)
        return UserError(f"config: run.splits: {self.name} has no split '{name}', {hint}")

    @property
    def full_splits(self) -> list[str]:
        """The run's splits without those that have a fraction of the training videos."""
        return [name for name in self.split_names if not fractions.is_variant(name)]

    @cached_property
    def splits(self) -> list[Split]:
        """The run's splits with their sizes: computed where the videos are known, otherwise as published."""
        sizes = {name: self._sizes(name) for name in map(fractions.full_split, self.split_names)}
        return [Split(name, *sizes[fractions.full_split(name)]) for name in self.split_names]

    def _sizes(self, name: str) -> tuple[int, int, int]:
        """Return the numbers of training, validation and test videos."""
        options = self.entry["splits"]
        if self.known:
            counts = Counter(splits.make_split(name, options, self.videos, self.published).values())
            return counts["train"], counts["val"], counts["test"]
        train, test = self._published_sizes(name)
        val = round(train * options["validation"])
        return train - val, val, test

    def _published_sizes(self, name: str) -> tuple[int, int]:
        """Return the numbers of training videos, validation included, and of test videos."""
        module = datasets.load(self.kind)
        options = self.entry["splits"]
        if splits.uses_official(options, module.SPLITS):
            return module.SIZES[int(name.removeprefix("split")) - 1]
        test = round(module.NUM_VIDEOS * (1 / options["folds"] if name.startswith("fold") else options["test"]))
        return module.NUM_VIDEOS - test, test

    @property
    def largest_split(self) -> tuple[int, int]:
        """Upper bounds of a split's training and test videos, for the resources of jobs; makes no split."""
        return datasets.load(self.kind).SIZES[0] if self.published else (self.num_videos, self.num_videos)

    def runtime_options(self, model: str) -> dict:
        """Return the settings of a model's training that change no result."""
        return schema.runtime_options(self.config, self.name, model)

    def trackers(self, model: str) -> list[str]:
        """Return the trackers that a model's trainings are written into."""
        options = self.runtime_options(model)
        named = {*options["tracker"], *(["tensorboard"] if options["tensorboard"] else [])}
        return [name for name in TRACKERS if name in named]

    def official_weights(self, model: str) -> tuple[str, str] | None:
        """Return (architecture, weights) of the official file that a model starts from; None without one."""
        network = self.typed_options(model).network
        if not network.weights or official_weights.is_file(network.weights):
            return None
        return network.architecture, network.weights

    @cached_property
    def backbones(self) -> dict[str, str]:
        """Entries of `backbones` whose features the run caches, each with the first model that uses it."""
        used: dict[str, str] = {}
        for model in sweeps.trained_models(self.config):
            if self.typed_options(model).caches_features:
                used.setdefault(self.config["models"][model]["backbone"], model)
        return used

    def model_of_backbone(self, backbone: str) -> str:
        """Return a model that uses an entry of `backbones` with cached features, one of the run if there is one."""
        if backbone in self.backbones:
            return self.backbones[backbone]
        for model, entry in self.config["models"].items():
            if entry.get("backbone") == backbone and self.typed_options(model).caches_features:
                return model
        raise UserError(f"config: no model uses cached features of backbones.{backbone}")


class Run:
    """A run: its data sets, models and seeds."""

    def __init__(self, config: dict, resources: str = "resources") -> None:
        """`config`: as the user wrote it; UserError where it is wrong. `resources`: folder of downloads."""
        config = home.fill_in(config)
        schema.check(config)
        self.configured = config
        self.config = schema.expand(config)
        self.general = schema.general_options(self.config)
        run, evaluation = self.general["run"], self.general["evaluation"]
        self.models = run["models"]
        self.seeds = run["seeds"]
        self.device = self.general["device"]
        # Random orders of frames that the test videos are also predicted in; 0: no motion test.
        self.shuffles = evaluation["shuffles"] if evaluation["motion_test"] else 0
        self.explained = evaluation["explained_videos"]
        self.trained = sweeps.trained_models(self.config)
        self.budget = Budget.of(self.config)
        self.swept = [model for model in self.models if self.trials(model)]
        # A data set of the configuration by its name, whether the run uses it or not.
        self.data = cache(lambda name: DataSet(self.config, name, resources, run["splits"]))
        self.datasets = [self.data(name) for name in run["datasets"]]
        self.baselines = find_baselines(self.config)

    def trials(self, model: str) -> dict[str, dict[str, object]]:
        """Return the trials of a model by name, with the settings of each; {} where it is not swept."""
        return sweeps.trials(self.config, model)

    def is_searched(self, model: str) -> bool:
        """Return whether the trials of a model are drawn from ranges, within the run's budget."""
        return bool(self.config["models"].get(model, {}).get("search"))

    def later_rungs(self, model: str) -> list[str]:
        """Return the folders, below a split's, of a model's trials in all rungs of successive halving but the first."""
        return self.budget.later_folders(model) if self.is_searched(model) else []

    @cached_property
    def models_of_trials(self) -> dict[str, str]:
        """The model that each trial of the configuration belongs to."""
        return {trial: model for model in self.config["models"] for trial in self.trials(model)}

    def first_trained(self, model: str) -> str:
        """Return a model itself, or the first trial of a swept one."""
        return next(iter(self.trials(model)), model)

    @property
    def tested(self) -> list[tuple[str, int]]:
        """(model, seed) of all that is tested on each split: a baseline once, as nothing in it is random."""
        models = [(model, seed) for model in self.models for seed in self.seeds_of(model)]
        return models + [(baseline, self.seeds[0]) for baseline in self.baselines]

    def seeds_of(self, model: str) -> list[int]:
        """Return the seeds of a model, of which one without training has the first alone."""
        return self.seeds[:1] if model in self.zero_shot else self.seeds

    @cached_property
    def sources(self) -> dict[str, str]:
        """One data set per download; the run's data sets, which agree on it, take precedence over others."""
        entries = self.config["datasets"]
        names = [*entries, *self.general["run"]["datasets"]]
        return {entries[name].get("source") or name: name for name in names}

    @property
    def zero_shot(self) -> list[str]:
        """Those of `trained` that classify by the names of the classes, so that nothing is trained after all."""
        return [model for model in self.trained if is_zero_shot(self.config["models"][model])]

    @property
    def official_weights(self) -> set[tuple[str, str]]:
        """(architecture, weights) of all official files that the run's models start from."""
        files = (data.official_weights(model) for data in self.datasets for model in self.trained)
        return {file for file in files if file is not None}


def used_part(config: dict) -> dict:
    """Return a checked configuration without the data sets, models and backbones that its run does not use."""
    run = config["run"]
    models = {name: config["models"][name] for name in run["models"]}
    backbone_names = {entry["backbone"] for entry in models.values() if "backbone" in entry}
    backbones = {name: config["backbones"][name] for name in sorted(backbone_names)}
    used_datasets = {name: config["datasets"][name] for name in run["datasets"]}
    return config | {"datasets": used_datasets, "models": models, "backbones": backbones}
