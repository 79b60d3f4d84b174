"""What a property of the files tells of the test videos: planted properties, and files that were not decoded."""

from pathlib import Path

import numpy as np
import pytest

from vidbench.evaluation.file_clues import Inspected, decoded, predict_by_file
from vidbench.evaluation.metrics import NO_PREDICTION
from vidbench.evaluation.test_results import TestResults
from vidbench.files import write_csv
from vidbench.video import Video

PLAIN = {"codec": "h264", "source_height": "64", "source_width": "64", "source_fps": "25", "duration": "3",
         "rotation": "0", "status": "ok"}  # fmt: skip
VIDEOS = [Video(f"v{number}", f"v{number}.mp4", "ab"[number % 2], f"g{number // 4}") for number in range(120)]


@pytest.fixture
def splits(tmp_path: Path) -> list[Path]:
    """Every third group is tested, one more validates."""
    subsets = ("test", "val", "train", "train", "train", "test")
    rows = [{"video": video.id, "subset": subsets[int(video.group[1:]) % 6]} for video in VIDEOS]
    write_csv(tmp_path / "split1.csv", rows, ("video", "subset"))
    return [tmp_path / "split1.csv"]


def results_of(splits: list[Path]) -> TestResults:
    tested = [video for video in VIDEOS if int(video.group[1:]) % 6 in (0, 5)]
    return TestResults(tests={splits[0].stem: tested}, classes=["a", "b"], runs={})


def inspected(**columns: list[str]) -> Inspected:
    rows = [
        PLAIN | {"video": video.id} | {name: values[number] for name, values in columns.items()}
        for number, video in enumerate(VIDEOS)
    ]
    return decoded(rows)


def told(found: tuple[str, np.ndarray] | None, results: TestResults) -> tuple[str, float]:
    assert found is not None
    return found[0], float((found[1] == results.truth).mean())


@pytest.mark.parametrize(
    ("name", "column", "values"),
    [("frame rate", "source_fps", ("25", "30")), ("codec", "codec", ("h264", "vp9")),
     ("size", "source_width", ("64", "80")),
     ("duration", "duration", ("3", "4.5")), ("rotation", "rotation", ("0", "90"))],
)  # fmt: skip
def test_a_property_that_gives_the_class_away(splits: list[Path], name: str, column: str, values: tuple) -> None:
    results = results_of(splits)
    noise = np.random.default_rng(0).normal(3, 1, len(VIDEOS)).round(3).astype(str).tolist()
    known = inspected(**{"duration": noise, column: [values[number % 2] for number in range(len(VIDEOS))]})
    assert told(predict_by_file(results, known, VIDEOS, splits), results) == (name, 1)


def test_a_property_of_chance_tells_nothing(splits: list[Path]) -> None:
    results = results_of(splits)
    rates = np.random.default_rng(0).choice(["25", "30"], len(VIDEOS)).tolist()
    name, accuracy = told(predict_by_file(results, inspected(source_fps=rates), VIDEOS, splits), results)
    assert name == "frame rate"
    assert 0.3 < accuracy < 0.7


def test_files_that_are_all_alike_have_no_property(splits: list[Path]) -> None:
    assert predict_by_file(results_of(splits), inspected(), VIDEOS, splits) is None


def test_the_tests_choose_nothing(splits: list[Path]) -> None:
    """A property that gives the class away in the test alone is not chosen, and cannot be learned."""
    results = results_of(splits)
    tested = set(results.test_videos)
    rates = ["25" if video.id not in tested or video.label == "a" else "30" for video in VIDEOS]
    assert predict_by_file(results, inspected(source_fps=rates), VIDEOS, splits) is None


def test_a_video_that_was_not_decoded_is_not_predicted(splits: list[Path]) -> None:
    results = results_of(splits)
    known = dict(inspected(source_fps=["25" if video.label == "a" else "30" for video in VIDEOS]))
    lost = results.test_videos[3]
    del known[lost], known[VIDEOS[8].id]  # the second is trained on
    found = predict_by_file(results, known, VIDEOS, splits)
    assert found is not None
    assert found[1][3] == NO_PREDICTION
    assert (np.delete(found[1], 3) == np.delete(results.truth, 3)).all()
    assert decoded([{"video": "x", "status": "failed"}, {"video": "y", "status": "partial"}]).keys() == {"y"}
