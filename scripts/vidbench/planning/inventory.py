"""What a run consists of, from its configuration alone: videos of each split, models, what is trained. No torch."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from vidbench import configuration, datasets, fractions, splits, sweeps
from vidbench.config.options import ModelOptions
from vidbench.datasets.video import Video
from vidbench.models import official_weights
from vidbench.planning.options import without_weights

# Of `training` those that the time of a step depends on.
SPEED_TRAINING = (
    "batch_size", "accumulate", "optimizer", "precision", "channels_last", "compile", "activation_checkpointing",
    "deterministic", "ema", "gradient_clip", "gpus", "threads",
)  # fmt: skip


@dataclass(frozen=True)
class Split:
    """A split, with its numbers of videos; `clips`: of an epoch, as many as the full split has training videos."""

    name: str
    clips: int
    val: int
    test: int


class DataSet:
    """A data set of the run."""

    def __init__(self, config: dict, name: str) -> None:
        """`config`: expanded."""
        self.config, self.name = config, name
        self.entry = configuration.dataset_options(config, name)
        self.kind, self.shards = self.entry["kind"], self.entry["shards"]
        self.source = self.entry["source"] or name
        self.published = self.kind in datasets.PUBLISHED
        self.known = not self.published or bool(self.entry["root"] and self.entry["lists"])

    @cached_property
    def videos(self) -> list[Video]:
        """Its videos, where they are known before anything is fetched."""
        return datasets.load(self.kind).videos(self.entry, f"resources/{self.source}") if self.known else []

    @property
    def num_videos(self) -> int:
        """Those of a published data set as published."""
        return len(self.videos) if self.known else datasets.load(self.kind).NUM_VIDEOS

    @property
    def num_classes(self) -> int:
        """As num_videos."""
        return len({video.label for video in self.videos}) if self.known else datasets.load(self.kind).NUM_CLASSES

    @cached_property
    def split_names(self) -> list[str]:
        """Splits that the run uses."""
        official = splits.official_splits(self.videos) if self.known else datasets.load(self.kind).SPLITS
        available = splits.split_names(self.entry["splits"], official)
        wanted = self.config["run"].get("splits")
        return available if wanted is None else [name for name in wanted if name in available]

    @property
    def full_splits(self) -> list[str]:
        """As split_names, without fractions of others."""
        return [name for name in self.split_names if not fractions.is_variant(name)]

    @cached_property
    def splits(self) -> list[Split]:
        """All of split_names with their sizes: made where the videos are known, else as published."""
        full = {name: self._sized(name) for name in map(fractions.full_split, self.split_names)}
        return [Split(name, *full[fractions.full_split(name)]) for name in self.split_names]

    def _sized(self, name: str) -> tuple[int, int, int]:
        options = self.entry["splits"]
        if self.known:
            found = Counter(splits.make_split(name, options, self.videos, self.published).values())
            return found["train"], found["val"], found["test"]
        train, test = self._published_sizes(name)
        val = round(train * options["validation"])
        return train - val, val, test

    def _published_sizes(self, name: str) -> tuple[int, int]:
        """Videos to train, validation among them, and to test."""
        module, options = datasets.load(self.kind), self.entry["splits"]
        if splits.uses_official(options, module.SPLITS):
            return module.SIZES[int(name.removeprefix("split")) - 1]
        test = round(module.NUM_VIDEOS * (1 / options["folds"] if name.startswith("fold") else options["test"]))
        return module.NUM_VIDEOS - test, test

    def options(self, model: str) -> dict:
        """Complete options of a model on this data set."""
        return configuration.model_options(self.config, self.name, model)

    def typed_options(self, model: str) -> ModelOptions:
        """As options(), typed."""
        return configuration.typed_options(self.config, self.name, model)

    @cached_property
    def measured_by(self) -> dict[str, str]:
        """For each trained model the first one that is as fast, whose speed is measured."""
        first: dict[str, str] = {}
        slices = {model: str(speed_options(self.options(model))) for model in sweeps.trained(self.config)}
        return {model: first.setdefault(slices[model], model) for model in slices}

    @cached_property
    def backbones(self) -> dict[str, str]:
        """Entries of `backbones` whose features are cached, each with a model that uses it."""
        found: dict[str, str] = {}
        for model in sweeps.trained(self.config):
            if self.typed_options(model).caches_features:
                found.setdefault(self.config["models"][model]["backbone"], model)
        return found


class Inventory:
    """A run: its data sets, models and seeds."""

    def __init__(self, config: dict) -> None:
        """`config`: checked and expanded."""
        self.config, general = config, configuration.general_options(config)
        self.models, self.seeds, self.device = config["run"]["models"], general["run"]["seeds"], general["device"]
        evaluation = general["evaluation"]
        self.shuffles = evaluation["shuffles"] if evaluation["motion_test"] else 0
        self.explained = evaluation["explained_videos"]
        self.trained = sweeps.trained(config)
        self.trials = {model: list(sweeps.trials(config, model)) or [model] for model in self.models}
        self.swept = [model for model in self.models if sweeps.trials(config, model)]
        self.datasets = [DataSet(config, name) for name in config["run"]["datasets"]]

    def official_weights_of(self, data: DataSet, model: str) -> tuple[str, str] | None:
        """(architecture, weights) of the file that a model starts from, which is fetched or dropped by the user."""
        network = data.typed_options(model).network
        if not network.weights or official_weights.is_file(network.weights):
            return None
        return network.architecture, network.weights

    @property
    def official_weights(self) -> set[tuple[str, str]]:
        """All of official_weights_of."""
        found = {self.official_weights_of(data, model) for data in self.datasets for model in self.trained}
        return found - {None}


def used_part(config: dict) -> dict:
    """A checked configuration without the entries of its catalogues that its run does not use."""
    run = config["run"]
    models = {name: config["models"][name] for name in run["models"]}
    named = {entry["backbone"] for entry in models.values() if "backbone" in entry}
    backbones = {name: config["backbones"][name] for name in sorted(named)}
    datasets = {name: config["datasets"][name] for name in run["datasets"]}
    return config | {"datasets": datasets, "models": models, "backbones": backbones}


def speed_options(options: dict) -> dict:
    """The part of a complete model entry that the speed depends on, with which it can still be built and trained."""
    made = without_weights(options)
    if "dropout" in made:
        made["dropout"] = 0.0
    usual = configuration.complete("training", {})
    kept = {key: value for key, value in made["training"].items() if key in SPEED_TRAINING}
    made["training"] = {key: kept.get(key, usual[key]) for key in made["training"]}
    return made


def measured_models(inventory: Inventory) -> list[tuple[str, str]]:
    """(data set, model) of each speed to measure."""
    return [(data.name, model) for data in inventory.datasets for model in dict.fromkeys(data.measured_by.values())]


def views_of(options: ModelOptions) -> int:
    """Clips that a video is predicted from."""
    return options.clip.views


def rows_of_features(options: ModelOptions, frames_per_video: float) -> float:
    """Rows of cached features per video."""
    return frames_per_video if options.takes_frames else views_of(options)
