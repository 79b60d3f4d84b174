"""Where the published data sets are to be had.

Only the download step imports this: correcting an address makes nothing run again.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Publication:
    """Files below a base address. A mirror holds them under the same names below its own."""

    base: str
    lists: tuple[str, ...]  # official lists, as archives or as they are
    archives: tuple[str, ...]  # of videos
    archive_lists: tuple[str, ...] = ()  # text files with the addresses of further archives, one a line
    gigabytes: float = 0  # of all archives together, for when no server tells
    nested: bool = False  # archives inside archives


PUBLICATIONS = {
    "ucf101": Publication(
        base="https://www.crcv.ucf.edu/data/UCF101/",
        lists=("UCF101TrainTestSplits-RecognitionTask.zip",),
        archives=("UCF101.rar",),
        gigabytes=6.5,
    ),
    "hmdb51": Publication(
        base="http://serre-lab.clps.brown.edu/wp-content/uploads/2013/10/",
        lists=("test_train_splits.rar",),
        archives=("hmdb51_org.rar",),
        gigabytes=2,
        nested=True,
    ),
    "kinetics400": Publication(
        base="https://s3.amazonaws.com/kinetics/400/",
        lists=("annotations/train.csv", "annotations/val.csv"),
        archives=("replacement_for_corrupted_k400.tgz",),
        archive_lists=("train/k400_train_path.txt", "val/k400_val_path.txt"),
        gigabytes=400,
    ),
}
