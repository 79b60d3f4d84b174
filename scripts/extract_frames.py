"""Decode one shard of a data set's videos into HDF5, each video once.

Example:
    python scripts/extract_frames.py --options '{"kind": "csv", "manifest": "videos.csv"}' \\
        --frames '{"size": 128, "fps": null, "codec": "jpeg", "quality": 2}' --folder resources/mine \\
        --shard 0 --shards 4 --output results/mine/frames/0.h5

A video that cannot be decoded gets its status and ffmpeg's error in the shard. One that cannot be read, e.g. because
its drive is gone, ends the step. A run that was killed or ended with an error resumes where it stopped. With --shared
the shard is linked if another project has made it of the same videos in the same way, else it is put there.
"""

import argparse
import os
import shutil
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

from vidbench import cli, datasets
from vidbench.files import exclusive
from vidbench.frames import ffmpeg, shared_files
from vidbench.frames.extract import extract_shard
from vidbench.frames.ffmpeg import Recipe
from vidbench.frames.store import OK
from vidbench.progress import Progress
from vidbench.video import Video, shard_of
from vidbench.workflow.source_files import code_digests

SOFTWARE = ("numpy", "h5py", "simplejpeg", "av")  # packages whose versions may change frames, beside ffmpeg


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--options", type=cli.read_options, required=True, help="data set entry of the config")
    parser.add_argument("--frames", type=cli.read_options, required=True, help="its complete `frames` section")
    parser.add_argument("--folder", type=Path, required=True, help="where the data set lives")
    parser.add_argument("--shard", type=int, required=True, help="number of the shard to write")
    parser.add_argument("--shards", type=int, required=True, help="number of shards")
    parser.add_argument("--jobs", type=int, default=1, help="videos to decode at a time")
    parser.add_argument("--ffmpeg", default=None, help="ffmpeg to use instead of the environment's")
    parser.add_argument("--shared", type=Path, default=None, help="folder of shards that several projects share")
    parser.add_argument("--output", type=Path, required=True, help="the HDF5 file to write")
    arguments = parser.parse_args()
    listed = datasets.load(arguments.options["kind"]).videos(arguments.options, arguments.folder)
    videos = [video for video in listed if shard_of(video.id, arguments.shards) == arguments.shard]
    absent = find_absent(videos, arguments.options["kind"])
    output = arguments.output
    recipe = Recipe.from_options(arguments.frames)
    spool = output.with_name(f".{output.stem}.spool")
    with exclusive(output.with_name(f".{output.stem}.lock")):
        entry = shared_entry(arguments, videos, recipe) if arguments.shared else None
        if entry and shared_files.link(output, entry):
            return
        report = make_report(len(videos))
        extract_shard(videos, recipe, output, spool, arguments.jobs, arguments.ffmpeg, report, absent)
        remove(spool)
        if entry:
            shared_files.share(output, entry)


def make_report(total: int) -> Callable[[Video, str], None]:
    """Return a function that prints what went wrong with a video at once, and how many of `total` videos are done."""
    progress = Progress("videos")
    numbers = count(1)

    def report(video: Video, status: str) -> None:
        if status != OK:
            print(f"{video.path}: {status}", file=sys.stderr, flush=True)
        progress(next(numbers), total)

    return report


def shared_entry(arguments: argparse.Namespace, videos: list[Video], recipe: Recipe) -> Path:
    """Return the path of this shard in the shared folder, which depends on all that it is made from."""
    made_from = {
        "videos": shared_files.content_of_videos(videos),
        "shard": [arguments.shard, arguments.shards],
        "recipe": recipe.as_dict(),
        "code": code_digests("extract_frames.py", datasets.MODULES[arguments.options["kind"]]),
        "ffmpeg": ffmpeg.version(arguments.ffmpeg),
        "software": shared_files.versions(SOFTWARE),
    }
    return shared_files.shared_path(arguments.shared, "frames", made_from)


def find_absent(videos: list[Video], kind: str) -> set[Video]:
    """Return the videos that a published data set lists and its archives lack; of other data sets all must exist."""
    return {video for video in videos if not os.path.lexists(video.path)} if kind in datasets.PUBLISHED else set()


def remove(spool: Path) -> None:
    """Remove the spool; an ffmpeg that outlived a killed run may still write into it."""
    for _ in range(50):
        shutil.rmtree(spool, ignore_errors=True)
        if not spool.exists():
            return
        time.sleep(0.1)


if __name__ == "__main__":
    cli.run(main)
