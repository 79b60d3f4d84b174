"""Functions of rules/data.smk: downloads, frames, splits and the diagnosis."""

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
from vidbench.video import MULTI, Video
from vidbench.workflow.files import Files, user_files
from vidbench.workflow.resources import Jobs
from vidbench.workflow.run import DataSet, Run

CLUSTER_EXTRACTION_THREADS = 8
# Keys of an entry that determine the list of its videos.
LIST_KEYS = ("kind", "manifest", "root", "lists", "group")
LIST_KEYS_OF_KIND = {"motion": ("motion",), "folder": ("layout",)}


@dataclass(frozen=True)
class DataRules:
    """Input, params, threads and resource functions; one instance per reading of the Snakefile."""

    run: Run
    files: Files
    jobs: Jobs

    def entry(self, wildcards: Any) -> dict:
        """Complete config entry of a data set."""
        return self.run.data(wildcards.dataset).entry

    # download_data

    def list_options_of_source(self, wildcards: Any) -> dict:
        """Params function: list_options() by the name of the download."""
        return self.list_options(self._dataset_of_source(wildcards))

    def download_options(self, wildcards: Any) -> dict:
        """Complete options of a download; they do not rerun anything, as mirrors etc. do not change its files."""
        entry = self.entry(self._dataset_of_source(wildcards))
        return {key: entry.get(key) for key in (*checks.SOURCE_KEYS, "motion")}

    def _dataset_of_source(self, wildcards: Any) -> SimpleNamespace:
        return SimpleNamespace(dataset=self.run.sources[wildcards.source])

    def ffmpeg_argument(self, wildcards: Any) -> list[str]:
        """Argument with the ffmpeg of the config, if it has one."""
        return ["--ffmpeg", self.run.general["ffmpeg"]] if self.run.general["ffmpeg"] else []

    # index_videos

    def source_json(self, wildcards: Any) -> str:
        """The file that marks a data set's download as complete."""
        return f"resources/{self.run.data(wildcards.dataset).source}/source.json"

    def list_options(self, wildcards: Any) -> dict:
        """The part of a data set's entry that determines its list of videos, and nothing else."""
        entry = self.entry(wildcards)
        keys = (*LIST_KEYS, *LIST_KEYS_OF_KIND.get(entry["kind"], ()))
        listed = {key: entry[key] for key in keys if entry.get(key) is not None}
        return listed | ({"labels": MULTI} if entry["labels"] == MULTI else {})

    def manifest(self, wildcards: Any) -> list[str]:
        """The user's list files of a data set, if it has any."""
        entry = self.entry(wildcards)
        if entry["lists"]:
            return user_files(list_files(entry))
        return user_files([entry["manifest"]] if entry.get("manifest") else [])

    def videos_digest(self, wildcards: Any) -> str:
        """Digest of a data set's list of videos; cached, as several rules need it and it is slow for many videos."""
        return self._videos_digest(self.run.data(wildcards.dataset))

    @cached_property
    def _videos_digest(self) -> Callable[[DataSet], str]:
        return cache(self._compute_videos_digest)

    def _compute_videos_digest(self, data: DataSet) -> str:
        """Digest the content of videos.csv or, before the videos are known, those lists that cannot be inputs.

        So a changed manifest is noticed also where its time stamp is older.
        """
        if data.known:
            return digest([astuple(video) for video in data.videos])
        no_inputs = [path for path in list_files(data.entry) if contains_wildcard(path)]
        return digest([file_sha256(path) for path in no_inputs]) if no_inputs else ""

    # extract_frames

    def extraction_threads(self, wildcards: Any) -> int:
        """Cores of a shard's job, so that all cores are busy with one shard as with many."""
        if self.jobs.invocation.sent_off:
            return CLUSTER_EXTRACTION_THREADS
        return max(1, -(-self.jobs.invocation.cores // self.run.data(wildcards.dataset).shards))

    def frame_options(self, wildcards: Any) -> dict:
        """Options of a data set's stored frames."""
        return self.entry(wildcards)["frames"]

    def num_shards(self, wildcards: Any) -> int:
        """Number of shards of a data set's frame store."""
        return self.run.data(wildcards.dataset).shards

    def shard_digest(self, wildcards: Any) -> str:
        """Digest of the videos of a shard, and of their files; independent of other videos and of labels.

        The files are read only where a shard exists already, or when its job starts. Published videos do not change and
        need no digest, nor do the files of the embedded data set, whose options determine them.
        """
        data = self.run.data(wildcards.dataset)
        if not data.known:
            return ""
        return self._digest_of_shard(data, int(wildcards.shard))

    @cached_property
    def _digest_of_shard(self) -> Callable[[DataSet, int], str]:
        return cache(self._compute_shard_digest)

    def _compute_shard_digest(self, data: DataSet, shard: int) -> str:
        folder = self.files.paths.results.replace(os.sep, "_")
        memory = Path(".snakemake/vidbench", folder, data.name, f"{shard}.json")
        videos = data.videos_by_shard[shard]
        changeable = [video.path for video in videos] if data.kind != "motion" else []
        contents = file_contents.fingerprints(changeable, memory) if changeable else {}
        return digest([_parts(video, contents.get(video.path, "")) for video in videos])

    def shared_argument(self, wildcards: Any) -> list[str]:
        """Argument with the folder of files that several projects share, if the config has one."""
        return ["--shared", self.run.general["shared"]] if self.run.general["shared"] else []

    # make_splits

    def bad_video_check(self, wildcards: Any) -> list[str]:
        """Input of the splits where a video that cannot be decoded stops the run: inspection.csv."""
        return self._table(wildcards, "inspection.csv", self.entry(wildcards)["on_bad_video"] == "fail")

    def grouping_duplicates(self, wildcards: Any) -> list[str]:
        """Input of the splits where duplicates are kept in one subset: duplicates.csv."""
        return self._table(wildcards, "duplicates.csv", self.entry(wildcards)["splits"]["group_duplicates"])

    def split_options(self, wildcards: Any) -> dict:
        """The `splits` section with the fraction of one split only: a new fraction reruns no other split."""
        options = dict(self.entry(wildcards)["splits"])
        del options["fractions"]
        if not fractions.is_variant(wildcards.split):
            return options
        return options | {"fractions": [fractions.fraction_of(wildcards.split)]}

    def published_flag(self, wildcards: Any) -> list[str]:
        """Argument for a published data set, whose official lists are used unchanged."""
        return ["--published"] if self.run.data(wildcards.dataset).published else []

    # diagnose_data

    def duplicates(self, wildcards: Any) -> list[str]:
        """Pairs from the leak check, if it is on."""
        return self._table(wildcards, "duplicates.csv", self.entry(wildcards)["leak_check"])

    def not_compared(self, wildcards: Any) -> list[str]:
        """Videos that the leak check could not compare, if it is on."""
        return self._table(wildcards, "not_compared.csv", self.entry(wildcards)["leak_check"])

    def listing_remarks(self, wildcards: Any) -> list[str]:
        """Argument with the remarks on a data set's list."""
        remarks = self.run.data(wildcards.dataset).listing.remarks
        return ["--remarks", *remarks] if remarks else []

    @staticmethod
    def _table(wildcards: Any, name: str, used: bool) -> list[str]:
        return [f"results/{wildcards.dataset}/{name}"] if used else []


def list_files(entry: dict) -> list[str]:
    """Return the files of the official lists that a data set's entry names."""
    folder = entry["lists"]
    return [str(path) for path in sorted(Path(folder).rglob("*")) if path.is_file()] if folder else []


def _parts(video: Video, content: str) -> list[object]:
    """Return the properties of a video that its shard depends on; `content`: the fingerprint of its file."""
    piece = [video.start, video.end] if video.is_piece else []
    return [video.id, video.path, content, *piece]
