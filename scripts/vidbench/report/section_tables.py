"""The tables beside the figures of a part of the page: scores, motion, cost, test-time views."""

from vidbench.clips.frame_orders import NORMAL, REVERSED, SHUFFLED, SINGLE_FRAME
from vidbench.evaluation.runs import in_order
from vidbench.formatting import known
from vidbench.report.baseline_words import cost_notes
from vidbench.report.comparison_tables import millions
from vidbench.report.dataset_results import DatasetResults, Row
from vidbench.report.energy_words import energy_columns, energy_notes
from vidbench.report.table import (
    NONE,
    Cell,
    Column,
    Table,
    column,
    filled,
    fixed,
    numeral,
    percents,
    span,
    text,
    with_limits,
)  # fmt: skip

PERCENTS = {  # other scores are no shares of videos
    "top1": "top-1 (%)", "top5": "top-5 (%)", "mean_class_accuracy": "mean class accuracy (%)",
    "macro_f1": "macro F1 (%)", "mean_average_precision": "mAP (%)", "ece": "calibration error (%)",
    "ece_scaled": "calibration error, scaled (%)",
}  # fmt: skip
TITLES = {
    "log_loss": "log loss", "brier": "Brier score", "log_loss_scaled": "log loss, scaled",
    "brier_scaled": "Brier score, scaled",
}  # fmt: skip
NULL = "_null_"  # in the names of the range of a perfectly calibrated model's score
HELP = {
    "macro_f1": "mean of F1 over classes",
    "mean_average_precision": "mean over classes of the average precision",
    "log_loss": "lower is better",
    "brier": "lower is better",
    "ece": "expected calibration error: lower is better, and not 0 even for a perfect model",
}


def scores(results: DatasetResults, rows: list[Row]) -> Table | None:
    """Return scores.csv with a row per model and a column per metric."""
    by_model = {(row["model"], row["metric"]): row for row in rows}
    columns = [(Column("model", "text"), [Cell(model) for model in results.models])]
    for metric in in_order([row["metric"] for row in rows if NULL not in row["metric"] and row["metric"] != "top1"]):
        cells = [score(by_model, model, metric) for model in results.models]
        columns.append((Column(title_of(metric), help=HELP.get(metric, "")), cells))
    notes = ["In brackets: 95 % intervals for new groups of the same classes."]
    if any(row.get("approximate") == "True" for row in rows):
        notes.append("With fewer than 100 groups the intervals of other scores than top-1 are approximate.")
    return filled("scores", f"More scores on {results.name}", columns, notes=notes) if rows else None


def title_of(metric: str) -> str:
    """Name a metric in a heading."""
    return PERCENTS.get(metric) or TITLES.get(metric) or metric.replace("_", " ")


def score(by_model: dict[tuple[str, str], Row], model: str, metric: str) -> Cell:
    """Return a score with its interval; a calibration error with the range of a perfectly calibrated model."""
    scale, digits = (100, 1) if metric in PERCENTS else (1, 3)
    cell = with_limits(by_model.get((model, metric), {}), "value", "low", "high", scale, digits)
    null = [by_model.get((model, f"{metric}{NULL}{end}"), {}).get("value", "") for end in ("low", "high")]
    if not all(map(known, null)):
        return cell
    return Cell(f"{cell.text} (perfect: {' – '.join(fixed(value, scale, digits) for value in null)})", cell.value)


def motion(results: DatasetResults) -> Table | None:
    """Return motion_use.csv: accuracy under each order of frames, and the shares that it is divided into."""
    rows = results.motion
    share = "share of the accuracy above chance"
    columns = [column(rows, "model", "model", text)]
    for key, title, help in (
        (NORMAL, "as they are (%)", ""),
        (SHUFFLED, "shuffled (%)", "frames in random order, mean of several orders"),
        (REVERSED, "reversed (%)", "frames played backwards"),
        (SINGLE_FRAME, "one frame (%)", "one frame throughout"),
    ):
        columns.append(column(rows, title, key, percents, help))
    for key, title, help in (
        ("static", "static share (%)", f"{share} that one frame gives"),
        ("unordered", "unordered share (%)", f"{share} that more frames add, in any order"),
        ("order", "order share (%)", f"{share} that is lost without the order of frames"),
        ("relative_order", "relative order share (%)", "the same, above the order-invariant model's accuracy"),
    ):
        cells = [with_limits(row, key, f"{key}_low", f"{key}_high", 100, 0) for row in rows]
        columns.append((Column(title, help=help), cells))
    reasons = {row.model: row.undefined or row.relative_undefined for row in rows}
    notes = [f"{model}: {reason}." for model, reason in reasons.items() if reason]
    blind = in_order([row.blind_model for row in rows if row.blind_model])
    if blind:
        notes.append(
            "The order-invariant model is the most accurate one that cannot see the order of frames:"
            f" {', '.join(blind)}."
        )
    return filled("motion", f"Accuracy on {results.name} by the order of frames", columns, notes=notes)


def cost(results: DatasetResults) -> Table | None:
    """Return what each model costs, as measured on this machine."""
    rows = results.summary
    words = {True: "yes", False: "no", None: NONE}
    columns = [
        column(rows, "model", "model", text),
        column(rows, "ms/clip", "ms_per_clip", numeral, "one clip at a time, median"),
        column(rows, "ms/clip, best batch", "ms_per_clip_best_batch", numeral, "at the fastest batch size"),
        column(rows, "best batch", "best_batch", numeral),
        column(rows, "GFLOPs", "gflops", numeral, "per clip of one crop; a multiply-add counts as two"),
        column(rows, "parameters (M)", "parameters", millions),
        column(rows, "memory (MB)", "peak_memory_mb", numeral, "peak while predicting"),
        column(rows, "memory in training (MB)", "train_peak_memory_mb", numeral, "peak while training"),
        column(rows, "clips/s in training", "train_clips_per_second", numeral),
        column(rows, "training", "train_seconds", span, "mean time of one training"),
        (Column("on the Pareto front", "text", "no other model is both more accurate and cheaper"),
         [Cell(words[row.on_front]) for row in rows]),
        *energy_columns(rows),
    ]  # fmt: skip
    notes = [*cost_notes(rows), *energy_notes(rows, results.energy_not_measured)]
    return filled("cost", f"Cost of the models on {results.name}", columns, notes=notes)


def ladder(results: DatasetResults, rows: list[Row]) -> Table | None:
    """Return ladder.csv: the same weights with other numbers of views per test video; None where there is only one."""
    if len(rows) == len({row["model"] for row in rows}):
        return None
    columns = [
        column(rows, "model", "model", text),
        column(rows, "clips", "clips"),
        column(rows, "crops", "crops"),
        (Column("top-1 (%)"), [with_limits(row, "top1", "top1_low", "top1_high") for row in rows]),
        column(rows, "ms/video", "ms_per_video", numeral, "measured, median over trainings"),
    ]
    return filled("ladder", f"The same weights on {results.name} with other numbers of clips and crops", columns)


def _best_epoch(row: Row) -> Cell:
    """Return '7 of 14'; a dash for a baseline, which has no epochs."""
    if not known(row["epochs"]):
        return Cell(NONE)
    return Cell(f"{row['best_epoch']} of {row['epochs']}", float(row["best_epoch"]))


def runs(results: DatasetResults, rows: list[Row]) -> Table | None:
    """Return comparison.csv: every training, those with a part of the training videos included."""
    best_epochs = [_best_epoch(row) for row in rows]
    columns = [
        column(rows, "model", "model", text),
        column(rows, "split", "split", text),
        column(rows, "seed", "seed"),
        column(rows, "status", "status", text),
        column(rows, "top-1 (%)", "top1", percents),
        column(rows, "top-5 (%)", "top5", percents),
        column(rows, "mean class accuracy (%)", "mean_class_accuracy", percents),
        column(rows, "validation top-1 (%)", "val_top1", percents),
        (Column("best epoch"), best_epochs),
        column(rows, "training", "train_seconds", span),
        column(rows, "chosen trial", "trial", text),
        column(rows, "all its trials", "sweep_seconds", span),
    ]
    return filled("runs", f"Every training on {results.name}", columns)
