"""What the files are like, as numbers to classify by, without a look at a picture.

They are classified by the same regression as features, each property cut into bins with a coefficient per bin and
class: so a length in the middle of its range can give a class away, too. Boosted trees could also join properties, but
have more to choose than the validation videos of a small data set can tell, and seconds to import.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from vidbench.frames.store import StoredVideo

NUMBERS = ("source_height", "source_width", "source_fps", "duration", "rotation")
BINS = 8  # of a property with more different values
UNKNOWN = -1.0


def read_properties(stored: Mapping[str, StoredVideo], paths: Mapping[str, Path]) -> dict[str, np.ndarray]:
    """Return the properties (P,) of each video of `paths`, which has the file of each.

    Bytes, and bytes per second, are only used where all files are there.
    """
    columns = [[_number(stored[video][name]) for video in paths] for name in NUMBERS]
    columns.append(_ranks([stored[video]["codec"] for video in paths]))
    sizes = [count_bytes(path) for path in paths.values()]
    if lost := sum(size is None for size in sizes):
        print(f"{lost} of {len(sizes)} files are not there any more: bytes are not used", file=sys.stderr)
    else:
        counts = [float(size or 0) for size in sizes]
        durations = columns[NUMBERS.index("duration")]
        rates = [count / time if time > 0 else UNKNOWN for count, time in zip(counts, durations, strict=True)]
        columns += [counts, rates]
    return dict(zip(paths, np.array(columns, float).T, strict=True))


def count_bytes(path: Path) -> int | None:
    """Return the bytes of a file, or of a folder's files; None where it is not there."""
    try:
        if path.is_dir():
            return sum(file.stat().st_size for file in path.iterdir() if file.is_file())
        return path.stat().st_size
    except OSError:
        return None


def _number(value: object) -> float:
    number = float(str(value))
    return number if np.isfinite(number) else UNKNOWN


def _ranks(texts: Sequence[str]) -> list[float]:
    return np.unique(texts, return_inverse=True)[1].astype(float).tolist()


def bin_edges(values: np.ndarray) -> np.ndarray:
    """Return the borders between the bins of values (N,): a bin per value, or BINS with about equally many."""
    different = np.unique(values)
    if len(different) <= BINS:
        return (different[1:] + different[:-1]) / 2
    return np.unique(np.quantile(values, np.arange(1, BINS) / BINS))


def encode(values: np.ndarray, edges: Sequence[np.ndarray]) -> np.ndarray:
    """Return 1 in the bin of each property, (n, bins of all), for values (n, P) and each property's edges."""
    columns = [
        np.searchsorted(borders, column, side="right")[:, None] == np.arange(len(borders) + 1)
        for column, borders in zip(values.T, edges, strict=True)
    ]
    return np.hstack(columns).astype(float)
