"""What the features of a frozen backbone depend on. Imports no torch: the workflow asks before any job starts."""

from vidbench.errors import UserError
from vidbench.models import ARCHITECTURES

NOT_OF_FEATURES = ("cache_features", "trained_stages")


def is_cached(options: dict) -> bool:
    """Whether a complete model entry's head is trained on features that are computed once."""
    backbone = options.get("backbone", {})
    return backbone.get("trained_stages") == 0 and bool(backbone.get("cache_features"))


def takes_clips(options: dict) -> bool:
    """Whether the entry's backbone turns whole clips into features, not frames."""
    return options["backbone"]["architecture"] in ARCHITECTURES


def of(options: dict) -> dict:
    """The part of a complete model entry that its backbone's features depend on, as extract_features.py takes it."""
    clip = options["clip"]
    keys = ["size", "mean", "std"]
    if takes_clips(options):
        keys += ["frames", "sampling", "views", *(["step", "rate"] if clip["sampling"] == "dense" else [])]
    backbone = {key: value for key, value in options["backbone"].items() if key not in NOT_OF_FEATURES}
    return {
        "backbone": backbone | {"trained_stages": 0},
        "clip": {key: clip[key] for key in keys if key in clip},
    }


def check(options: dict) -> None:
    """Raise UserError where a complete model entry wants what cached features cannot give."""
    refused = {
        "clip.crops above 1": options["clip"]["crops"] > 1,
        "clip.subtract_temporal_mean": options["clip"]["subtract_temporal_mean"],
        "head tsm, which changes the backbone": options["head"] == "tsm",
    }
    for what, wanted in refused.items():
        if wanted:
            raise UserError(f"{what}: not with cached features; give the model a backbone with cache_features: false")


def difference(first: dict, second: dict) -> str | None:
    """Name of the first key in which two results of of() differ, e.g. 'clip.size'."""
    for part in ("backbone", "clip"):
        for key in sorted(first[part].keys() | second[part].keys()):
            if first[part].get(key) != second[part].get(key):
                return f"{part}.{key}"
    return None
