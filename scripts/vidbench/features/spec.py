"""The options that a frozen backbone's features depend on. Imports no torch: the workflow asks before any job."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from vidbench.errors import UserError
from vidbench.models.options import ClipOptions, ModelOptions, NetworkOptions

NOT_OF_FEATURES = ("cache_features", "trained_stages", "drop_path")


@dataclass(frozen=True)
class FeatureSpec:
    """A frozen backbone and its clips; what its features do not depend on is left at its default."""

    backbone: NetworkOptions
    clip: ClipOptions

    @classmethod
    def of(cls, options: ModelOptions) -> Self:
        """Return the spec of a model's backbone."""
        values = {"backbone": options.network.as_dict(), "clip": options.clip.as_dict()}
        return cls.from_dict(values)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the spec of the `backbone` and `clip` sections of a complete model entry, or of as_dict()'s result."""
        backbone = NetworkOptions.from_dict(_without(values["backbone"], NOT_OF_FEATURES))
        clip = values["clip"]
        keys = ["size", "mean", "std", *(_frame_keys(clip["sampling"]) if backbone.takes_clips else [])]
        needed = {key: clip[key] for key in keys if clip.get(key) is not None}
        return cls(replace(backbone, trained_stages=0), ClipOptions.from_dict(needed))

    def as_dict(self) -> dict[str, dict[str, Any]]:
        """Return the sections that a store's attribute and --options of extract_features.py hold."""
        keys = ["size", "mean", "std"]
        if self.backbone.takes_clips:
            keys += [key for key in _frame_keys(self.clip.sampling) if getattr(self.clip, key) is not None]
        values = self.clip.as_dict()
        backbone = _without(self.backbone.as_dict(), NOT_OF_FEATURES) | {"trained_stages": 0}
        if self.backbone.network_config is None:  # of most families
            del backbone["network_config"]
        return {"backbone": backbone, "clip": {key: values[key] for key in keys}}

    def difference(self, other: "FeatureSpec") -> str | None:
        """Return the name of the first key in which two differ, e.g. 'clip.size'; None where they are equal."""
        first = self.as_dict()
        second = other.as_dict()
        for part in ("backbone", "clip"):
            for key in sorted(first[part].keys() | second[part].keys()):
                if first[part].get(key) != second[part].get(key):
                    return f"{part}.{key}"
        return None


def _frame_keys(sampling: str) -> list[str]:
    """Return the keys of a `clip` section that select frames."""
    return ["frames", "sampling", "views", *(["step", "rate"] if sampling == "dense" else [])]


def _without(section: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in section.items() if key not in keys}


def check(options: ModelOptions) -> None:
    """Raise UserError where a model needs what cached features cannot give."""
    refused = {
        "clip.crops above 1": options.clip.crops > 1,
        "clip.subtract_temporal_mean": options.clip.subtract_temporal_mean,
        "head tsm, which changes the backbone": options.head.name == "tsm",
    }
    for reason, is_asked_for in refused.items():
        if is_asked_for:
            raise UserError(f"{reason}: not with cached features; give the model a backbone with cache_features: false")
