"""Measure how fast this machine extracts a data set's frames, and their size, for a plan (plan_run.py).

Example:
    python scripts/print_options.py --dataset motion > motion.json
    python scripts/measure_extraction.py --options motion.json --folder resources/motion \\
        --frames results/plan/extraction/motion.h5 --output results/plan/extraction/motion.json

Decodes some of the data set's own videos if they are there, else generated ones of the same size and length. Their
frames stay in --frames, for measure_speed.py. Nothing is downloaded.
"""

import argparse
import tempfile
from pathlib import Path

from vidbench import cli
from vidbench.doctor.difficulty import measure_difficulty
from vidbench.doctor.duplicates.fingerprints import write_fingerprints
from vidbench.errors import UserError
from vidbench.files import make_folder, write_json
from vidbench.frames.extract import extract_shard
from vidbench.frames.ffmpeg import Recipe
from vidbench.frames.store import FrameStore
from vidbench.planning import sample_videos
from vidbench.planning.stopwatch import Spent, now, time_start
from vidbench.planning.typical_videos import TYPICAL
from vidbench.video import Video

MAX_SECONDS = 20  # of decoding: the longer the videos, the fewer are used


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--options", type=cli.read_options, required=True, help="complete data set entry")
    parser.add_argument("--folder", type=Path, required=True, help="where the data set lives, or would")
    parser.add_argument("--ffmpeg", default=None, help="ffmpeg to use instead of the environment's")
    parser.add_argument("--frames", type=Path, required=True, help="HDF5 file for the frames")
    parser.add_argument("--output", type=Path, required=True, help="JSON file to write")
    arguments = parser.parse_args()
    make_folder(arguments.output.parent)
    with tempfile.TemporaryDirectory(dir=arguments.output.parent, prefix=".videos.") as temporary:
        begin = now()
        videos, kind = select_videos(arguments, Path(temporary))
        making = now() - begin
        decoding, videos = extract(videos, arguments, Path(temporary))
        source_bytes = sum(size_of(Path(path)) for path in {video.path for video in videos})
    store = FrameStore(arguments.frames)
    frames = sum(video.num_frames for video in store.videos.values())
    number = len(videos)
    write_json(
        arguments.output,
        {
            "videos": kind,
            "number": number,
            "frames_per_video": frames / number,
            "bytes_per_video": arguments.frames.stat().st_size / number,
            "source_bytes_per_video": source_bytes / number,
            "decode": (decoding / number).as_dict(),
            "make": (making / number).as_dict(),
            **time_inspection(arguments.frames, number),
            "start": time_start("extract_frames.py").as_dict(),
            "figure_start": time_start("plot_comparison.py").as_dict(),
        },
    )


def select_videos(arguments: argparse.Namespace, folder: Path) -> tuple[list[Video], str]:
    """Return videos to measure with, and their kind: "its own", "generated" (the embedded data set) or "made up"."""
    entry = arguments.options
    if entry["kind"] == "motion":
        return sample_videos.make_motion_videos(entry, folder, arguments.ffmpeg), "generated"
    if present := sample_videos.select_present_videos(entry, arguments.folder):
        return present, "its own"
    if entry["kind"] not in TYPICAL:
        raise UserError(
            f"{entry.get('manifest') or entry['root']}: none of its videos is there; correct it, or put them there"
        )
    return sample_videos.make_typical_videos(entry["kind"], folder, arguments.ffmpeg), "made up"


def extract(videos: list[Video], arguments: argparse.Namespace, folder: Path) -> tuple[Spent, list[Video]]:
    """Store frames of as many videos as MAX_SECONDS allow; return the time that took, and these videos."""
    recipe = Recipe.from_options(arguments.options["frames"])

    def store(selected: list[Video], output: Path) -> Spent:
        begin = now()
        extract_shard(selected, recipe, output, folder / f"{output.stem}.spool", 1, arguments.ffmpeg, lambda *_: None)
        return now() - begin

    first_video = store(videos[:1], folder / "first.h5")
    number = max(1, min(len(videos), int(MAX_SECONDS / first_video.seconds)))
    return store(videos[:number], arguments.frames), videos[:number]


def time_inspection(frames: Path, number: int) -> dict[str, dict[str, float]]:
    """Return the time per video of the steps that read the frames of all `number` videos."""
    begin = now()
    measure_difficulty([frames], 1)
    describing = now() - begin
    begin = now()
    with tempfile.TemporaryDirectory(dir=frames.parent, prefix=".fingerprints.") as temporary:
        write_fingerprints([frames], Path(temporary, "fingerprints"), 1)
    fingerprinting = now() - begin
    return {"describe": (describing / number).as_dict(), "fingerprint": (fingerprinting / number).as_dict()}


def size_of(video: Path) -> int:
    """Return the bytes of a video, which is a file or a folder of images."""
    return sum(path.stat().st_size for path in video.iterdir()) if video.is_dir() else video.stat().st_size


if __name__ == "__main__":
    cli.run(main)
