"""What the files give away: planted shortcuts are found, equal files say nothing."""

from pathlib import Path

import numpy as np
import pytest

from vidbench.baselines import choice, file_properties
from vidbench.baselines.choice import Examples
from vidbench.baselines.options import BaselineOptions

OPTIONS = BaselineOptions(kind="file_properties", strengths=(0.001, 0.1))
PLAIN = {"source_height": 240, "source_width": 320, "source_fps": 25.0, "duration": 3.0, "rotation": 0, "codec": "h264"}


def read(rows: list[dict], folder: Path, sizes: list[int] | None = None) -> np.ndarray:
    """The properties (N, P) of videos with these columns of the store, and files of these sizes."""
    names = [f"v{number}" for number in range(len(rows))]
    for name, size in zip(names, sizes or [100] * len(rows), strict=True):
        (folder / name).write_bytes(b"x" * size)
    stored = dict(zip(names, rows, strict=True))
    properties = file_properties.read_properties(stored, {name: folder / name for name in names})  # type: ignore
    return np.stack([properties[name] for name in names])


def accuracy(values: np.ndarray, targets: np.ndarray) -> float:
    """Accuracy on the last third, chosen on the second."""
    parts = [Examples(values[start::3], targets[start::3]) for start in range(3)]
    fitted = choice.fit(OPTIONS, parts[0], parts[1], parts[2].x, int(targets.max()) + 1)
    return float((fitted.test.argmax(axis=1) == parts[2].targets).mean())


TARGETS = np.tile([0, 1, 2], 40).reshape(3, 40).T.ravel()[:120]
PLANTED = {
    "codec": lambda label, noise: {"codec": ("h264", "mpeg4", "av1")[label]},
    "size": lambda label, noise: {"source_height": (240, 360, 480)[label]},
    "rate": lambda label, noise: {"source_fps": (24.0, 30.0, 25.0)[label]},
    "rotation": lambda label, noise: {"rotation": (0, 90, 270)[label]},
    # The class in the middle of the range, too, for which one slope per class would not do.
    "duration": lambda label, noise: {"duration": (2.0, 5.0, 9.0)[label] + noise},
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_shortcut_gives_the_class(name: str, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    targets = random.permutation(TARGETS)
    rows = [PLAIN | PLANTED[name](label, random.uniform(0, 1.9)) for label in targets]
    assert accuracy(read(rows, tmp_path), targets) > 0.8


def test_bytes_give_the_class(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    targets = random.permutation(TARGETS)
    sizes = [int((300, 100, 500)[label] + random.integers(0, 90)) for label in targets]
    assert accuracy(read([PLAIN] * len(targets), tmp_path, sizes), targets) > 0.8


def test_a_middle_range_is_told_from_both_ends(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    durations = random.uniform(1, 10, 120)
    targets = ((durations > 4) & (durations < 7)).astype(int)
    rows = [PLAIN | {"duration": duration} for duration in durations]
    assert accuracy(read(rows, tmp_path), targets) > 0.85


def test_equal_files_give_the_largest_class(tmp_path: Path) -> None:
    targets = np.random.default_rng(0).permutation([0] * 60 + [1] * 30 + [2] * 30)
    values = read([PLAIN] * 120, tmp_path)
    parts = [Examples(values[start::3], targets[start::3]) for start in range(3)]
    fitted = choice.fit(OPTIONS, parts[0], parts[1], parts[2].x, 3)
    assert set(fitted.test.argmax(axis=1)) == {0}


def test_bytes_are_left_out_where_a_file_is_gone(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    all_of_them = read([PLAIN] * 3, tmp_path)
    (tmp_path / "v1").unlink()
    names = ["v0", "v1", "v2"]
    stored = dict.fromkeys(names, PLAIN)
    values = file_properties.read_properties(stored, {name: tmp_path / name for name in names})  # type: ignore
    assert len(values["v0"]) == all_of_them.shape[1] - 2
    assert "1 of 3 files are not there" in capsys.readouterr().err


def test_a_folder_of_images_has_the_bytes_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for name in ("1.jpg", "2.jpg"):
        (tmp_path / "a" / name).write_bytes(b"123")
    assert file_properties.count_bytes(tmp_path / "a") == 6
    assert file_properties.count_bytes(tmp_path / "b") is None


def test_properties_that_are_not_known_are_numbers_too(tmp_path: Path) -> None:
    rows = [PLAIN, PLAIN | {"duration": float("nan"), "source_fps": 0.0}]
    assert np.isfinite(read(rows, tmp_path)).all()


def test_bins_hold_equally_many_and_new_values_fall_into_one() -> None:
    edges = file_properties.bin_edges(np.arange(800.0))
    encoded = file_properties.encode(np.arange(800.0)[:, None], [edges])
    assert encoded.sum(axis=0).tolist() == [100] * file_properties.BINS
    assert file_properties.encode(np.array([[-5.0], [9999]]), [edges]).sum(axis=1).tolist() == [1, 1]
    assert file_properties.bin_edges(np.array([24.0, 30, 24])).tolist() == [27]
