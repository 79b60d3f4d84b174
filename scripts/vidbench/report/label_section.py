"""The part of the page on labels that may be wrong: who judged, how many to expect, and the first of them."""

from dataclasses import dataclass, field
from pathlib import Path

from vidbench.formatting import percent
from vidbench.report.dataset_results import Row, optional_csv, optional_json
from vidbench.report.phrases import counted, several
from vidbench.report.table import Table, column, filled, percents, text

MAX_ROWS = 15  # label_issues.csv has all


@dataclass(frozen=True)
class LabelSection:
    """Sentences, and the table of the first suspicious labels where there are any."""

    words: list[str] = field(default_factory=list)
    table: Table | None = None


def label_section(folder: Path) -> LabelSection:
    """Return what the page says of the labels of results/{dataset}; nothing where they were not judged."""
    review = optional_json(folder / "label_issues.json")
    if not review:
        return LabelSection()
    if not review["judges"]:
        return LabelSection([_no_judge(review)])
    words = [_judged(review), *_expected(review), *_limits(review)]
    if review["suspicious"]:
        words.append(_what_to_do(folder.name))
    return LabelSection(words, _table(folder.name, optional_csv(folder / "label_issues.csv")))


def _no_judge(review: dict) -> str:
    said = _models(review["left_out"])
    return (
        f"No model of this run can judge the labels: {said}. A class is right by chance for {percent(review['chance'])}"
        " of the videos."
    )


def _models(models: list[dict]) -> str:
    """Name models with their accuracies, those with the same reason together."""
    reasons: dict[str, list[str]] = {}
    for model in models:
        reasons.setdefault(model.get("reason", ""), []).append(f"{model['model']} ({percent(model['accuracy'])})")
    return "; ".join(f"{several(names)} {reason}".strip() for reason, names in reasons.items())


def _judged(review: dict) -> str:
    suspicious = review["suspicious"]
    return (
        f"{suspicious or 'None'} of {review['judged']:,} labels {'is' if suspicious < 2 else 'are'} suspicious, as"
        f" judged by models that were not trained on these videos: {_models(review['judges'])}."
    )


def _expected(review: dict) -> list[str]:
    """Say how many of the list are false alarms, and how many wrong labels are not in it."""
    suspicious, wrong, missed = review["suspicious"], review["expected_wrong"], review["expected_missed"]
    if not suspicious:
        return []
    if not review["share_wrong"]:
        return [
            "There is no sign that any label is wrong: models with these accuracies contradict right labels as often"
            " and as surely. So expect"
            f" {'it to be a false alarm' if suspicious == 1 else f'all {suspicious} to be false alarms'}."
        ]
    outside = counted(round(missed), "wrong label")
    beside = f" Outside the list about {outside} can be expected." if missed >= 0.5 else ""
    return [
        f"Of these, about {wrong:.0f} can be expected to be wrong and about {suspicious - wrong:.0f} to be false"
        f" alarms: right labels of videos that the models mistake.{beside} This takes errors of labels as random; a"
        " model that is sure of what is not so looks the same."
    ]


def _limits(review: dict) -> list[str]:
    """Say what was not judged, or hardly."""
    words = []
    if review["left_out"]:
        words.append(f"Not asked: {_models(review['left_out'])}.")
    if untested := review["videos"] - review["tested"]:
        verb = "is" if untested == 1 else "are"
        words.append(
            f"{counted(untested, 'video')} of {review['videos']:,} {verb} in no test and not judged; with folds"
            " (splits: {folds: 5}) each video is tested."
        )
    if unanswered := review["tested"] - review["judged"]:
        words.append(f"{counted(unanswered, 'test video')} without predictions could not be judged.")
    if small := review["small_classes"]:
        names = [f"{label} ({videos})" for label, videos in small.items()]
        words.append(f"Models hardly know classes with few videos, and so their labels: {several(names)}.")
    return words


def _what_to_do(name: str) -> str:
    return (
        f"{name}/corrected.csv lists all videos with a column suggested: copy it, look at these videos, correct the"
        " column label where it is wrong, and name the copy as the manifest of a data set of kind csv."
    )


def _table(name: str, issues: list[Row]) -> Table | None:
    rows = issues[:MAX_ROWS]
    more = f"The first {MAX_ROWS} of {len(issues):,} rows; label_issues.csv has all."
    columns = [
        column(rows, "video", "video", text),
        column(rows, "label", "label", text),
        column(rows, "more likely", "suggested", text),
        column(rows, "label wrong (%)", "wrong", percents, "how sure it is that the label is wrong"),
        column(rows, "more likely one (%)", "probability", percents, "its probability by all judges together"),
        column(rows, "models that agree", "models_agree", text),
        column(rows, "models for the label", "models_for_label", text),
    ]
    return filled("labels", f"Labels to check on {name}", columns, notes=[more] if len(issues) > MAX_ROWS else [])
