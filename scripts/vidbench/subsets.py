"""The videos of one split, with their classes, as train_model.py and predict_videos.py need them."""

from dataclasses import dataclass
from pathlib import Path

from vidbench.clips import ClipDataset, of_section
from vidbench.datasets.video import lost_classes, read_videos
from vidbench.errors import UserError
from vidbench.features.clips import FeatureDataset
from vidbench.features.store import FeatureStore
from vidbench.files import read_csv
from vidbench.frames import FrameStore

SUBSETS = ("train", "val", "test")


@dataclass(frozen=True)
class SplitData:
    """A split's readable videos over a frame store."""

    store: FrameStore
    classes: list[str]  # sorted labels; a class's number is its place
    labels: dict[str, str]
    members: dict[str, list[str]]  # by subset, only videos with frames
    clips_an_epoch: int  # of training: its videos, or those of the whole that it is a fraction of

    @classmethod
    def read(cls, videos: Path, split: Path, shards: list[Path], whole: Path | None = None) -> "SplitData":
        """From videos.csv, splits/{split}.csv and the shards.

        `whole`: the split of which this one holds a fraction; an epoch then has as many clips as one of the whole.
        """
        store = FrameStore(sorted(shards))
        labels = {video.video: video.label for video in read_videos(videos)}
        _refuse_lost_classes(labels, store)
        members = _members(split, labels, store)
        clips = len((_members(whole, labels, store) if whole else members)["train"])
        return cls(store, sorted(set(labels.values())), labels, members, clips)

    def clips(
        self, subset: str, clip: dict, seed: int | None = None, features: FeatureStore | None = None
    ) -> ClipDataset:
        """Training clips (with a seed) or test views of one subset, of frames or of their cached `features`."""
        number = {label: place for place, label in enumerate(self.classes)}
        videos = self.members[subset]
        classes = [number[self.labels[video]] for video in videos]
        clips = self.clips_an_epoch if subset == "train" else None
        chosen = of_section(clip) | {"seed": seed, "clips_an_epoch": clips}
        if features:
            return FeatureDataset(features, videos, classes, stored=self.store, **chosen)
        return ClipDataset(self.store, videos, classes, **chosen)


def _refuse_lost_classes(labels: dict[str, str], store: FrameStore) -> None:
    """Raise UserError where no video of a class could be decoded: a model of fewer classes is another one."""
    readable = {video for video, stored in store.videos.items() if stored.readable}
    if lost := lost_classes(labels, readable):
        more = f" (and of {len(lost) - 1} more classes)" if len(lost) > 1 else ""
        raise UserError(
            f"no video of class '{lost[0]}'{more} can be decoded, so nothing is trained: inspection.csv says why;"
            " repair the videos, or take the class out of the data set"
        )


def _members(split: Path, labels: dict[str, str], store: FrameStore) -> dict[str, list[str]]:
    """A split's readable videos, by subset."""
    members: dict[str, list[str]] = {subset: [] for subset in SUBSETS}
    for row in read_csv(split):
        if row["subset"] not in members:
            raise UserError(f"{split}: '{row['subset']}' is none of train, val and test")
        if row["video"] not in labels or row["video"] not in store.videos:
            raise UserError(f"{split}: video '{row['video']}' is not in the data set's index or frame store")
        if store.videos[row["video"]].readable:
            members[row["subset"]].append(row["video"])
    for subset in SUBSETS:
        if not members[subset]:
            raise UserError(f"{split}: has no readable video in '{subset}'")
    return members
