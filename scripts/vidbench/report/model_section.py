"""What the page says of one model: settings, scores, cost, use of motion, classes, warnings."""

from pathlib import Path

from vidbench.baselines.options import ZERO_SHOT
from vidbench.clips.frame_orders import NORMAL, REVERSED, SHUFFLED, SINGLE_FRAME
from vidbench.evaluation.runs import in_order
from vidbench.evaluation.tables import EnsembleGain, ModelSummary
from vidbench.files import read_json
from vidbench.formatting import duration, known, number, percent, pixels
from vidbench.models.options import ModelOptions
from vidbench.report import baseline_words, zero_shot_words
from vidbench.report.caveats import diverged, lacking, share_of_trainings
from vidbench.report.dataset_results import DatasetResults, Row
from vidbench.report.energy_words import model_energy
from vidbench.report.model_words import network, spacing, start, trained_part
from vidbench.report.section_tables import NULL, score, title_of
from vidbench.report.table import with_limits

Facts = list[tuple[str, str]]  # names and values
MAX_CLASSES = 5  # best and worst ones shown
OF_MOTION = (
    (NORMAL, "as they are"),
    (SHUFFLED, "shuffled"),
    (REVERSED, "reversed"),
    (SINGLE_FRAME, "one frame"),
)


def sections(
    folder: Path,
    results: DatasetResults,
    records: list[dict],
    classes: list[Row],
    scores: list[Row],
) -> list[dict[str, object]]:
    """Return one entry per model, the most accurate first. `records`: options.json of all runs."""
    bad, missing = diverged(results), lacking(results)
    entries = []
    for row in results.summary:
        model = row.model
        model_records = [record for record in records if record["model"] == model]
        entries.append({
            "name": model,
            "verdict": row.verdict.value,
            "top1": row.top1,
            "accuracy": with_limits(row, "top1", "top1_low", "top1_high").text,
            "warnings": [
                *_diverged(results, model, bad),
                *_lacking(missing, model),
                *_calibration(folder, results, model),
            ],
            "settings": settings(model_records),
            "scores": scores_of(scores, model),
            "cost": cost(row),
            "motion": motion(results, model),
            **ends([score for score in classes if score["model"] == model and known(score["accuracy"])]),
            "ensembles": [together(row) for row in results.ensembles if model in row.models][:MAX_CLASSES],
        })  # fmt: skip
    return entries


def settings(records: list[dict]) -> list[tuple[str, str]]:
    """Return name and value of a training's settings; of a swept one, those of all selected trials."""
    values_by_name: dict[str, list[str]] = {}
    for record in records:
        is_fitted = record.get("baseline", {}).get("kind", ZERO_SHOT) != ZERO_SHOT
        for name, value in baseline_words.facts(record) if is_fitted else training_facts(record):
            values_by_name.setdefault(name, []).append(value)
    facts = {name: "; ".join(in_order(values)) for name, values in values_by_name.items() if any(values)}
    return [*(facts | zero_shot_words.facts(records)).items()]


def training_facts(record: dict) -> list[tuple[str, str]]:
    """Return name and value of the settings of one training."""
    options = ModelOptions.from_dict(record["options"])
    clip, training = options.clip, options.training
    views = f"{clip.views} clip{'s' if clip.views > 1 else ''}"
    crops = f" × {clip.crops} crops" if clip.crops > 1 else ""
    rate = f"learning rate {training.learning_rate:g}"
    sampled = ", ".join(part for part in (clip.sampling, spacing(clip)) if part)
    return [
        ("network", network(options)),
        ("starts from", start(options) if start(options) != "random" else "random weights"),
        ("trained", trained_part(options)),
        ("trained parameters", f"{record['trained_parameters']:,}" if "trained_parameters" in record else ""),
        ("clip", f"{clip.frames} frames of {pixels(clip.size)}, {sampled}"),
        ("test views", f"{views}{crops}"),
        ("optimiser", f"{training.optimizer}, {training.schedule}, {rate}"),
        ("batch", f"{training.batch_size} clips, at most {training.epochs} epochs"),
        ("batch norm", "precise statistics" if record.get("precise_batch_norm") else ""),
        ("trained again", _describe_refit(record)),
        ("trial chosen", record["trial"] or ""),
    ]


def _describe_refit(record: dict) -> str:
    """Say on how many videos a refit trained, and for how long; '' where there was none."""
    if not (refit := record.get("refit")):
        return ""
    epochs = f"{refit['epochs']} epoch{'s' if refit['epochs'] > 1 else ''}"
    return f"on training and validation videos together, {refit['videos']:,} in all, for {epochs}"


def scores_of(rows: list[Row], model: str) -> list[tuple[str, str]]:
    """Return the name of each metric, and its value with the interval."""
    by_model = {(row["model"], row["metric"]): row for row in rows}
    metrics = [row["metric"] for row in rows if row["model"] == model and NULL not in row["metric"]]
    return [(title_of(metric), score(by_model, model, metric).text) for metric in metrics]


def cost(row: ModelSummary) -> list[tuple[str, str]]:
    """Return what a model costs, as far as it was measured."""
    facts = []
    for key, title, say in (
        ("ms_per_clip", "one clip", lambda value: f"{number(value)} ms"),
        ("ms_per_clip_best_batch", "one clip, best batch", lambda value: f"{number(value)} ms"),
        ("gflops", "operations per clip", lambda value: f"{number(value)} GFLOPs"),
        ("parameters", "parameters", lambda value: f"{value:,.0f}"),
        ("peak_memory_mb", "memory", lambda value: f"{number(value)} MB"),
        ("train_seconds", "one training", duration),
    ):
        value = getattr(row, key)
        if value is not None and not (key == "parameters" and row.ms_per_clip is None):
            facts.append((title, say(value)))
    return facts + model_energy(row)


def motion(results: DatasetResults, model: str) -> list[tuple[str, str]]:
    """Return the accuracy under each order of frames."""
    use = results.motion_of(model)
    if use is None:
        return []
    share = f"{with_limits(use, 'order', 'order_low', 'order_high', 100, 0).text} %"
    accuracies = [(title, percent(getattr(use, condition))) for condition, title in OF_MOTION]
    return accuracies + ([("order share", share)] if use.order is not None else [])


def together(row: EnsembleGain) -> tuple[str, str]:
    """Return an ensemble, and what it reaches."""
    gain = with_limits(row, "gain", "gain_low", "gain_high").text
    return row.members, f"{percent(row.top1)}, gain {gain}"


def ends(classes: list[Row]) -> dict[str, list[tuple[str, str]]]:
    """Return the classes with a model's highest and lowest accuracies, none in both."""
    ranked = sorted(classes, key=lambda row: float(row["accuracy"]))
    alike = not ranked or ranked[0]["accuracy"] == ranked[-1]["accuracy"]
    most = 0 if alike else min(MAX_CLASSES, len(ranked) // 2)
    facts = [(row["class"], f"{with_limits(row, 'accuracy', 'low', 'high').text} %") for row in ranked]
    return {"worst": facts[:most], "best": facts[len(facts) - most :][::-1] if most else []}


def _diverged(results: DatasetResults, model: str, bad: dict[str, tuple[int, int]]) -> list[str]:
    if model not in bad:
        return []
    trainings = [
        f"{row['split']} with seed {row['seed']} (numbers of "
        + ("its first, random weights)" if row["best_epoch"] == "0" else f"epoch {row['best_epoch']})")
        for row in results.runs
        if row["model"] == model and row["status"] != "ok"
    ]
    return [f"Diverged, its loss became infinite or not a number, in {share_of_trainings(*bad[model])}:"
            f" {'; '.join(trainings)}."]  # fmt: skip


def _lacking(missing: dict[str, list[str]], model: str) -> list[str]:
    return [f"Lacks trainings that other models have: {', '.join(missing[model])}."] if model in missing else []


def _calibration(folder: Path, results: DatasetResults, model: str) -> list[str]:
    """Return the warnings about its temperature, of any of its trainings."""
    runs = [row for row in results.runs if row["model"] == model]
    paths = [folder / row["split"] / model / f"seed{row['seed']}" / "metrics.json" for row in runs]
    warnings = [read_json(path).get("calibration_warning") for path in paths if path.exists()]
    return [f"Calibration: {line}" for line in in_order([line for line in warnings if line])]
