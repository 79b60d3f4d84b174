"""Which test videos lie in one group: the structures that data sets are drawn on."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from vidbench import datasets
from vidbench.evaluation.groups import Groups
from vidbench.files import read_csv

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
FIRST_FILE = {"ucf101": "v_Archery_g01_c01.avi", "hmdb51": "April_09_brush_hair_u_nm_np1_ba_goo_0.avi"}


@dataclass(frozen=True)
class Structure:
    """Group and class number of each of N videos, group by group."""

    name: str
    group: np.ndarray  # (N,)
    label: np.ndarray  # (N,)
    groups: Groups  # as compare_models.py makes them

    @classmethod
    def of(cls, name: str, groups: list, classes: list) -> "Structure":
        _, group = np.unique(groups, return_inverse=True)
        _, label = np.unique(classes, return_inverse=True)
        order = Groups.of(group, label).order
        _, group = np.unique(group[order], return_inverse=True)
        found = Groups.of(group, label[order])
        return cls(name, group[found.order], label[order][found.order], Groups.of(group[found.order], label[order]))


def published(kind: str, split: int | None) -> Structure:
    """UCF101's or HMDB51's official test videos, of one split or of all three."""
    with TemporaryDirectory() as root:
        (Path(root) / FIRST_FILE[kind]).touch()  # the reader wants one of the videos
        videos = datasets.load(kind).videos({"lists": str(SHARED / "lists" / kind), "root": root}, "unused")
    splits = (1, 2, 3) if split is None else (split,)
    tested = [video for video in videos if any(video.official(number) == "test" for number in splits)]
    name = f"{kind.upper()}, {'three splits pooled' if split is None else f'split {split}'}"
    return Structure.of(name, [video.group for video in tested], [video.label for video in tested])


def gestures() -> Structure:
    """217 videos in 27 scenes of 1 to 26."""
    rows = read_csv(SHARED / "gestures" / "videos.csv")
    return Structure.of("gestures", [row["group"] for row in rows], [row["label"] for row in rows])


def few() -> Structure:
    """60 videos in 12 groups of 2 to 9, of 4 classes."""
    sizes = [2, 3, 3, 4, 4, 5, 5, 6, 6, 6, 7, 9]
    return Structure.of("60 videos in 12 groups", np.repeat(np.arange(12), sizes).tolist(), [0, 1, 2, 3] * 15)


def nested() -> Structure:
    """118 videos of 10 classes with two groups each: the fewest that classes as strata allow."""
    sizes = np.random.default_rng(0).integers(2, 10, 20)
    group = np.repeat(np.arange(20), sizes)
    return Structure.of("10 classes of two groups", group.tolist(), (group // 2).tolist())


def absent() -> str | None:
    """Why the structures cannot be had; None where they can."""
    for path in (SHARED / "lists", SHARED / "gestures" / "videos.csv"):
        if not path.exists():
            return f"the group structures are not here: {path}"
    return None
