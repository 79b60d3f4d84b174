"""The videos that are measured on: real gestures, or the embedded motion videos where those are absent."""

import random
import subprocess
from pathlib import Path

from vidbench import datasets
from vidbench.frames import ffmpeg
from vidbench.video import Video

PROJECT = Path(__file__).resolve().parents[2]
GESTURES = PROJECT.parent / "shared" / "data" / "gestures" / "videos.csv"
MOTION = {"train_scenes": 16, "test_scenes": 1, "frames": 60, "size": 128, "seed": 0}
MADE = PROJECT / "results" / "benchmark" / "motion"  # made once: that takes a minute
most: int | None = None  # for a look whether all works


def sample(count: int) -> tuple[str, list[Video]]:
    """Name of the data set, and `count` of its videos, always the same ones."""
    count, place = min(count, most or count), MADE / "few" if most else MADE
    if GESTURES.exists():
        name, options = "gestures", {"kind": "csv", "manifest": str(GESTURES)}
    else:
        name, options = "motion", {"kind": "motion", "motion": MOTION | ({"train_scenes": 1} if most else {})}
        datasets.load("motion").download(options, place)
    videos = datasets.load(options["kind"]).videos(options, place)
    return name, sorted(random.Random(0).sample(videos, min(count, len(videos))), key=lambda video: video.id)


def enlarge(videos: list[Video], folder: Path) -> list[Video]:
    """The videos at 1280 x 720, encoded again."""
    made = []
    for number, video in enumerate(videos):
        target = folder / f"{number}.mp4"
        command = [ffmpeg.executable(), "-v", "error", "-i", f"file:{video.path}", "-vf", "scale=1280:720"]
        subprocess.run([*command, "-c:v", "libx264", "-preset", "veryfast", "-an", target], check=True)
        made.append(Video(video.id, str(target), video.label, video.group))
    return made
