"""Videos of a random data set, as lists of Video: for what divides them."""

import numpy as np

from vidbench.video import Video

OPTIONS = {"kind": "folds", "folds": 4, "validation": 0.15, "seed": 0}


def videos(labels: list[str], groups: list[str], subsets: list[str] | None = None) -> list[Video]:
    subsets = subsets or [""] * len(labels)
    rows = zip(labels, groups, subsets, strict=True)
    return [Video(f"v{n}", f"v{n}.mp4", label, group, subset) for n, (label, group, subset) in enumerate(rows)]


def random_data(seed: int, groups: int = 24, classes: int = 4) -> list[Video]:
    random = np.random.default_rng(seed)
    sizes = random.integers(1, 10, groups)
    labels = [f"c{random.integers(classes)}" for size in sizes for _ in range(size)]
    return videos(labels, [f"g{group}" for group, size in enumerate(sizes) for _ in range(size)])
