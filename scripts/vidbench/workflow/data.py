"""Functions of rules/data.smk: from nothing to frames, splits and the diagnosis."""

import os
from collections.abc import Callable
from dataclasses import astuple, dataclass
from functools import cache, cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from snakemake.io import contains_wildcard

from vidbench.config import checks
from vidbench.datasets import file_contents, fractions
from vidbench.files import digest, file_sha256
from vidbench.video import Video
from vidbench.workflow.files import Files, user_files
from vidbench.workflow.resources import Jobs
from vidbench.workflow.run import DataSet, Run

CLUSTER_EXTRACTION_THREADS = 8
# What of an entry says which videos there are.
LIST_KEYS = ("kind", "manifest", "root", "lists", "group")
LIST_KEYS_OF_KIND = {"motion": ("motion",), "folder": ("layout",)}


@dataclass(frozen=True)
class DataRules:
    """Input, params, threads and resource functions; an instance for each time that the Snakefile is read."""

    run: Run
    files: Files
    jobs: Jobs

    def entry(self, wildcards: Any) -> dict:
        """Complete config entry of a data set."""
        return self.run.data(wildcards.dataset).entry

    # download_data

    def list_options_of_source(self, wildcards: Any) -> dict:
        """As list_options, by the name of the download."""
        return self.list_options(self._dataset_of_source(wildcards))

    def download_options(self, wildcards: Any) -> dict:
        """The complete entry of a download: mirrors and the like change nothing that is there already."""
        entry = self.entry(self._dataset_of_source(wildcards))
        return {key: entry.get(key) for key in (*checks.SOURCE_KEYS, "motion")}

    def _dataset_of_source(self, wildcards: Any) -> SimpleNamespace:
        return SimpleNamespace(dataset=self.run.sources[wildcards.source])

    def ffmpeg_argument(self, wildcards: Any) -> list[str]:
        """The ffmpeg that the config names."""
        return ["--ffmpeg", self.run.general["ffmpeg"]] if self.run.general["ffmpeg"] else []

    # index_videos

    def source_json(self, wildcards: Any) -> str:
        """What says that a data set's download is there."""
        return f"resources/{self.run.data(wildcards.dataset).source}/source.json"

    def list_options(self, wildcards: Any) -> dict:
        """The part of a data set's entry that says which videos there are, and nothing else."""
        entry = self.entry(wildcards)
        keys = (*LIST_KEYS, *LIST_KEYS_OF_KIND.get(entry["kind"], ()))
        return {key: entry[key] for key in keys if entry.get(key) is not None}

    def manifest(self, wildcards: Any) -> list[str]:
        """The user's list of videos, where the data set has one."""
        entry = self.entry(wildcards)
        if entry["lists"]:
            return user_files(list_files(entry))
        return user_files([entry["manifest"]] if entry.get("manifest") else [])

    def videos_digest(self, wildcards: Any) -> str:
        """As _compute_videos_digest; asked for several times, and slow for very many videos."""
        return self._videos_digest(self.run.data(wildcards.dataset))

    @cached_property
    def _videos_digest(self) -> Callable[[DataSet], str]:
        return cache(self._compute_videos_digest)

    def _compute_videos_digest(self, data: DataSet) -> str:
        """Digest of all that videos.csv says; of lists that can be no inputs where more is not known.

        So a manifest with an older time stamp is noticed, too.
        """
        if data.known:
            return digest([astuple(video) for video in data.videos])
        unnamed = [path for path in list_files(data.entry) if contains_wildcard(path)]
        return digest([file_sha256(path) for path in unnamed]) if unnamed else ""

    # extract_frames

    def extraction_threads(self, wildcards: Any) -> int:
        """Cores of a shard's job: all of them busy, whether there are many shards or one."""
        if self.jobs.invocation.sent_off:
            return CLUSTER_EXTRACTION_THREADS
        return max(1, -(-self.jobs.invocation.cores // self.run.data(wildcards.dataset).shards))

    def frame_options(self, wildcards: Any) -> dict:
        """How a data set's frames are stored."""
        return self.entry(wildcards)["frames"]

    def num_shards(self, wildcards: Any) -> int:
        """Shards of a data set's frame store."""
        return self.run.data(wildcards.dataset).shards

    def shard_digest(self, wildcards: Any) -> str:
        """Digest of the videos that a shard holds, and of their files: other videos and labels do not change it.

        Files are only looked at where a shard is there already, or when its job starts. Official lists do not change:
        their videos need no digest. Nor do those of the embedded data set, by its recipe.
        """
        data = self.run.data(wildcards.dataset)
        if not data.known:
            return ""
        return self._digest_of_shard(data, int(wildcards.shard))

    @cached_property
    def _digest_of_shard(self) -> Callable[[DataSet, int], str]:
        return cache(self._compute_digest)

    def _compute_digest(self, data: DataSet, shard: int) -> str:
        folder = self.files.paths.results.replace(os.sep, "_")
        memory = Path(".snakemake/vidbench", folder, data.name, f"{shard}.json")
        videos = data.videos_by_shard[shard]
        changeable = [video.path for video in videos] if data.kind != "motion" else []
        contents = file_contents.fingerprints(changeable, memory) if changeable else {}
        return digest([_parts(video, contents.get(video.path, "")) for video in videos])

    def shared_argument(self, wildcards: Any) -> list[str]:
        """The folder of files that several projects share, where the config names one."""
        return ["--shared", self.run.general["shared"]] if self.run.general["shared"] else []

    # make_splits

    def bad_video_check(self, wildcards: Any) -> list[str]:
        """What the splits wait for where a video that cannot be decoded is to stop the run."""
        return self._table(wildcards, "inspection.csv", self.entry(wildcards)["on_bad_video"] == "fail")

    def grouping_duplicates(self, wildcards: Any) -> list[str]:
        """What the splits wait for where duplicates are kept together."""
        return self._table(wildcards, "duplicates.csv", self.entry(wildcards)["splits"]["group_duplicates"])

    def split_options(self, wildcards: Any) -> dict:
        """The `splits` section as one split needs it: another fraction makes no other split again."""
        options = dict(self.entry(wildcards)["splits"])
        del options["fractions"]
        if not fractions.is_variant(wildcards.split):
            return options
        return options | {"fractions": [fractions.fraction_of(wildcards.split)]}

    def published_flag(self, wildcards: Any) -> list[str]:
        """Argument that lets the official lists of others stand as they are."""
        return ["--published"] if self.run.data(wildcards.dataset).published else []

    # diagnose_data

    def duplicates(self, wildcards: Any) -> list[str]:
        """The pairs that the leak check found, where it is on."""
        return self._table(wildcards, "duplicates.csv", self.entry(wildcards)["leak_check"])

    def not_compared(self, wildcards: Any) -> list[str]:
        """The videos that the leak check could not compare, where it is on."""
        return self._table(wildcards, "not_compared.csv", self.entry(wildcards)["leak_check"])

    def listing_remarks(self, wildcards: Any) -> list[str]:
        """What is said of a data set's list."""
        remarks = self.run.data(wildcards.dataset).listing.remarks
        return ["--remarks", *remarks] if remarks else []

    @staticmethod
    def _table(wildcards: Any, name: str, wanted: bool) -> list[str]:
        return [f"results/{wildcards.dataset}/{name}"] if wanted else []


def list_files(entry: dict) -> list[str]:
    """Files of the official lists that a data set's entry names."""
    folder = entry["lists"]
    return [str(path) for path in sorted(Path(folder).rglob("*")) if path.is_file()] if folder else []


def _parts(video: Video, content: str) -> list[object]:
    """What of a video a shard depends on; `content`: the fingerprint of its file."""
    piece = [video.start, video.end] if video.is_piece else []
    return [video.video, video.path, content, *piece]
