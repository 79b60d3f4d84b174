"""Which baselines a run has. Imports no torch."""

from vidbench.baselines.options import KINDS, OF_FEATURES, Baseline
from vidbench.config import sweeps
from vidbench.config.multi_label import multi_datasets
from vidbench.config.schema import backbone_options
from vidbench.errors import UserError


def find_baselines(config: dict) -> dict[str, Baseline]:
    """Return the baselines of a run by name, from its expanded configuration.

    Without `run.baselines` there are all kinds where features of a frozen backbone are cached, and else none. UserError
    for a kind that needs such features where there are none, and where a model has the name of a baseline.
    """
    cached = cached_backbones(config)
    asked = config["run"].get("baselines")
    if several := multi_datasets(config):
        if asked:
            raise UserError(
                f"config: run.baselines: {asked[0]} tells one class per video, but datasets.{several[0]} has several"
                " labels per video; leave it out, or put this data set into a run of its own"
            )
        return {}
    kinds = [kind for kind in KINDS if kind in (KINDS if asked is None and cached else asked or ())]
    found: dict[str, Baseline] = {}
    for kind in kinds:
        if kind not in OF_FEATURES:
            found[kind] = Baseline(kind, kind)
            continue
        if not cached:
            raise UserError(
                f"config: run.baselines: {kind} needs a model on a frozen backbone with cached features"
                " (backbones.NAME.trained_stages: 0); add one to run.models, or leave it out"
            )
        found |= {f"{kind}-{backbone}": Baseline(f"{kind}-{backbone}", kind, backbone) for backbone in cached}
    if taken := sorted(found.keys() & config["models"].keys()):
        raise UserError(f"config: models.{taken[0]}: a baseline of this run has this name; rename the model")
    return found


def cached_backbones(config: dict) -> list[str]:
    """Return the entries of `backbones` that models of the run use frozen and with cached features."""
    entries = (config["models"][model] for model in sweeps.trained_models(config))
    used = dict.fromkeys(entry["backbone"] for entry in entries if "backbone" in entry)
    options = {name: backbone_options(config, name) for name in used}
    return [name for name, entry in options.items() if entry["trained_stages"] == 0 and entry["cache_features"]]
