"""A folder of results as a run leaves it, with planted numbers: what the page is developed and tested on."""

import json
from dataclasses import asdict, dataclass, field, replace
from itertools import combinations
from pathlib import Path

from vidbench.evaluation.tables import EnsembleGain, ModelSummary, MotionUse, PairedDifference, columns
from vidbench.evaluation.verdicts import Verdict
from vidbench.files import write_csv, write_json

CLASSES = ("left", "right", "up", "down")
FIGURES = ("comparison", "cost", "learning_curves", "per_class", "confusion", "inspection")
SVG = ('<svg xmlns="http://www.w3.org/2000/svg" width="504pt" height="180pt" viewBox="0 0 504 180">'
       '<rect width="504" height="180" fill="#eef5fb"/>'
       '<circle cx="252" cy="90" r="40" fill="#0a5a9c"/></svg>')  # fmt: skip


@dataclass
class Model:
    """One model's numbers; `half` is half of its interval's width, None where groups are too few."""

    name: str
    top1: float
    ms: float | None = 2.0
    half: float | None = 0.04
    verdict: str = "tied"
    seeds: tuple[int, ...] = (0, 1, 2)
    splits: tuple[str, ...] = ("split1",)
    status: str = "ok"  # of its last training
    shuffled: float | None = None
    baseline: str = ""  # its kind


@dataclass
class Planted:
    """A data set of one run."""

    name: str
    models: list[Model]
    groups: int = 48
    videos: int = 96
    classes: tuple[str, ...] = CLASSES
    p_values: dict[tuple[str, str], float] = field(default_factory=dict)  # others: 0.001 where one is behind, else 0.5
    rich: bool = False  # with all tables that not every run has


def plant(folder: Path, planted: Planted) -> Path:
    """Write results/{name} below `folder`; return it."""
    results = folder / planted.name
    _videos(results, planted)
    for model in planted.models:
        for split in model.splits:
            for seed in model.seeds:
                _run(results / split / model.name / f"seed{seed}", planted, model, seed == model.seeds[-1])
    _comparison(results, planted)
    _summary(results, planted)
    for name in FIGURES:
        path = results / "figures" / f"{name}.svg"
        path.parent.mkdir(exist_ok=True)
        path.write_text(SVG)
    if any(model.shuffled is not None for model in planted.models):
        _motion(results, planted)
    if planted.rich:
        _rich(results, planted)
    return results


def splits_of(planted: Planted) -> list[str]:
    return sorted({split for model in planted.models for split in model.splits})


def _videos(results: Path, planted: Planted) -> None:
    rows = []
    for number in range(planted.videos):
        label, group = planted.classes[number % len(planted.classes)], f"g{number % planted.groups}"
        rows.append({"video": f"v{number}", "path": f"v{number}.mp4", "label": label, "group": group, "subset": ""})
    write_csv(results / "videos.csv", rows, ("video", "path", "label", "group", "subset"))
    for split in splits_of(planted):
        subsets = [{"video": row["video"], "subset": "test"} for row in rows]
        write_csv(results / "splits" / f"{split}.csv", subsets, ("video", "subset"))
    found = [{"video": row["video"], "status": "ok", "num_frames": 8, "message": ""} for row in rows]
    write_csv(results / "inspection.csv", found, ("video", "status", "num_frames", "message"))
    counts = dict.fromkeys(planted.classes, planted.videos // len(planted.classes))
    splits = {name: {"left_out": 0, "shared_groups": [], "leaks": []} for name in splits_of(planted)}
    write_json(results / "diagnosis.json", {
        "videos": planted.videos, "status": {"ok": planted.videos}, "classes": counts, "imbalance": 1.0,
        "shortcuts": [], "duplicates": 0, "not_compared": 0, "splits": splits, "warnings": [], "remarks": [],
        "notes": [],
    })  # fmt: skip


def _run(folder: Path, planted: Planted, model: Model, last: bool) -> None:
    accuracy = {label: max(0.0, min(1.0, model.top1 + 0.05 * (place - 1.5)))
                for place, label in enumerate(planted.classes)}  # fmt: skip
    rejection = {"max_entropy": 0.7, "threshold": 0.7, "kept": 0.9, "answered": 0.8, "accuracy": model.top1}
    write_json(folder / "metrics.json", {
        "status": model.status if last else "ok", "top1": model.top1, "top5": None, "class_accuracy": accuracy,
        "mean_class_accuracy": model.top1, "val_top1": model.top1, "num_videos": planted.videos,
        "calibration_warning": "validation has under 60 videos" if planted.rich else None,
        "rejection": rejection | {"warning": None} if planted.rich else None,
    })  # fmt: skip
    write_json(folder / "training_time.json", {"train_seconds": 60.0})
    clip = {"frames": 8, "size": [48, 48], "sampling": "uniform", "step": 2, "views": 4, "crops": 1,
            "subtract_temporal_mean": False}  # fmt: skip
    training = {"optimizer": "adamw", "schedule": "cosine", "learning_rate": 0.003, "batch_size": 16, "epochs": 14,
                "threads": 1}  # fmt: skip
    options = {"architecture": "cnn3d", "weights": None, "trained_stages": None, "clip": clip, "training": training}
    if model.baseline:
        _baseline(folder / "options.json", model.baseline, clip)
        return
    write_json(folder / "options.json", {
        "options": options, "seed": int(folder.name.removeprefix("seed")),
        "device": {"type": "cpu", "name": "A processor"}, "computing": {"precision": "fp32"},
        "versions": {"python": "3.11.7", "torch": "2.15.0"}, "features": None,
        "frames": {"recipe": json.dumps({"size": [48, 48]}), "ffmpeg": "n9.0"},
    })  # fmt: skip


def _baseline(path: Path, kind: str, clip: dict) -> None:
    features = {"backbone": {"architecture": "mobilenet_v2", "trained_stages": 0}, "head": "mean", "clip": clip}
    write_json(path, {
        "options": None if kind == "file_properties" else features,
        "baseline": {"kind": kind, "chosen": {"strength": 0.01}, "candidates": []},
        "device": {"type": "cpu", "name": "A processor"}, "versions": {"python": "3.11.7"}, "features": None,
    })  # fmt: skip


def _comparison(results: Path, planted: Planted) -> None:
    rows = [
        {"dataset": planted.name, "split": split, "model": model.name, "seed": seed,
         "status": model.status if seed == model.seeds[-1] else "ok", "top1": model.top1, "top5": "",
         "mean_class_accuracy": model.top1, "val_top1": model.top1, "num_videos": planted.videos,
         "best_epoch": "" if model.baseline else 7, "epochs": "" if model.baseline else 14, "train_seconds": 60.0,
         "ms_per_clip": model.ms, "parameters": 470526, "trial": "", "sweep_seconds": "", "fraction": 1.0,
         "train_videos": 200}
        for model in planted.models for split in model.splits for seed in model.seeds
    ]  # fmt: skip
    write_csv(results / "comparison.csv", rows, tuple(rows[0]))


def summary_of(model: str, top1: float, **values: object) -> ModelSummary:
    """A row of summary.csv with ordinary numbers but for some."""
    row = {
        "model": model, "top1": top1, "top1_low": max(top1 - 0.04, 0), "top1_high": min(top1 + 0.04, 1),
        "top1_seed_sd": 0.01, "tied_with_best": None, "num_seeds": 3, "num_splits": 1, "num_videos": 96,
        "num_groups": 48, "train_seconds": 60.0, "ms_per_clip": 2.0, "parameters": 470526, "verdict": Verdict.TIED,
        "diverged_runs": 0, "seeds_missing": "", "baseline": "",
    }  # fmt: skip
    return ModelSummary(**dict.fromkeys(columns(ModelSummary)) | row | values)


def pair_of(a: str, b: str, difference: float, **values: object) -> PairedDifference:
    """A row of pairwise.csv with ordinary numbers but for some."""
    row = {
        "model_a": a, "model_b": b, "difference": difference, "low": difference - 0.03, "high": difference + 0.03,
        "p_value": 0.5, "p_holm": 0.5, "about": "architectures",
    }  # fmt: skip
    return PairedDifference(**dict.fromkeys(columns(PairedDifference)) | row | values)


def ensemble_of(kind: str, members: str, top1: float, **values: object) -> EnsembleGain:
    """A row of ensembles.csv with ordinary numbers but for some."""
    row = {
        "kind": kind, "members": members, "num_networks": 2, "top1": top1, "top1_low": top1 - 0.04,
        "top1_high": top1 + 0.03, "best_single_top1": 0.92, "gain": 0.02, "gain_low": -0.01, "gain_high": 0.05,
        "beyond_chance": False, "chosen_on_validation": False, "num_seeds": 3, "about": "architectures",
    }  # fmt: skip
    return EnsembleGain(**dict.fromkeys(columns(EnsembleGain)) | row | values)


def _summary(results: Path, planted: Planted) -> None:
    models = sorted(planted.models, key=lambda model: -model.top1)
    rows = []
    for model in models:
        bad = len(model.splits) if model.status != "ok" else 0
        verdict = Verdict.DIVERGED if bad else Verdict(model.verdict)
        half = model.half or 0
        row = summary_of(
            model.name, model.top1, top1_low=max(model.top1 - half, 0), top1_high=min(model.top1 + half, 1),
            verdict=verdict, tied_with_best=verdict.tied_with_best, num_seeds=len(model.seeds),
            num_splits=len(model.splits), num_videos=planted.videos, num_groups=planted.groups, ms_per_clip=model.ms,
            diverged_runs=bad, baseline=model.baseline,
        )  # fmt: skip
        rows.append(row if model.half is not None else replace(row, top1_low=None, top1_high=None))
    write_csv(results / "summary.csv", map(asdict, rows), columns(ModelSummary))
    pairs = []
    for a, b in combinations(models, 2):
        p = planted.p_values.get((a.name, b.name), 0.001 if b.verdict == "behind" else 0.5)
        few = dict.fromkeys(("low", "high", "p_value", "p_holm")) if a.half is None or b.half is None else {}
        pairs.append(pair_of(a.name, b.name, a.top1 - b.top1, **{"p_value": p, "p_holm": p} | few))
    write_csv(results / "pairwise.csv", map(asdict, pairs), columns(PairedDifference))


def _motion(results: Path, planted: Planted) -> None:
    shares = ("static", "unordered", "order", "relative_order")
    rows = []
    for model in planted.models:
        left = model.top1 if model.shuffled is None else model.shuffled
        order = (model.top1 - left) / (model.top1 - 0.25)
        row = {"model": model.name, "normal": model.top1, "shuffled": left, "reversed": 0.1, "single_frame": 0.25,
               "chance": 0.25, "blind_model": planted.models[-1].name, "undefined": "", "relative_undefined": "",
               "num_seeds": 3, "num_videos": planted.videos}  # fmt: skip
        for share, value in zip(shares, (0.0, 1 - order, order, order), strict=True):
            row |= {share: value, f"{share}_low": value - 0.05, f"{share}_high": value + 0.05}
        rows.append(row)
    write_csv(results / "motion_use.csv", rows, columns(MotionUse))


def _rich(results: Path, planted: Planted) -> None:
    """The tables of scores, of protocols, of errors, and what can be resolved."""
    names = [model.name for model in planted.models]
    scores = [
        {"model": model.name, "metric": metric, "value": value, "low": value - 0.03, "high": value + 0.03,
         "approximate": planted.groups < 100, "num_unreadable": 0}
        for model in planted.models
        for metric, value in (("top1", model.top1), ("macro_f1", model.top1 - 0.01), ("log_loss", 0.41),
                              ("mean_average_precision", model.top1), ("brier", 0.12), ("ece", 0.05),
                              ("ece_null_low", 0.01), ("ece_null_high", 0.04))
    ]  # fmt: skip
    write_csv(results / "scores.csv", scores, tuple(scores[0]))
    ladder = [
        {"model": name, "clips": clips, "crops": 1, "top1": 0.8 + 0.02 * clips, "top1_low": 0.75, "top1_high": 0.9,
         "ms_per_video": 2.0 * clips}
        for name in names for clips in (1, 2, 4)
    ]  # fmt: skip
    write_csv(results / "ladder.csv", ladder, tuple(ladder[0]))
    classes = [
        {"model": model.name, "class": label, "videos": 24, "groups": 12, "accuracy": model.top1 - 0.03 * place,
         "low": model.top1 - 0.1, "high": model.top1 + 0.05, "f1": model.top1, "average_precision": model.top1}
        for model in planted.models for place, label in enumerate(planted.classes)
    ]  # fmt: skip
    write_csv(results / "class_scores.csv", classes, tuple(classes[0]))
    write_json(results / "resolution.json", {
        "num_groups": planted.groups, "effective_groups": planted.groups - 2.5, "enough_groups": True,
        "detectable": 0.062, "groups_for": {"1": 1843, "2": 461, "5": 74},
        "text": f"With {planted.groups} groups this data set shows differences of about 6.2 points.",
    })  # fmt: skip
    pairs = [{"model": name, "truth": "left", "predicted": "right", "count": 3, "videos": 24, "share": 0.12}
             for name in ("", *names)]  # fmt: skip
    write_csv(results / "confused_pairs.csv", pairs, tuple(pairs[0]))
    errors = [{"model": names[0], "video": f"v{number}", "truth": "left", "predicted": "right",
               "confidence": 0.5 + number / 50, "others_right": 2} for number in range(20)]  # fmt: skip
    write_csv(results / "errors.csv", errors, tuple(errors[0]))
    issues = [{"video": f"v{number}", "label": "left", "suggested": "right", "wrong": 0.9 - number / 50,
               "probability": 0.95, "label_probability": 0.01, "models_agree": "; ".join(names), "models_for_label": "",
               "num_models": len(names), "networks_agree": 1.0, "class_videos": 24} for number in range(3)]  # fmt: skip
    write_csv(results / "label_issues.csv", issues, tuple(issues[0]))
    write_json(results / "label_issues.json", {
        "videos": planted.videos, "tested": planted.videos, "judged": planted.videos, "suspicious": 3,
        "expected_wrong": 2.64, "expected_false_alarms": 0.36, "expected_missed": 0.2, "share_wrong": 0.03,
        "chance": 0.25, "judges": [{"model": model.name, "accuracy": model.top1} for model in planted.models],
        "left_out": [], "small_classes": {},
    })  # fmt: skip
    shared = [{"model_a": a, "model_b": b, "both_wrong": 0.05, "expected_both_wrong": 0.01, "kappa": 0.4}
              for a in names for b in names]  # fmt: skip
    write_csv(results / "overlap.csv", shared, tuple(shared[0]))
    gain = ensemble_of("pair", f"{names[0]} + {names[-1]}", 0.94, best_single=names[0], gain=0.02, num_networks=6)
    write_csv(results / "ensembles.csv", [asdict(gain)], columns(EnsembleGain))
