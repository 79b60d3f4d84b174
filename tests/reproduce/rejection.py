"""Videos of no class, and segments in long videos: the numbers of docs/rejection.md, by the models of `gestures`.

Example:
    make reproduce-gestures && make reproduce-rejection
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from open_set_table import plain_quantile
from scipy.special import entr, logsumexp, softmax

import vidbench
from vidbench.errors import UserError
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.rejection import find_threshold
from vidbench.files import read_csv, write_text
from vidbench.frames.ffmpeg import encode_h264
from vidbench.inference.actions import ActionFinder, WindowAnswer, find_actions
from vidbench.inference.classifier import Classifier
from vidbench.inference.segments import Hysteresis, Segment, find_segments
from vidbench.inference.timeline import Timeline

PROJECT = Path(__file__).resolve().parents[2]
GESTURES = PROJECT.parent / "shared" / "data" / "gestures"
MODEL = "cnn3d"
FPS = 25
SIZE = (120, 160)
PAUSE = 1.5  # seconds between two gestures, for which the last frame of the one before is held
JOINED = 24  # gestures in a long video
WINDOWS, STRIDE = (2.0, 3.0), 0.25  # seconds: plain windows
WINDOW = 3.0  # seconds, of windows that keep to stretches; all else is as classify_videos.py has it
IOU = 0.5  # of a found and a true segment of the same class, from which it counts as found
TEXT = """# What a model does not know, and when something happens

By the four models `{model}` of [gestures.md](gestures.md), each on the gestures that it was not trained on.

## Videos of no class

{unknown} other movements of hands, which no model has seen, against the {tests} test gestures. AUROC: the probability
that a test gesture is more confident than one of them. "At 90 %": the share of them below the threshold that keeps 90 %
of the *test* gestures. "By validation": the share of the test gestures that the stored kind of threshold, from about 25
*validation* videos per model, keeps, and the share of the other movements that it rejects. Means over the four models.

| confidence | AUROC | rejected at 90 % | kept by validation | rejected by validation |
| --- | ---: | ---: | ---: | ---: |
{rows}

With 20 movements per model a share is known to about 10 points, so none of the four is clearly better.
[open_set.md](open_set.md) has more evidence, from models that were trained without one of the gestures and from the
embedded data set: there energy and the highest logit are clearly worse with what is close to the classes, and the
entropy is better than the highest probability, or equal. So a bound of the entropy is stored.

## Segments in a long video

For each model {joined} test gestures in random order were joined to one video, with {pause} seconds between two of
them for which the last frame is held. A segment is right where it has the class of a gesture and overlaps it by at
least half of what both cover (IoU {iou}); each gesture is found once.

"Stretches" is what `classify_videos.py --window {window:g}` does: windows keep to what lies between two cuts or
rests, and a stretch of at most four windows is one action. "Plain windows" is `--plain-windows`, with {stride} s from
one to the next. "Each alone" is no segmentation: each gesture's own video, classified as such, so an upper bound.

| | window (s) | segment begins at | true | found | right | precision | recall | F1 |
| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |
{segments}

What counts as movement, as a rest and as a cut is set by constants (`motion.py`, `stretches.py` of
scripts/vidbench/inference), the same for all videos. They were chosen by videos that were joined of *validation*
gestures in the same way, of which these are the numbers (up to {joined} per model); all four models have seen them when
their epoch was chosen:

| | window (s) | segment begins at | true | found | right | precision | recall | F1 |
| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |
{validation}

The pauses of these videos are perfectly still, and scenes change between two gestures, which is easy to see. In front
of a camera that moves there are no rests; then stretches are shots, and what is longer than four windows is left to the
windows that slide over it, which are worth what plain windows are.

Why plain windows are bad: the share of those whose most probable class is that of the gesture that they show most of,
by what they hold.

| window (s) | cuts | shows of the gesture | windows | right |
| ---: | --- | --- | ---: | ---: |
{windows}

A window with a whole gesture is mostly right, but not where a cut to another scene is in it: these models subtract the
mean of a window's frames, which is then that of two scenes. Nor were they trained on halves of gestures, or on still
pictures, all of which they answer with some gesture.

Made by `make reproduce-rejection` after `make reproduce-gestures`.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--results", type=Path, default=PROJECT / "results" / "gestures")
    arguments = parser.parse_args()
    folds = sorted(arguments.results.glob(f"fold*/{MODEL}/seed0"))
    if not folds:
        sys.exit(f"error: {arguments.results}: holds no models; run make reproduce-gestures first")
    models = [vidbench.load(fold, device="cpu") for fold in folds]
    tables = [Predictions.read(fold / "predictions.h5") for fold in folds]
    others = [logits_of(model, [GESTURES / "unclassified"]) for model in models]
    found = [find_in_joined(*pair, arguments.results) for pair in zip(models, tables, strict=True)]
    counts = [count_segments(*each) for each in zip(models, tables, found, strict=True)]
    joined = [find_in_joined(*pair, arguments.results, "val", ()) for pair in zip(models, tables, strict=True)]
    validation = [count_segments(*each) for each in zip(models, tables, joined, strict=True)]
    text = TEXT.format(
        model=MODEL, unknown=len(others[0]), tests=sum(len(table.rows("test")) for table in tables),
        rows="\n".join(measure_rejection(name, score, tables, others) for name, score in SCORES.items()),
        joined=JOINED, pause=PAUSE, stride=STRIDE, iou=IOU,
        window=WINDOW, segments=describe_counts(counts), validation=describe_counts(validation),
        windows="\n".join(row for length in WINDOWS for row in describe_windows(length, found)),
    )  # fmt: skip
    write_text(arguments.output, text)
    print(text)


SCORES: dict[str, Callable[[np.ndarray], np.ndarray]] = {  # of logits (N, V, K)
    "highest probability": lambda logits: softmax(logits, axis=-1).mean(axis=1).max(axis=-1),
    "entropy": lambda logits: -entr(softmax(logits, axis=-1).mean(axis=1)).sum(axis=-1),
    "energy": lambda logits: logsumexp(logits, axis=-1).mean(axis=1),
    "highest logit": lambda logits: logits.mean(axis=1).max(axis=-1),
}


def logits_of(model: Classifier, videos: Sequence[Path]) -> np.ndarray:
    """The logits (N, V, K) of all that can be classified."""
    return np.stack([answer.logits for answer in model.classify_all(videos) if answer.is_classified])


def measure_rejection(
    name: str, score: Callable[[np.ndarray], np.ndarray], tables: Sequence[Predictions], others: Sequence[np.ndarray]
) -> str:
    """A row of the table: means over the models."""
    values = []
    for table, other in zip(tables, others, strict=True):
        validation, test = (score(table.logits[table.rows(subset)].astype(np.float64)) for subset in ("val", "test"))
        outside = score(other.astype(np.float64))
        threshold = find_threshold(validation)
        above = (test[:, None] > outside).mean() + (test[:, None] == outside).mean() / 2
        at_test = (outside < plain_quantile(test)).mean()
        values.append([above, at_test, (test >= threshold).mean(), (outside < threshold).mean()])
    auroc, *shares = np.mean(values, axis=0)
    return f"| {name} | {auroc:.3f} | {' | '.join(f'{100 * share:.0f} %' for share in shares)} |"


@dataclass(frozen=True)
class Count:
    """Segments of a long video."""

    true: int
    found: int
    right: int


@dataclass(frozen=True)
class Joined:
    """A long video of some gestures, and what a model answers."""

    truth: list[Segment]
    rows: list[int]  # of the predictions of the gestures alone
    plain: dict[float, list[WindowAnswer]]  # by length of window
    by_stretches: list[WindowAnswer]


def find_in_joined(
    model: Classifier, table: Predictions, results: Path, subset: str = "test", plain: Sequence[float] = WINDOWS
) -> Joined:
    """Join some of a model's test or validation gestures to one video, and classify its windows."""
    videos = {row["video"]: row for row in read_csv(results / "videos.csv")}
    rows = np.random.default_rng(0).permutation(table.rows(subset))[:JOINED].tolist()
    gestures = [videos[table.video[row]] for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "joined.mp4"
        truth = join([(GESTURES / _below(each["path"]), each["label"]) for each in gestures], path)
        windows = {length: list(model.windows(path, length, STRIDE)) for length in plain}
        by_stretches = list(Timeline(model, WINDOW, by_stretches=True).of_file("joined", path))
    return Joined(truth, rows, windows, by_stretches)


def _below(path: str) -> Path:
    return Path(*Path(path).parts[-2:])


def count_segments(model: Classifier, table: Predictions, joined: Joined) -> dict[str, Count]:
    """Count segments by the way that they are found, length of window and threshold."""
    counts = {}
    for name, threshold in (("the model's threshold", model.threshold), ("50 %", None)):
        rule = Hysteresis.of_threshold(threshold, WINDOW / 4)
        finder = ActionFinder(model.classes, rule, WINDOW)
        found = find_actions(joined.by_stretches, finder)
        counts[f"stretches | {WINDOW:g} | {name}"] = _count(joined, found)
        counts[f"each alone | | {name}"] = _count(joined, answer_alone(model, table, joined, rule.enter))
        for length, answers in joined.plain.items():
            windows = [(each.start, each.end, each.answer.probabilities) for each in answers]
            found = find_segments(windows, model.classes, Hysteresis.of_threshold(threshold, STRIDE))
            counts[f"plain windows | {length:g} | {name}"] = _count(joined, found)
    order = ("stretches", "each alone", "plain windows")
    return {key: counts[key] for way in order for key in counts if key.startswith(way)}


def answer_alone(model: Classifier, table: Predictions, joined: Joined, threshold: float) -> list[Segment]:
    """What the model answers for each gesture's own video, at the place where the gesture is."""
    answers = [model.answer("", table.logits[row], "ok", "") for row in joined.rows]
    pairs = zip(joined.truth, answers, strict=True)
    return [Segment(t.start, t.end, each.label, 1.0) for t, each in pairs if each.probability >= threshold]


def _count(joined: Joined, found: Sequence[Segment]) -> Count:
    return Count(len(joined.truth), len(found), count_right(joined.truth, found))


def describe_counts(counts: Sequence[dict[str, Count]]) -> str:
    """The rows of a table, of all models together."""
    return "\n".join(describe_segments(name, [count[name] for count in counts]) for name in counts[0])


def join(videos: Sequence[tuple[Path, str]], path: Path) -> list[Segment]:
    """Write the videos one after another, with pauses, and return where each is."""
    pieces, truth = [], []
    count = 0
    for video, label in videos:
        frames = read_frames(video)
        truth.append(Segment(count / FPS, (count + len(frames)) / FPS, label, 1.0))
        pieces += [frames, np.repeat(frames[-1:], int(PAUSE * FPS), axis=0)]
        count += len(pieces[-2]) + len(pieces[-1])
    encode_h264(np.concatenate(pieces), path, FPS)
    return truth


def read_frames(video: Path) -> np.ndarray:
    """(T, H, W, 3) uint8: FPS frames per second, the last one that is shown at each moment."""
    if not video.exists():
        raise UserError(f"{video}: is not here")
    with av.open(str(video)) as container:
        shown = [(frame.time, frame.to_ndarray(width=SIZE[1], height=SIZE[0], format="rgb24"))
                 for frame in container.decode(video=0)]  # fmt: skip
    times = np.array([time for time, _ in shown]) - shown[0][0]
    moments = np.arange(int(times[-1] * FPS) + 1) / FPS
    places = np.searchsorted(times, moments + 1e-6, side="right") - 1
    return np.stack([shown[place][1] for place in places])


def describe_windows(length: float, found: Sequence[Joined]) -> list[str]:
    """Rows of the table: how often windows of a length are right, by what they hold."""
    right: dict[tuple[str, str], list[bool]] = {}
    for joined in found:
        truth = joined.truth
        for window in joined.plain[length]:
            shares = [_common(window, true) / (true.end - true.start) for true in truth]
            place = int(np.argmax(shares))
            cut = any(window.start < true.start < window.end for true in truth)
            part = "all" if shares[place] > 0.95 else "half or more" if shares[place] >= 0.5 else "less"
            key = ("with a cut" if cut else "none", part)
            right.setdefault(key, []).append(window.answer.label == truth[place].label)
    return [
        f"| {length:g} | {' | '.join(key)} | {len(each)} | {100 * np.mean(each):.0f} % |"
        for key, each in sorted(right.items())
    ]


def _common(a: Segment | WindowAnswer, b: Segment) -> float:
    """Seconds that two times have in common."""
    return max(0.0, min(a.end, b.end) - max(a.start, b.start))


def count_right(truth: Sequence[Segment], found: Sequence[Segment]) -> int:
    """The number of true segments of which one found segment is right."""
    left = list(found)
    right = 0
    for true in truth:
        match = next((each for each in left if each.label == true.label and overlap(each, true) >= IOU), None)
        if match is not None:
            left.remove(match)
            right += 1
    return right


def overlap(a: Segment, b: Segment) -> float:
    """Intersection over union of two times."""
    common = _common(a, b)
    return common / (max(a.end, b.end) - min(a.start, b.start)) if common else 0.0


def describe_segments(name: str, counts: Sequence[Count]) -> str:
    """A row of the table: of all models together."""
    true, found, right = (sum(getattr(count, key) for count in counts) for key in ("true", "found", "right"))
    precision, recall = right / max(1, found), right / true
    f1 = 2 * right / (true + found)
    return f"| {name} | {true} | {found} | {right} | {precision:.2f} | {recall:.2f} | {f1:.2f} |"


if __name__ == "__main__":
    main()
