"""The embedded data set: six motions of random shapes, as real H.264 videos.

Six classes in three pairs, each the other played backwards: of every scene and path both directions
are made from the same frames. A model that is blind to the order of frames sees the same in both
and so is right in half of the videos at most.
"""

import math
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from vidbench.datasets.source_folder import check_settings
from vidbench.files import atomic_path, digest, exclusive, file_sha256, make_folder, read_json, write_json
from vidbench.frames import ffmpeg
from vidbench.video import Video

if TYPE_CHECKING:
    import numpy as np

PAIRS = (("left", "right"), ("up", "down"), ("clockwise", "anticlockwise"))
FRAMES_PER_SECOND = 8
SHARPNESS = 4  # shapes are drawn this many times larger, then averaged: smooth edges


def videos(options: dict, folder: Path | str) -> list[Video]:
    """All videos in a fixed order; groups are scenes, subsets the official lists."""
    recipe = options["motion"]
    scenes = [("train", scene) for scene in range(recipe["train_scenes"])]
    scenes += [("test", recipe["train_scenes"] + scene) for scene in range(recipe["test_scenes"])]
    return [
        Video(
            f"{label}_s{scene:03d}", f"{folder}/videos/{label}/{label}_s{scene:03d}.mp4", label, f"s{scene:03d}", subset
        )
        for subset, scene in scenes
        for pair in PAIRS
        for label in pair
    ]


def download(options: dict, folder: Path | str) -> list[dict]:
    """Make the videos that are not there yet; return name, size and sha256 of each."""
    with exclusive(make_folder(folder) / ".lock"):
        check_settings(Path(folder), options)
        return _download(options, Path(folder))


def _download(options: dict, folder: Path) -> list[dict]:
    recipe = options["motion"]
    stamp = folder / "recipe.json"
    current = {"recipe": recipe, "source": file_sha256(__file__)}
    is_current = stamp.exists() and read_json(stamp).get("digest") == digest(current)
    members = videos(options, folder)
    missing = [video for video in members if not (is_current and Path(video.path).exists())]
    if missing:
        ffmpeg.version(options.get("ffmpeg"))
        stamp.unlink(missing_ok=True)
        scenes = sorted({video.group for video in missing})
        print(f"making {6 * len(scenes)} videos", flush=True)
        with ThreadPoolExecutor(options.get("jobs", 1)) as pool:
            list(pool.map(lambda scene: _make_scene(int(scene[1:]), recipe, folder, options.get("ffmpeg")), scenes))
    write_json(stamp, {"digest": digest(current), **current})
    return [
        {"name": video.path, "size": Path(video.path).stat().st_size, "sha256": file_sha256(video.path)}
        for video in members
    ]


def draw_scene(scene: int, recipe: dict) -> "dict[str, np.ndarray]":
    """Draw a scene's videos: (T, H, W, 3) uint8 by label, before they are encoded."""
    import numpy as np

    random = np.random.default_rng((recipe["seed"], scene))
    size, frames = recipe["size"], recipe["frames"]
    background = _background(random, size)
    drawn = {}
    for label, reverse in PAIRS:
        path = _path(label, random, frames) * size  # (T, 2), pixels
        clip = _draw(path, background, random)
        drawn |= {label: clip, reverse: clip[::-1]}
    return drawn


def _make_scene(scene: int, recipe: dict, folder: Path, ffmpeg_path: str | None) -> None:
    with ExitStack() as stack:
        clips = {}
        for label, frames in draw_scene(scene, recipe).items():
            name = folder / "videos" / label / f"{label}_s{scene:03d}.mp4"
            clips[stack.enter_context(atomic_path(name))] = frames
        ffmpeg.encode_h264_files(clips, FRAMES_PER_SECOND, ffmpeg_path)


def _background(random, size: int):
    """A smooth colour texture, (size, size, 3), 0 to 255, darker or brighter than every shape."""
    import numpy as np

    y, x = np.mgrid[0:size, 0:size] / size
    image = np.zeros((size, size, 3))
    for channel in range(3):
        for _ in range(3):
            fy, fx, phase = random.uniform(-6, 6), random.uniform(-6, 6), random.uniform(0, 2 * math.pi)
            image[..., channel] += random.uniform(4, 12) * np.sin(fy * y + fx * x + phase)
    return image + random.uniform(50, 90, 3)


def _path(label: str, random, frames: int):
    """Positions over time, (frames, 2) as (y, x) in fractions of the size."""
    import numpy as np

    time = np.linspace(-0.5, 0.5, frames)
    if label == "clockwise":
        radius, turn = random.uniform(0.18, 0.3), random.uniform(0.6, 1.0) * 2 * math.pi
        angle = random.uniform(0, 2 * math.pi) + turn * time  # y points down: growing is clockwise
        centre = random.uniform(radius + 0.12, 0.88 - radius, 2)
        return centre + radius * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    length = random.uniform(0.35, 0.7)
    along = random.uniform(0.12 + length / 2, 0.88 - length / 2) - length * time
    across = np.full(frames, random.uniform(0.15, 0.85))
    return np.stack([across, along] if label == "left" else [along, across], axis=1)


def _draw(path, background, random):
    """A shape of random form, size and colour moved along `path` over the background."""
    import numpy as np

    size = background.shape[0]
    corners = int(random.integers(3, 8))  # 7 stands for a disc
    radius, tilt = random.uniform(0.08, 0.13) * size, random.uniform(0, 2 * math.pi)
    color = random.uniform(150, 250, 3)
    grid = (np.arange(size * SHARPNESS) + 0.5) / SHARPNESS
    clip = np.empty((len(path), size, size, 3), np.uint8)
    clip[:] = np.rint(background)
    for frame, (cy, cx) in zip(clip, path, strict=True):
        rows, columns = (slice(max(0, int(c - radius)), math.ceil(c + radius)) for c in (cy, cx))  # around the shape
        fine_rows, fine_columns = (slice(SHARPNESS * part.start, SHARPNESS * part.stop) for part in (rows, columns))
        dy, dx = grid[fine_rows, None] - cy, grid[None, fine_columns] - cx
        edge = radius
        if corners < 7:  # distance of a regular polygon's edge in the direction of each pixel
            sector = 2 * math.pi / corners
            edge = radius * math.cos(sector / 2) / np.cos((np.arctan2(dy, dx) - tilt) % sector - sector / 2)
        inside = (np.hypot(dy, dx) < edge).astype(float)
        height, width = (side // SHARPNESS for side in inside.shape)
        cover = inside.reshape(height, SHARPNESS, width, SHARPNESS).mean(axis=(1, 3))[..., None]
        frame[rows, columns] = np.rint(background[rows, columns] * (1 - cover) + color * cover)
    return clip
