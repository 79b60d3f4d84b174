"""Extraction into a shard against ffmpeg that decodes and scales the same videos and throws the frames away."""

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from measuring import Result, alternate, compare, rate
from samples import enlarge, sample

from vidbench.frames import ffmpeg
from vidbench.frames.extract import extract_shard
from vidbench.frames.store import FrameStore
from vidbench.video import Video

SIZE = (128, 171)
ROUNDS = 3


def run(folder: Path) -> list[Result]:
    """extract_jpeg and extract_raw on videos as they are, extract_jpeg_720p on large ones."""
    name, videos = sample(100)
    processes = len(os.sched_getaffinity(0))
    print(f"extraction: {len(videos)} videos of {name}, {processes} processes", flush=True)
    results = _against_null(videos, {"extract_jpeg": "jpeg", "extract_raw": "raw"}, processes, folder)
    (folder / "large").mkdir()
    large = enlarge(videos[:32], folder / "large")
    return results + _against_null(large, {"extract_jpeg_720p": "jpeg"}, processes, folder)


def _against_null(videos: list[Video], names: dict[str, str], processes: int, folder: Path) -> list[Result]:
    frames = sum(video.num_frames for video in _extract(videos, "jpeg", processes, folder).videos.values())
    ways = {"ffmpeg-null": lambda: rate(lambda: _decode_to_nothing(videos, processes), frames)}
    for name, codec in names.items():
        ways[name] = lambda codec=codec: rate(lambda: _extract(videos, codec, processes, folder), frames)
    rates = alternate(ways, ROUNDS)
    found = [compare(name, {key: rates[key] for key in (name, "ffmpeg-null")}, name, "frames/s") for name in names]
    return [result for results in found for result in results]


def _extract(videos: list[Video], codec: str, processes: int, folder: Path) -> FrameStore:
    spool, output = folder / "spool", folder / "shard.h5"
    shutil.rmtree(spool, ignore_errors=True)
    extract_shard(videos, ffmpeg.Recipe(SIZE, None, codec, 2), output, spool, processes, None, lambda *_: None)
    return FrameStore([output])


def _decode_to_nothing(videos: list[Video], processes: int) -> None:
    def one(video: Video) -> None:
        source = [ffmpeg.executable(), "-nostdin", "-v", "error", "-threads", "1", "-i", f"file:{video.path}"]
        scale = ["-vf", f"scale={SIZE[1]}:{SIZE[0]}:flags=bicubic"]
        subprocess.run([*source, *scale, "-f", "null", "-"], check=True)

    with ThreadPoolExecutor(processes) as pool:
        list(pool.map(one, videos))
