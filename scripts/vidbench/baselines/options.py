"""The baselines: their kinds and their options. Imports no torch."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from vidbench.errors import UserError, did_you_mean
from vidbench.models.options import ModelOptions

LOGISTIC = "logistic"
KNN = "knn"
FILE_PROPERTIES = "file_properties"
ZERO_SHOT = "zero_shot"  # a model of the run that is not trained, not one that is fitted: rules/zero_shot.smk
KINDS = (LOGISTIC, KNN, FILE_PROPERTIES)
OF_FEATURES = (LOGISTIC, KNN)  # one per frozen backbone whose features are cached
SETTINGS = {  # keys of the `baselines` section that a kind's choice is made from
    LOGISTIC: ("strengths",),
    KNN: ("neighbours", "metrics"),
    FILE_PROPERTIES: ("strengths",),
}


@dataclass(frozen=True)
class Baseline:
    """An entry of a run's comparison that is fitted and not trained; its name is also that of its folder."""

    name: str
    kind: str
    backbone: str | None = None  # entry of `backbones` whose features it classifies; None: the files' properties


@dataclass(frozen=True, kw_only=True)
class BaselineOptions:
    """All that a baseline depends on beside the data; what its kind does not use is empty."""

    kind: str
    strengths: tuple[float, ...] = ()  # of the L2 penalty
    neighbours: tuple[int, ...] = ()
    metrics: tuple[str, ...] = ()
    features: ModelOptions | None = None  # backbone and clip of the features
    cost_of: str | None = None  # the model whose measured cost is the baseline's, as its backbone is

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Make it from the JSON of --options; UserError for an unknown kind or key, and for one that is missing."""
        names = [field.name for field in fields(cls)]
        for key in values:
            if key not in names:
                raise UserError(f"options: '{key}' is not known in a baseline: {did_you_mean(key, names)}")
        kind = values.get("kind")
        if kind not in KINDS:
            raise UserError(f"options: kind: '{kind}' is no baseline: {did_you_mean(str(kind), KINDS)}")
        if missing := [key for key in SETTINGS[kind] if not values.get(key)]:
            raise UserError(f"options: {kind} needs `{missing[0]}`, a list of what to choose from")
        if (values.get("features") is None) is (kind in OF_FEATURES):
            raise UserError(f"options: {kind}: {'needs `features`' if kind in OF_FEATURES else 'takes no `features`'}")
        lists: dict[str, Any] = {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
        features = ModelOptions.from_dict(values["features"]) if values.get("features") else None
        return cls(**{**values, **lists, "features": features})
