"""The videos of one split with their classes, for train_model.py and predict_videos.py."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vidbench.errors import UserError
from vidbench.files import read_csv
from vidbench.frames.store import FrameStore
from vidbench.video import SEPARATOR, lost_classes, read_videos

if TYPE_CHECKING:  # they need torch, which a baseline's fit does not
    from vidbench.clips.dataset import ClipSource, TestClips, TrainingClips

SUBSETS = ("train", "val", "test")


@dataclass(frozen=True)
class SplitData:
    """A split's readable videos over a frame store."""

    store: FrameStore
    class_names: list[str]  # sorted labels; a class's number is its place here
    labels: dict[str, str]  # by video; of several with SEPARATOR between them
    video_ids: dict[str, list[str]]  # by subset, only videos with frames
    clips_per_epoch: int  # of training: its videos, or those of the full split that it is a fraction of
    multi: bool = False  # whether a video may have several labels

    @classmethod
    def read(cls, videos: Path, split: Path, shards: list[Path], whole: Path | None = None) -> "SplitData":
        """Read a split from videos.csv, splits/{split}.csv and the shards.

        `whole`: the full split of which this one holds a fraction; an epoch then has the full split's number of clips.
        """
        store = FrameStore(sorted(shards))
        listed = read_videos(videos)
        labels = {video.id: video.label for video in listed}
        labels_of = {video.id: video.labels for video in listed}
        _refuse_lost_classes(labels_of, store)
        video_ids = _read_split(split, labels, store)
        clips = len((_read_split(whole, labels, store) if whole else video_ids)["train"])
        class_names = sorted({label for names in labels_of.values() for label in names})
        return cls(store, class_names, labels, video_ids, clips, any(video.multi for video in listed))

    def training_clips(self, clips: "ClipSource", seed: int) -> "TrainingClips":
        """Return random clips of the training videos."""
        from vidbench.clips.dataset import TrainingClips

        targets = self.targets("train")
        return TrainingClips(clips, self.video_ids["train"], targets, seed=seed, clips_per_epoch=self.clips_per_epoch)

    def test_clips(self, clips: "ClipSource", subset: str) -> "TestClips":
        """Return test views of a subset's videos."""
        from vidbench.clips.dataset import TestClips

        return TestClips(clips, self.video_ids[subset], self.targets(subset))

    def targets(self, subset: str) -> list[Any]:
        """Return the class number of each of a subset's videos; of several labels, K floats: 1 for each that it has."""
        if self.multi:
            of_videos = (self.labels[video].split(SEPARATOR) for video in self.video_ids[subset])
            return [[float(name in labels) for name in self.class_names] for labels in of_videos]
        number = {label: index for index, label in enumerate(self.class_names)}
        return [number[self.labels[video]] for video in self.video_ids[subset]]


def _refuse_lost_classes(labels: dict[str, tuple[str, ...]], store: FrameStore) -> None:
    """Raise UserError where no video of a class could be decoded: a model of fewer classes is another model."""
    readable = {video for video, stored in store.videos.items() if stored.readable}
    if lost := lost_classes(labels, readable):
        more = f" (and of {len(lost) - 1} more classes)" if len(lost) > 1 else ""
        raise UserError(
            f"no video of class '{lost[0]}'{more} can be decoded, so nothing is trained: inspection.csv says why;"
            " repair the videos, or take the class out of the data set"
        )


def _read_split(split: Path, labels: dict[str, str], store: FrameStore) -> dict[str, list[str]]:
    """Return a split's readable videos, by subset."""
    video_ids: dict[str, list[str]] = {subset: [] for subset in SUBSETS}
    for row in read_csv(split):
        if row["subset"] not in video_ids:
            raise UserError(f"{split}: '{row['subset']}' is none of train, val and test")
        if row["video"] not in labels or row["video"] not in store.videos:
            raise UserError(f"{split}: video '{row['video']}' is not in the data set's index or frame store")
        if store.videos[row["video"]].readable:
            video_ids[row["subset"]].append(row["video"])
    for subset in SUBSETS:
        if not video_ids[subset]:
            raise UserError(f"{split}: has no readable video in '{subset}'")
    return video_ids
