"""All that is known of a trained model, from its weights file and from the files beside it. Imports no torch."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vidbench.errors import UserError
from vidbench.evaluation.calibration import is_at_bound, usable_temperature
from vidbench.evaluation.label_thresholds import USUAL
from vidbench.evaluation.rejection import read_bounds
from vidbench.files import read_json
from vidbench.frames.recipe import Recipe
from vidbench.models.options import ModelOptions
from vidbench.models.weights_metadata import read_metadata
from vidbench.video import MULTI

WEIGHTS = "weights.safetensors"
RECORD = "options.json"  # beside it: what train_model.py wrote
SCORES = "metrics.json"  # beside it: what score_predictions.py wrote


@dataclass(frozen=True)
class Calibration:
    """What the validation videos told of a model's probabilities; None where that is not known."""

    temperature: float | None = None
    threshold: float | None = None  # of the most probable class's probability, below which a video is of no class
    kept: float | None = None  # share of new videos of the classes that are to be kept
    warning: str | None = None  # reasons to distrust them
    max_entropy: float | None = None  # nats; above it a video is of no class. None: by the threshold, in older files

    @classmethod
    def of_metrics(cls, metrics: Mapping[str, Any]) -> "Calibration":
        """Take it from metrics.json, which may have been written before there were thresholds."""
        rejection = metrics.get("rejection") or {}
        warning = metrics.get("calibration_warning")
        temperature = metrics.get("temperature")
        if temperature is not None and is_at_bound(temperature):
            warning = f"{warning}, so it is not used"
            temperature = usable_temperature(temperature)
        max_entropy, threshold = read_bounds(rejection)
        return cls(temperature, threshold, rejection.get("kept"), warning, max_entropy)

    @classmethod
    def of_metadata(cls, stored: Mapping[str, Any]) -> "Calibration":
        """Take it from the metadata of a weights file."""
        max_entropy, threshold = read_bounds(stored)
        return replace(cls(**stored), max_entropy=max_entropy, threshold=threshold)

    @property
    def lacks_videos(self) -> bool:
        """Whether no bound says what is of no class because too few validation videos were there to find one."""
        return self.kept is not None and self.threshold is None and self.max_entropy is None

    def as_dict(self) -> dict[str, Any]:
        """Return it as the metadata of a weights file holds it."""
        return dict(vars(self))


@dataclass(frozen=True)
class ModelFile:
    """A trained model without its weights."""

    path: Path  # of the weights
    options: ModelOptions
    classes: tuple[str, ...]  # K
    recipe: Recipe  # how frames are made of a video
    calibration: Calibration
    metadata: dict[str, Any]  # all that the file says, with what was taken from beside it

    @property
    def multi(self) -> bool:
        """Whether a video may have several labels: every class is a question of its own then."""
        return self.metadata.get("labels") == MULTI

    @property
    def label_thresholds(self) -> dict[str, float]:
        """The probability from which each label is given, of several per video; one half where none is known."""
        return dict.fromkeys(self.classes, USUAL) | self.metadata.get("thresholds", {})

    def refuse_multi(self, what: str) -> None:
        """Raise UserError where a video may have several labels, for `what`, which needs one class per video."""
        if self.multi:
            raise UserError(
                f"{self.path}: is a model of several labels per video, and {what} needs one class per video;"
                " docs/multi_label.md says what works"
            )

    @classmethod
    def read(cls, path: Path | str) -> "ModelFile":
        """Read a model by its weights file, or by the folder that holds it.

        What a file from an older run, or from a run's folder, lacks is taken from options.json and metrics.json beside
        it. UserError, in one line that says what to do, where that is not possible.
        """
        path = Path(path)
        path = path / WEIGHTS if path.is_dir() else path
        _refuse_baseline(path)
        metadata = read_metadata(path)
        if "frames" not in metadata:
            metadata["frames"] = _read_record(path, metadata)["frames"]
        if "calibration" not in metadata:
            metadata["calibration"] = _read_calibration(path, metadata).as_dict()
        if metadata.get("labels") == MULTI and "thresholds" not in metadata:
            metadata["thresholds"] = _read_scores(path, metadata).get("thresholds", {})
        try:
            return cls(
                path=path,
                options=ModelOptions.from_dict(metadata["options"]),
                classes=tuple(metadata["classes"]),
                recipe=Recipe.from_options(json.loads(metadata["frames"]["recipe"])),
                calibration=Calibration.of_metadata(metadata["calibration"]),
                metadata=metadata,
            )
        except (UserError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise UserError(
                f"{path}: what it says of its model is not understood ({' '.join(str(error).split())}); use the version"
                " of VidBench that has trained it, or train it again"
            ) from error


def _refuse_baseline(path: Path) -> None:
    """Raise UserError where a folder is that of a baseline, which leaves predictions and nothing to predict with."""
    beside = path.with_name(RECORD)
    if not path.exists() and beside.exists() and "baseline" in (record := read_json(beside)):
        raise UserError(
            f"{path.parent}: is a baseline ({record['baseline']['kind']}), which has no weights to take away; name a"
            " trained model"
        )


def _read_record(path: Path, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return options.json beside a weights file that does not say how its frames were made."""
    beside = path.with_name(RECORD)
    if not beside.exists():
        raise UserError(
            f"{path}: is from an older run and does not say how its frames are made; put its {RECORD} beside it, or"
            " train the model again"
        )
    record = read_json(beside)
    if record.get("options") != metadata["options"] or record.get("classes") != metadata["classes"]:
        raise UserError(f"{beside}: is of another model than {path.name}; put the one of its own training there")
    return record


def _read_calibration(path: Path, metadata: Mapping[str, Any]) -> Calibration:
    """Return what metrics.json beside a weights file says; nothing where there is none, or one of other classes."""
    metrics = _read_scores(path, metadata)
    return Calibration.of_metrics(metrics) if metrics else Calibration()


def _read_scores(path: Path, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return metrics.json beside a weights file; {} where there is none, or one of other classes."""
    beside = path.with_name(SCORES)
    metrics = read_json(beside) if beside.exists() else {}
    return metrics if metrics.get("classes") == metadata["classes"] else {}
