"""Disk that a run needs, from what it consists of and the sizes that were measured."""

from dataclasses import dataclass

from vidbench.clips import frame_orders
from vidbench.datasets import fractions
from vidbench.planning.hours import Measured, rows_of_features, views_of
from vidbench.planning.typical_videos import download_bytes
from vidbench.workflow.run import DataSet, Run

FLOAT_BYTES = 4
NAME_BYTES = 140  # of a row of predictions: video, subset, condition
CHECKPOINT = 4  # times the weights: weights, two of the optimiser's, the best weights
SMALL_FILES = 3e6  # of a data set: tables, figures; and the page


@dataclass(frozen=True)
class Disk:
    """Bytes, by what they are of; `passing`: those that are gone at the end."""

    downloads: float
    frames: float
    features: float
    weights: float
    predictions: float
    others: float
    passing: float

    @property
    def total(self) -> float:
        """At the end."""
        return self.downloads + self.frames + self.features + self.weights + self.predictions + self.others


def disk_of(run: Run, measured: Measured) -> Disk:
    """Of a whole run."""
    sizes = {name: 0.0 for name in ("frames", "features", "weights", "predictions", "others")}
    sources: dict[str, tuple[float, float]] = {}
    largest = 0.0
    for data in run.datasets:
        found = measured.extraction[data.name]
        sources[data.source] = _download(data, found)
        sizes["frames"] += data.num_videos * found["bytes_per_video"]
        sizes["features"] += _features(data, measured)
        sizes["predictions"] += _predictions(run, data)
        sizes["others"] += SMALL_FILES
        weights, of_one = _weights(run, data, measured)
        sizes["weights"] += weights
        largest = max(largest, CHECKPOINT * of_one)
    kept, passing = (sum(part) for part in zip(*sources.values(), strict=True))
    return Disk(downloads=kept + _pretrained(run, measured), passing=passing + largest, **sizes)


def _download(data: DataSet, found: dict) -> tuple[float, float]:
    """Bytes of archives and videos that stay, and of those that go; a person's own videos stay where they are."""
    if data.kind == "motion":
        return data.num_videos * found["source_bytes_per_video"], 0.0
    if not data.published or data.entry["root"]:
        return 0.0, 0.0
    size, keep = download_bytes(data.kind), data.entry["keep"]
    archives = 0.0 if data.entry["archive"] else size  # given ones stay where they are
    stays = archives * keep["archives"] + size * keep["videos"]
    return stays, size - size * keep["videos"]


def _features(data: DataSet, measured: Measured) -> float:
    total, frames = 0.0, measured.extraction[data.name]["frames_per_video"]
    for model in data.backbones.values():
        rows = data.num_videos * rows_of_features(data.typed_options(model), frames)
        total += rows * measured.of(data, model)["num_features"] * FLOAT_BYTES
    return total


def _weights(run: Run, data: DataSet, measured: Measured) -> tuple[float, float]:
    """Bytes of all trained weights, the chosen trials' twice, and of the largest model's."""
    runs = len(run.seeds) * len(data.splits)
    of_each = {model: measured.of(data, model)["weights_bytes"] for model in run.trained}
    chosen = sum(of_each[run.first_trained(model)] for model in run.swept)
    return runs * (sum(of_each.values()) + chosen), max(of_each.values())


def _predictions(run: Run, data: DataSet) -> float:
    total = 0.0
    for model in run.models:
        options = data.typed_options(run.first_trained(model))
        logits = views_of(options) * options.clip.crops * data.num_classes * FLOAT_BYTES
        for split in data.splits:
            shuffles = 0 if fractions.is_variant(split.name) else run.shuffles
            rows = split.val + split.test * (1 + len(frame_orders.conditions(shuffles)))
            total += len(run.seeds) * rows * (logits + NAME_BYTES)
    return total


def _pretrained(run: Run, measured: Measured) -> float:
    """Bytes of official weights: about those of the models that start from them."""
    sizes: dict[tuple[str, str], float] = {}
    for data in run.datasets:
        for model in run.trained:
            if (named := data.official_weights(model)) is not None:
                sizes[named] = max(sizes.get(named, 0.0), measured.of(data, model)["weights_bytes"])
    return sum(sizes.values())
