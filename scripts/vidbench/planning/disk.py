"""Disk that a run needs, from its configuration and measured sizes."""

from dataclasses import dataclass

from vidbench.clips import frame_orders
from vidbench.datasets import fractions
from vidbench.planning.hours import Measured, feature_rows_per_video
from vidbench.planning.typical_videos import download_bytes
from vidbench.workflow.run import DataSet, Run

FLOAT_BYTES = 4
NAME_BYTES = 140  # per row of predictions: video, subset, condition
CHECKPOINT = 4  # sizes of the weights: weights, two of the optimiser's states, the best weights
SMALL_FILES = 3e6  # per data set: tables, figures, its part of the page


@dataclass(frozen=True)
class Disk:
    """Bytes by kind of file; `passing`: those that are deleted before the end."""

    downloads: float
    frames: float
    features: float
    weights: float
    predictions: float
    others: float
    passing: float

    @property
    def total(self) -> float:
        """Bytes at the end of the run."""
        return self.downloads + self.frames + self.features + self.weights + self.predictions + self.others


def estimate_disk(run: Run, measured: Measured) -> Disk:
    """Estimate the disk of a whole run."""
    sizes = {name: 0.0 for name in ("frames", "features", "weights", "predictions", "others")}
    sources: dict[str, tuple[float, float]] = {}
    largest = 0.0
    for data in run.datasets:
        extraction = measured.extraction[data.name]
        sources[data.source] = _download_bytes(data, extraction)
        sizes["frames"] += data.num_videos * extraction["bytes_per_video"]
        sizes["features"] += _feature_bytes(data, measured)
        sizes["predictions"] += _prediction_bytes(run, data)
        sizes["others"] += SMALL_FILES
        all_weights, largest_model = _weight_bytes(run, data, measured)
        sizes["weights"] += all_weights
        largest = max(largest, CHECKPOINT * largest_model)
    downloads, passing = (sum(column) for column in zip(*sources.values(), strict=True))
    return Disk(downloads=downloads + _pretrained_bytes(run, measured), passing=passing + largest, **sizes)


def _download_bytes(data: DataSet, extraction: dict) -> tuple[float, float]:
    """Return bytes of archives and videos that are kept, and that are deleted; a user's own videos take none."""
    if data.kind == "motion":
        return data.num_videos * extraction["source_bytes_per_video"], 0.0
    if not data.published or data.entry["root"]:
        return 0.0, 0.0
    size = download_bytes(data.kind)
    keep = data.entry["keep"]
    archives = 0.0 if data.entry["archive"] else size  # the user's archives stay where they are
    return archives * keep["archives"] + size * keep["videos"], size - size * keep["videos"]


def _feature_bytes(data: DataSet, measured: Measured) -> float:
    total = 0.0
    frames = measured.extraction[data.name]["frames_per_video"]
    for model in data.backbones.values():
        rows = data.num_videos * feature_rows_per_video(data.typed_options(model), frames)
        total += rows * measured.of(data, model)["row_bytes"]
    return total


def _weight_bytes(run: Run, data: DataSet, measured: Measured) -> tuple[float, float]:
    """Return bytes of all trained weights, those of selected trials twice, and of the largest model's."""
    model_bytes = {model: measured.of(data, model)["weights_bytes"] for model in run.trained}
    per_split = sum(len(run.seeds_of(model)) * size for model, size in model_bytes.items())
    copies = {model: 1 + len(run.later_rungs(model)) for model in run.swept}  # the chosen trial, and those of rungs
    selected = len(run.seeds) * sum(copies[model] * model_bytes[run.first_trained(model)] for model in run.swept)
    return len(data.splits) * (per_split + selected), max(model_bytes.values())


def _prediction_bytes(run: Run, data: DataSet) -> float:
    total = 0.0
    for model in run.models:
        options = data.typed_options(run.first_trained(model))
        logits = options.clip.views * options.clip.crops * data.num_classes * FLOAT_BYTES
        for split in data.splits:
            shuffles = 0 if fractions.is_variant(split.name) else run.shuffles
            rows = split.val + split.test * (1 + len(frame_orders.conditions(shuffles)))
            total += len(run.seeds_of(model)) * rows * (logits + NAME_BYTES)
    return total


def _pretrained_bytes(run: Run, measured: Measured) -> float:
    """Return bytes of official weights: about those of the models that start from them."""
    sizes: dict[tuple[str, str], float] = {}
    for data in run.datasets:
        for model in run.trained:
            if (weights := data.official_weights(model)) is not None:
                sizes[weights] = max(sizes.get(weights, 0.0), measured.of(data, model)["weights_bytes"])
    return sum(sizes.values())
