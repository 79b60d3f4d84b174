"""Where the published data sets are to be had. Addresses as published on 2026-11-29.

Only the download step imports this: correcting an address makes nothing run again.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """A published file: an archive, or a list as it is. A mirror holds it under the same name below its own address."""

    name: str
    folders: tuple[str, ...] = ()  # addresses that it is published below; none: only users and mirrors have it
    size: int | None = None  # bytes
    sha256: str | None = None


@dataclass(frozen=True)
class HubFolder:
    """Files of a data set on the Hugging Face Hub, which gives the hash of each."""

    dataset: str  # owner/name
    pattern: str  # of the files' paths in it

    @property
    def name(self) -> str:
        """The name without its owner's."""
        return self.dataset.rpartition("/")[2]


Forms = tuple[Source | HubFolder, ...]  # of one thing: the first that can be had is enough


@dataclass(frozen=True)
class Publication:
    """A data set: each of `lists` and of `videos` is wanted, in any of its forms."""

    page: str  # where a person finds the files
    lists: tuple[Forms, ...]
    videos: tuple[Forms, ...]
    archive_lists: tuple[Source, ...] = ()  # text files with the addresses of further archives, one a line
    gigabytes: float = 0  # of all videos as published, for when no server tells
    nested: bool = False  # archives inside archives


CRCV = "https://www.crcv.ucf.edu/"
HMDB51 = "CVML-TueAI/HMDB51"
KINETICS = ("https://s3.amazonaws.com/kinetics/400/",)

PUBLICATIONS = {
    "ucf101": Publication(
        page="https://www.crcv.ucf.edu/data/UCF101.php",
        lists=(
            (
                Source(
                    "UCF101TrainTestSplits-RecognitionTask.zip",
                    (CRCV + "data/UCF101/", CRCV + "wp-content/uploads/2019/03/"),
                    size=113_943,
                    sha256="5c0d1a53b8ed364a2ac830a73f405e51bece7d98ce1254fd19ed4a36b224bd27",
                ),
            ),
        ),
        videos=(
            (
                Source(
                    "UCF101_videos.zip",
                    ("https://storage.googleapis.com/thumos14_files/",),
                    size=6_960_400_115,
                    sha256="dabf56f573cd19c79e096563529fec8126a2a34e18e10c72eb621dd687532b0d",
                ),
                Source("UCF101.rar", (CRCV + "data/UCF101/", CRCV + "datasets/human-actions/ucf101/")),
            ),
        ),
        gigabytes=7,
    ),
    # The publisher's own server has been off since 2025.
    "hmdb51": Publication(
        page=f"https://serre.lab.brown.edu/hmdb51.html or https://huggingface.co/datasets/{HMDB51}",
        lists=((HubFolder(HMDB51, "metadata_split[123].jsonl"), Source("test_train_splits.rar")),),
        videos=((HubFolder(HMDB51, "Videos/*/*.avi"), Source("hmdb51_org.rar")),),
        gigabytes=2,
        nested=True,
    ),
    "kinetics400": Publication(
        page="https://github.com/cvdfoundation/kinetics-dataset",
        lists=((Source("annotations/train.csv", KINETICS),), (Source("annotations/val.csv", KINETICS),)),
        videos=((Source("replacement_for_corrupted_k400.tgz", KINETICS),),),
        archive_lists=(Source("train/k400_train_path.txt", KINETICS), Source("val/k400_val_path.txt", KINETICS)),
        gigabytes=400,
    ),
}
