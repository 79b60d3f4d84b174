"""Addresses of the published data sets, as of 2026-11-29.

Only the download step imports this: correcting an address makes nothing run again.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class PublishedFile:
    """An archive, or a list as it is. A mirror has it under the same name below its own address."""

    name: str
    folders: tuple[str, ...] = ()  # base addresses; none: only users and mirrors have it
    size: int | None = None  # bytes
    sha256: str | None = None


@dataclass(frozen=True)
class HubFolder:
    """Files of a data set, or of a model, on the Hugging Face Hub, which gives the hash of each."""

    dataset: str  # owner/name
    pattern: str  # of the files' paths in the data set
    kind: str = "dataset"  # or model

    @property
    def name(self) -> str:
        """Return the data set's name without its owner."""
        return self.dataset.rpartition("/")[2]


Forms = tuple[PublishedFile | HubFolder, ...]  # alternatives: the first that is available is enough


@dataclass(frozen=True)
class Publication:
    """A published data set: each entry of `lists` and of `videos` is needed, in any one of its forms."""

    page: str  # where a person finds the files
    lists: tuple[Forms, ...]
    videos: tuple[Forms, ...]
    archive_lists: tuple[PublishedFile, ...] = ()  # text files with the addresses of more archives, one per line
    gigabytes: float = 0  # all videos as published, for when no server tells
    nested: bool = False  # archives inside archives


CRCV = "https://www.crcv.ucf.edu/"
HMDB51 = "CVML-TueAI/HMDB51"
KINETICS = ("https://s3.amazonaws.com/kinetics/400/",)

PUBLICATIONS = {
    "ucf101": Publication(
        page="https://www.crcv.ucf.edu/data/UCF101.php",
        lists=(
            (
                PublishedFile(
                    "UCF101TrainTestSplits-RecognitionTask.zip",
                    (CRCV + "data/UCF101/", CRCV + "wp-content/uploads/2019/03/"),
                    size=113_943,
                    sha256="5c0d1a53b8ed364a2ac830a73f405e51bece7d98ce1254fd19ed4a36b224bd27",
                ),
            ),
        ),
        videos=(
            (
                PublishedFile(
                    "UCF101_videos.zip",
                    ("https://storage.googleapis.com/thumos14_files/",),
                    size=6_960_400_115,
                    sha256="dabf56f573cd19c79e096563529fec8126a2a34e18e10c72eb621dd687532b0d",
                ),
                PublishedFile("UCF101.rar", (CRCV + "data/UCF101/", CRCV + "datasets/human-actions/ucf101/")),
            ),
        ),
        gigabytes=7,
    ),
    # The publisher's own server has been off since 2025.
    "hmdb51": Publication(
        page=f"https://serre.lab.brown.edu/hmdb51.html or https://huggingface.co/datasets/{HMDB51}",
        lists=((HubFolder(HMDB51, "metadata_split[123].jsonl"), PublishedFile("test_train_splits.rar")),),
        videos=((HubFolder(HMDB51, "Videos/*/*.avi"), PublishedFile("hmdb51_org.rar")),),
        gigabytes=2,
        nested=True,
    ),
    "kinetics400": Publication(
        page="https://github.com/cvdfoundation/kinetics-dataset",
        lists=((PublishedFile("annotations/train.csv", KINETICS),), (PublishedFile("annotations/val.csv", KINETICS),)),
        videos=((PublishedFile("replacement_for_corrupted_k400.tgz", KINETICS),),),
        archive_lists=(
            PublishedFile("train/k400_train_path.txt", KINETICS),
            PublishedFile("val/k400_val_path.txt", KINETICS),
        ),
        gigabytes=400,
    ),
}
