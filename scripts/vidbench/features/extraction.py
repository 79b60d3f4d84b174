"""Computing the features of a shard's videos with a frozen backbone, and writing them."""

import json
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset

from vidbench.clips import NO_CLASS, ClipDataset, Loader, of_section
from vidbench.features.options import takes_clips
from vidbench.features.store import COLUMNS, SCHEMA_VERSION
from vidbench.features.weights_digest import weights_sha256
from vidbench.files import atomic_path
from vidbench.frames import FrameStore
from vidbench.hdf5 import open_to_write
from vidbench.transforms import prepare, to_device

LAYOUT = (
    "features/data: a row a stored frame (or, of a network that takes clips, a test view), all videos one after"
    " another. videos/*: one entry a video, whose rows are first_row and the num_rows - 1 that follow."
)
MOST_FRAMES, MOST_PIXELS = 64, 64 * 224 * 224  # at a time; never of two videos, whose features would hang together


class FrameChunks(Dataset):
    """Neighbouring frames of a video: data[first, i] is (T, 3, H, W) uint8, NO_CLASS and i."""

    def __init__(self, store: FrameStore, videos: list[str], most: int) -> None:
        """`most`: frames of a chunk."""
        self.store, self.videos, self.most = store, videos, most

    def __getitem__(self, item: tuple[int, int]) -> tuple[torch.Tensor, int, int]:
        first, index = item
        video = self.videos[index]
        last = min(first + self.most, self.store.videos[video].num_frames)
        frames = torch.from_numpy(self.store.read(video, range(first, last)))  # (T, H, W, 3)
        return frames.permute(0, 3, 1, 2), NO_CLASS, index

    def batches(self) -> list[list[tuple[int, int]]]:
        """All chunks of all videos, each a batch of its own."""
        counts = [self.store.videos[video].num_frames for video in self.videos]
        return [[(first, index)] for index, count in enumerate(counts) for first in range(0, count, self.most)]


def frames_at_once(clip: dict) -> int:
    """Frames of the `clip` options' size that a backbone is given at a time."""
    return max(1, min(MOST_FRAMES, MOST_PIXELS // (clip["size"][0] * clip["size"][1])))


def clips_at_once(clip: dict) -> int:
    """As frames_at_once, in whole clips."""
    return max(1, frames_at_once(clip) // clip["frames"])


def view_chunks(num_videos: int, views: int, most: int) -> list[list[tuple[int, int]]]:
    """Batches of (view, video), at most `most` clips of one video each."""
    numbers = range(views)
    return [
        [(view, index) for view in numbers[first : first + most]]
        for index in range(num_videos)
        for first in range(0, views, most)
    ]


def computed(
    backbone: nn.Module, store: FrameStore, videos: list[str], options: dict, load: Loader
) -> Iterator[tuple[np.ndarray, int]]:
    """Rows (N, D) float32 and the video's place, in the order of the videos; `options`: see feature_options.of()."""
    clip = options["clip"] | {"crops": 1, "subtract_temporal_mean": False}
    if takes_clips(options):
        data = ClipDataset(store, videos, **of_section(clip))
        batches = view_chunks(len(videos), clip["views"], clips_at_once(clip))
    else:
        data = FrameChunks(store, videos, frames_at_once(clip))
        batches = data.batches()
    with torch.inference_mode():
        for clips, _, members in load(data, batches) if batches else ():
            inputs = prepare(to_device(clips, load.device), clip)  # (B, 3, T, h, w)
            if not takes_clips(options):
                inputs = inputs.transpose(1, 2).flatten(0, 1)  # (T, 3, h, w) of one chunk
            yield backbone(inputs).flatten(1).float().cpu().numpy(), int(members[0])


def write_features(
    output: Path,
    backbone: nn.Module,
    store: FrameStore,
    options: dict,
    load: Loader,
    progress: Callable[[int, int], None],
) -> None:
    """Write the features of all readable videos of a frame store's shard; the same input gives the same bytes.

    `progress` is told how many rows of how many are done.
    """
    videos = [video for video, stored in store.videos.items() if stored.readable]
    views = options["clip"]["views"] if takes_clips(options) else None
    counts = [views or store.videos[video].num_frames for video in videos]
    columns = {
        "id": videos,
        "first_row": np.cumsum([0, *counts])[:-1],
        "num_rows": counts,
        "frames_crc32": [store.videos[video]["crc32"] for video in videos],
    }
    total, done = sum(counts), 0
    with atomic_path(output) as temporary, open_to_write(temporary) as file:
        data = file.create_dataset("features/data", (total, backbone.num_features), np.float32)
        for name, kind in COLUMNS.items():
            file.create_dataset(f"videos/{name}", data=columns[name], dtype=kind, shape=(len(videos),))
        file.attrs.update(describe(backbone, options))
        for rows, _ in computed(backbone, store, videos, options, load):
            data[done : done + len(rows)] = rows
            done += len(rows)
            progress(done, total)


def describe(backbone: nn.Module, options: dict) -> dict[str, object]:
    """A shard's attributes."""
    return {
        "layout": LAYOUT,
        "schema_version": SCHEMA_VERSION,
        "options": json.dumps(options, sort_keys=True),
        "weights_sha256": weights_sha256(backbone),
        "threads": torch.get_num_threads(),
        "versions": json.dumps({name: version(name) for name in ("torch", "torchvision")}, sort_keys=True),
    }
