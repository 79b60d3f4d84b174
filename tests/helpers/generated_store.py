"""Frame stores of generated frames, written by h5py alone: no video file, no ffmpeg, no JPEG decoder."""

import json
import shutil
import zlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from vidbench.clips.split_data import SplitData
from vidbench.datasets import motion
from vidbench.files import make_folder, write_csv, write_json
from vidbench.frames.shard_writer import ShardWriter
from vidbench.frames.store import FrameStore
from vidbench.video import Video, write_videos

RECIPE = {"size": None, "fps": None, "codec": "raw", "quality": 2}
SAME = {"codec": "raw", "rotation": 0, "transfer": "", "primaries": "", "status": "ok", "message": "", "notes": ""}


def write_store(path: Path, videos: Iterable[tuple[str, np.ndarray]], rate: float = 8.0) -> None:
    """Write a shard of videos, an id and (T, H, W, 3) uint8 each; `rate`: frames per second."""
    writer = ShardWriter(make_folder(path.with_suffix(".spool")))
    for number, (video, frames) in enumerate(videos):
        content, (count, height, width, _) = frames.tobytes(), frames.shape
        columns = SAME | {"id": video, "height": height, "width": width, "crc32": zlib.crc32(content)}
        columns |= {"source_height": height, "source_width": width, "source_fps": rate}
        columns |= {"duration": count / rate, "expected_frames": count}
        (writer.spool / f"{number}.bin").write_bytes(content)
        times = [frame / rate for frame in range(count)]
        entry = {"columns": columns, "sizes": [len(content) // count] * count, "times": times}
        write_json(writer.spool / f"{number}.json", entry)
        writer.append(str(number))
    writer.finish(path, {"recipe": json.dumps(RECIPE), "ffmpeg_version": "none"})
    shutil.rmtree(writer.spool)


def noise(videos: int, frames: int, size: tuple[int, int]) -> Iterable[tuple[str, np.ndarray]]:
    """Videos of random bytes: what they show does not matter where only time is measured."""
    random = np.random.default_rng(0)
    for number in range(videos):
        yield f"v{number:04d}", random.integers(0, 256, (frames, *size, 3), np.uint8)


def endless_split(store: Path, clips_per_epoch: int = 50_000, classes: int = 10) -> SplitData:
    """All videos of a store as each subset, with an epoch that is longer than any measurement."""
    frames = FrameStore(store)
    names = sorted(frames.videos)
    class_names = [f"class{number:02d}" for number in range(classes)]
    labels = {name: class_names[number % classes] for number, name in enumerate(names)}
    return SplitData(frames, class_names, labels, dict.fromkeys(("train", "val", "test"), names), clips_per_epoch)


def write_motion(folder: Path, recipe: dict, val_scenes: int) -> dict[str, Path]:
    """Write the embedded data set as its download, extraction, index and split steps would; return paths by name.

    `recipe`: the `motion` section of a configuration. The last `val_scenes` of its training scenes are for validation.
    """
    videos = motion.videos({"motion": recipe}, folder)
    first_val = recipe["train_scenes"] - val_scenes
    scenes = {}
    numbers = range(recipe["train_scenes"] + recipe["test_scenes"])
    with ThreadPoolExecutor() as pool:
        for number, drawn in enumerate(pool.map(lambda scene: motion.draw_scene(scene, recipe), numbers)):
            scenes |= {f"{label}_s{number:03d}": frames for label, frames in drawn.items()}
    paths = {"videos": folder / "videos.csv", "split": folder / "split1.csv", "frames": folder / "frames" / "0.h5"}
    make_folder(folder / "frames")
    write_store(paths["frames"], sorted(scenes.items()), motion.FRAMES_PER_SECOND)
    write_videos(paths["videos"], videos)
    rows = [{"video": video.id, "subset": _subset(video, first_val)} for video in videos]
    write_csv(paths["split"], rows, ("video", "subset"))
    return paths


def _subset(video: Video, first_val: int) -> str:
    return "val" if video.subset == "train" and int(video.group[1:]) >= first_val else video.subset
