"""Labels swapped at random in training and test, and how many of them are found: the numbers of docs/label_errors.md.

Example:
    make reproduce-baselines && make reproduce-label_errors    # after reproduce-gestures it has cnn3d, too

20 times 5 % of the labels are swapped; then models are trained on all folds but one and judge the videos of that one,
as in a run with folds. The models are regressions like those of scripts/vidbench/baselines, so that 20 times take
minutes; the features are rotated into the space of the training rows, which changes no fit.
"""

import argparse
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter, shift
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from vidbench.evaluation.label_issues import LabelReview, review_labels
from vidbench.evaluation.label_judges import read_testimony
from vidbench.evaluation.runs import Run
from vidbench.evaluation.test_results import TestResults
from vidbench.features.store import FeatureStore
from vidbench.files import write_text
from vidbench.frames.store import FrameStore
from vidbench.video import Video, read_videos

PROJECT = Path(__file__).resolve().parents[2]
SEEDS = 20
SHARE = 0.05  # of the labels that are swapped
FOLDS = 5
STRENGTH = 0.5  # of the regressions' penalty
MAX_UPDATES = 100
MOMENTS = 16  # of a gesture
CELLS = (12, 16)  # that a frame is divided into
BLUR = (0, 0.7, 1, 1)  # deviations over videos, moments, rows and columns
NOISE = 6  # grey levels below which nothing has moved
BEGIN, END = "<!-- numbers -->", "<!-- end -->"
Models = dict[str, np.ndarray]  # features (N, D) of each model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--results", type=Path, default=PROJECT / "results", help="of make reproduce-baselines")
    parser.add_argument("--trained", type=Path, default=PROJECT / "results/gestures", help="of make reproduce-gestures")
    arguments = parser.parse_args()
    if not (arguments.results / "places/features/mobilenet").exists():
        sys.exit(f"error: {arguments.results}: has no features of places; run make reproduce-baselines first")
    begin = time.monotonic()
    rows = []
    for row in measure(arguments.results, arguments.trained):
        rows.append(row)
        print(table([row]).splitlines()[-1], flush=True)
    made = (
        f"Made by `make reproduce-label_errors` in {(time.monotonic() - begin) / 60:.0f} minutes on a CPU: means of"
        f" {SEEDS} times (in brackets: standard deviation)."
    )
    head, rest = arguments.output.read_text(encoding="utf-8").split(BEGIN)
    write_text(arguments.output, f"{head}{BEGIN}\n{table(rows)}\n\n{made}\n{END}{rest.split(END)[1]}")


@dataclass(frozen=True)
class Case:
    """A data set with the models that judge it."""

    name: str
    videos: list[Video]
    models: Models

    @property
    def classes(self) -> list[str]:
        return sorted({video.label for video in self.videos})


@dataclass(frozen=True)
class Found:
    """What came out of one time."""

    accuracy: float  # of the first model, by the right labels
    precision: float  # among as many of the list's first as labels were swapped; a list that is too short has misses
    confident: float  # the same of the most confident errors of the first model
    listed: int
    found: int  # swapped ones in the list
    expected: float  # wrong ones in the list, by its own account
    swapped: int
    share: float


def measure(results: Path, trained: Path) -> Iterator[tuple[str, list[Found]]]:
    """Yield the name and the results of each line of the table."""
    for case in (gestures_of(results / "gestures"), places_of(results / "places")):
        folds = list(folds_of(case.videos))
        spans = {name: [span(x, test) for test in folds] for name, x in case.models.items()}
        for share, end in ((SHARE, ""), (0.0, ", none swapped")):
            times = [train(case, folds, spans, seed, share) for seed in range(SEEDS if share else 1)]
            right = {video.id: video.label for video in case.videos}
            for number in sorted({1, len(case.models)}):
                models = {name: {0: {}} for name in list(case.models)[:number]}
                found = [compare(replace(one, runs=models), right) for one in times]
                yield f"{case.name}, models: {number}{end}", found
    runs = [Run(path.parent) for path in sorted(trained.glob("fold*/cnn3d/seed0/predictions.h5"))]
    if runs:
        splits = [trained / "splits" / f"{run.split}.csv" for run in runs]
        videos = read_videos(trained / "videos.csv")
        for title, share in (("gestures, cnn3d", SHARE), ("gestures, cnn3d, none swapped", 0.0)):
            yield title, [by_trained(runs, splits, videos, seed, share) for seed in range(SEEDS if share else 1)]


def gestures_of(folder: Path) -> Case:
    """Gestures: what moves where and when, from the stored frames, in three ways."""
    videos = read_videos(folder / "videos.csv")
    store = FrameStore(sorted((folder / "frames").glob("*.h5")))
    cells = np.stack([motion_of(store, video.id) for video in videos])  # (N, T, rows, columns), signed
    moved = share_of(np.abs(np.diff(cells, axis=1)), NOISE)
    present = share_of(np.abs(cells), NOISE)
    features = {"differences": moved, "foreground": present, "centred": np.stack([centred(video) for video in present])}
    return Case("gestures", videos, {name: prepared(cells) for name, cells in features.items()})


def motion_of(store: FrameStore, video: str) -> np.ndarray:
    """Return what differs from the median of all frames at MOMENTS moments, mean over cells, (T, rows, columns)."""
    number = store.videos[video].num_frames
    grey = store.read(video, list(range(number))).astype(np.float32).mean(axis=-1)
    grey -= np.median(grey, axis=0)
    at = np.linspace(0, number - 1, MOMENTS).round().astype(int)
    height, width = grey.shape[1] // CELLS[0], grey.shape[2] // CELLS[1]
    cut = grey[at, : height * CELLS[0], : width * CELLS[1]]
    return cut.reshape(MOMENTS, CELLS[0], height, CELLS[1], width).mean(axis=(2, 4))


def share_of(cells: np.ndarray, least: float) -> np.ndarray:
    """Return what of the motion of a moment is in each cell."""
    above = np.maximum(cells - least, 0)
    return above / (above.sum(axis=(2, 3), keepdims=True) + 1e-3)


def centred(cells: np.ndarray) -> np.ndarray:
    """Move a video (T, rows, columns) so that the centre of what is in it is that of the picture."""
    total = cells.sum(axis=0) + 1e-9
    rows, columns = np.indices(CELLS)
    middle = [(total * places).sum() / total.sum() for places in (rows, columns)]
    return np.maximum(
        shift(cells, (0, *((size - 1) / 2 - at for size, at in zip(CELLS, middle, strict=True))), order=1), 0
    )


def prepared(cells: np.ndarray) -> np.ndarray:
    """Return rows (N, D) of a common scale."""
    rows = np.sqrt(np.maximum(gaussian_filter(cells, BLUR), 0)).reshape(len(cells), -1)
    return (rows - rows.mean(axis=0)) / rows.std()


def places_of(folder: Path) -> Case:
    """Places: the mean over frames of cached features, of ImageNet's weights and of random ones."""
    videos = read_videos(folder / "videos.csv")
    models = {}
    for name in ("mobilenet", "random"):
        store = FeatureStore(sorted((folder / "features" / name).glob("*.h5")))
        rows = [store.read(video.id, list(range(store.videos[video.id].num_rows))).mean(axis=0) for video in videos]
        x = np.stack(rows).astype(float)
        deviation = x.std(axis=0)
        models[name] = (x - x.mean(axis=0)) / np.where(deviation > 0, deviation, np.inf)
    return Case("places", videos, models)


def folds_of(videos: Sequence[Video]) -> Iterator[np.ndarray]:
    """Yield the places of each fold's test videos: whole groups, the largest first, to the smallest fold."""
    groups = [video.group for video in videos]
    size = {group: groups.count(group) for group in groups}
    folds: list[list[str]] = [[] for _ in range(FOLDS)]
    for group in sorted(size, key=lambda group: (-size[group], group)):
        min(folds, key=lambda fold: sum(size[each] for each in fold)).append(group)
    for fold in folds:
        yield np.flatnonzero([group in fold for group in groups])


def span(x: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return training and test rows in the space of the training rows: the same fits, with fewer features."""
    train = np.delete(x, test, axis=0)
    middle = train.mean(axis=0)
    basis = np.linalg.svd(train - middle, full_matrices=False)[2].T
    return (train - middle) @ basis, (x[test] - middle) @ basis


def swap(videos: Sequence[Video], classes: Sequence[str], seed: int, share: float) -> list[Video]:
    """Give a share of the videos a label at random, of the other ones."""
    random = np.random.default_rng(seed)
    changed = list(videos)
    for place in random.choice(len(videos), round(share * len(videos)), replace=False):
        others = [label for label in classes if label != videos[place].label]
        changed[place] = replace(videos[place], label=others[random.integers(len(others))])
    return changed


@dataclass(frozen=True)
class InMemory(TestResults):
    """Test results whose probabilities are at hand, by model and split."""

    at_hand: Mapping[tuple[str, str], np.ndarray] = field(default_factory=dict)

    def probabilities(self, model: str, seed: int, split: str) -> np.ndarray:
        return self.at_hand[model, split]


def train(case: Case, folds: list[np.ndarray], spans: Mapping[str, list], seed: int, share: float) -> InMemory:
    """Swap labels, train each model on all folds but one, for each of them, and return what it says of that one."""
    videos = swap(case.videos, case.classes, seed, share)
    labels = np.array([video.label for video in videos])
    tests, at_hand = {}, {}
    for number, test in enumerate(folds):
        split = f"fold{number + 1}"
        tests[split] = [videos[place] for place in test]
        for name, of_folds in spans.items():
            rows, new = of_folds[number]
            model = LogisticRegression(C=1 / (STRENGTH * len(rows)), tol=1e-3, max_iter=MAX_UPDATES)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)  # on random features some stop at MAX_UPDATES
                model.fit(rows, np.delete(labels, test))
            probabilities = np.zeros((len(test), len(case.classes)))
            probabilities[:, np.isin(case.classes, model.classes_)] = model.predict_proba(new)
            at_hand[name, split] = probabilities
    return InMemory(tests, case.classes, {name: {0: {}} for name in spans}, at_hand=at_hand)


def by_trained(runs: list[Run], splits: list[Path], videos: list[Video], seed: int, share: float) -> Found:
    """Swap labels after training, as training 20 times four networks takes hours."""
    classes = sorted({video.label for video in videos})
    results = TestResults.read(runs, swap(videos, classes, seed, share), splits)
    return compare(results, {video.id: video.label for video in videos})


def compare(results: TestResults, right: Mapping[str, str]) -> Found:
    """Compare what is found with what was swapped; `right`: the right label of each video."""
    review: LabelReview = review_labels(results)
    swapped = {video.id for video in results.videos if video.label != right[video.id]}
    listed = [issue.video for issue in review.issues]
    testimony = read_testimony(results, results.models[0])
    predicted = [results.classes[number] for number in testimony.predicted]
    errors = [
        (float(sure), video.id)
        for video, label, sure in zip(results.videos, predicted, testimony.probabilities.max(axis=1), strict=True)
        if label != video.label
    ]
    confident = [video for _, video in sorted(errors, reverse=True)]
    correct = [label == right[video.id] for video, label in zip(results.videos, predicted, strict=True)]
    return Found(
        accuracy=float(np.mean(correct)),
        precision=len(swapped & {*listed[: len(swapped)]}) / max(len(swapped), 1),
        confident=len(swapped & {*confident[: len(swapped)]}) / max(len(swapped), 1),
        listed=len(listed),
        found=len(swapped & {*listed}),
        expected=review.expected_wrong,
        swapped=len(swapped),
        share=review.share,
    )


def table(rows: Sequence[tuple[str, list[Found]]]) -> str:
    """One line per case."""
    header = (
        "labels of", "accuracy (%)", "swapped", "precision (%)", "by confidence (%)", "in the list", "of these swapped",
        "expected wrong", "share wrong, estimated (%)",
    )  # fmt: skip
    lines = [f"| {' | '.join(header)} |", f"| --- |{' ---: |' * (len(header) - 1)}"]
    for name, times in rows:
        swapped = times[0].swapped
        cells = [
            name, mean_of(times, "accuracy", 100), str(swapped),
            *(mean_of(times, key, 100) if swapped else "" for key in ("precision", "confident")),
            *(mean_of(times, key) for key in ("listed", "found", "expected")), mean_of(times, "share", 100),
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def mean_of(times: Sequence[Found], key: str, scale: float = 1) -> str:
    """Return the mean over all times, with the standard deviation in brackets where there are several."""
    values = scale * np.array([getattr(found, key) for found in times])
    return f"{values.mean():.1f}" + (f" ({values.std(ddof=1):.1f})" if len(times) > 1 else "")


if __name__ == "__main__":
    main()
