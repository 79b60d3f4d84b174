"""Computing the features of a shard's videos with a frozen backbone, and writing them."""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset

from vidbench.clips.dataset import NO_CLASS, FrameClips, TestClips
from vidbench.clips.loader import Loader
from vidbench.clips.transforms import Clips, prepare, to_device
from vidbench.compute import tf32
from vidbench.errors import UserError
from vidbench.features.spec import FeatureSpec
from vidbench.features.store import COLUMNS, FEATURES, SCHEMA_VERSION, TOKENS
from vidbench.files import atomic_path
from vidbench.frames.store import FrameStore
from vidbench.hdf5 import open_to_write
from vidbench.models import packages
from vidbench.models.options import ClipOptions
from vidbench.models.weights_file import weights_sha256

LAYOUT = (
    "features/data: a row a stored frame (or, of a network that takes clips, a test view), all videos one after"
    " another. tokens/data, if asked for: such rows of tokens on a grid, (height, width, channels) or (time, height,"
    " width, channels). videos/*: one entry a video, whose rows are first_row and the num_rows - 1 that follow."
)
# Limits on the neighbouring frames that go through the backbone at a time. They never are of two videos, whose features
# would then depend on each other. On a CPU fewer are faster, as more of what a layer gives stays in the cache.
MAX_FRAMES = 64
MAX_CPU_FRAMES = 16
PIXELS = 224 * 224  # of a frame; of larger ones there are fewer


@dataclass(frozen=True)
class Rows:
    """Features (N, D) float32, and tokens (N, cells * C) float16 where the backbone gives them."""

    features: np.ndarray
    tokens: np.ndarray | None

    def __len__(self) -> int:
        return len(self.features)


class FrameChunks(Dataset):
    """Neighbouring frames of a video: data[first, i] is (T, 3, H, W) uint8 and NO_CLASS."""

    def __init__(self, store: FrameStore, videos: list[str], max_frames: int) -> None:
        """`max_frames`: of a chunk."""
        self.store = store
        self.videos = videos
        self.max_frames = max_frames

    def __getitem__(self, item: tuple[int, int]) -> tuple[torch.Tensor, int]:
        first, index = item
        video = self.videos[index]
        last = min(first + self.max_frames, self.store.videos[video].num_frames)
        frames = torch.from_numpy(self.store.read(video, range(first, last)))  # (T, H, W, 3)
        return frames.permute(0, 3, 1, 2), NO_CLASS

    def batches(self) -> list[list[tuple[int, int]]]:
        """Return all chunks of all videos, each a batch of its own."""
        counts = [self.store.videos[video].num_frames for video in self.videos]
        return [[(first, index)] for index, count in enumerate(counts) for first in range(0, count, self.max_frames)]


def frames_per_chunk(size: tuple[int, int], most: int) -> int:
    """Return how many frames of `size` (height, width) a backbone is given at a time, at most `most`."""
    return max(1, min(most, most * PIXELS // (size[0] * size[1])))


def clips_per_chunk(clip: ClipOptions) -> int:
    """Return how many whole clips a backbone is given at a time."""
    return max(1, frames_per_chunk(clip.size, MAX_FRAMES) // clip.frames)


def view_chunks(num_videos: int, views: int, max_clips: int) -> list[list[tuple[int, int]]]:
    """Return batches of (view, video), at most `max_clips` clips of one video each."""
    numbers = range(views)
    return [
        [(view, index) for view in numbers[first : first + max_clips]]
        for index in range(num_videos)
        for first in range(0, views, max_clips)
    ]


def compute_features(
    backbone: nn.Module, store: FrameStore, videos: list[str], spec: FeatureSpec, load: Loader
) -> Iterator[Rows]:
    """Yield rows in the order of the videos: those of some frames, or views, of one video each time.

    UserError where a token does not fit into float16.
    """
    on_cpu = load.device.type == "cpu"
    if spec.backbone.takes_clips:
        data = TestClips(FrameClips(store, spec.clip), videos)
        batches = view_chunks(len(videos), spec.clip.views, clips_per_chunk(spec.clip))
    else:
        most = MAX_CPU_FRAMES if on_cpu else MAX_FRAMES
        data = FrameChunks(store, videos, frames_per_chunk(spec.clip.size, most))
        batches = data.batches()
        backbone.to(memory_format=torch.channels_last)  # with the same format of the frames: faster, also on a CPU
    compute = partial(_compute_chunk, spec, load.device)
    chunks = (clips for clips, _, _ in load(data, batches)) if batches else ()
    yield from compute_in_threads(compute, backbone, chunks) if on_cpu else map(partial(compute, backbone), chunks)


def compute_in_threads(
    compute: Callable[[nn.Module, Clips], Rows], backbone: nn.Module, chunks: Iterable[Clips]
) -> Iterator[Rows]:
    """Yield compute(backbone, chunk) of each chunk, in order, of as many at once as torch has compute threads.

    Each is computed by one thread: the threads of one convolution wait for each other, those of two chunks do not. So
    the number of threads does not change a result.
    """
    threads = torch.get_num_threads()
    idle: SimpleQueue[nn.Module] = SimpleQueue()
    for _ in range(threads):
        idle.put(copy_sharing_weights(backbone))

    def compute_with_idle(chunk: Clips) -> Rows:
        network = idle.get()
        try:
            return compute(network, chunk)
        finally:
            idle.put(network)

    pool = ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,))
    waiting: deque[Future[Rows]] = deque()
    try:
        for chunk in chunks:
            waiting.append(pool.submit(compute_with_idle, chunk))
            if len(waiting) > threads:  # one is ready for the thread that ends first
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def copy_sharing_weights(network: nn.Module) -> nn.Module:
    """Return a copy with the same tensors but a state of its own, such as the tokens that a layer's hook keeps."""
    return deepcopy(network, {id(tensor): tensor for tensor in chain(network.parameters(), network.buffers())})


@torch.inference_mode()
def _compute_chunk(spec: FeatureSpec, device: torch.device, backbone: nn.Module, clips: Clips) -> Rows:
    inputs = prepare(to_device(clips, device), spec.clip)  # (B, 3, T, h, w)
    if not spec.backbone.takes_clips:
        inputs = inputs.transpose(1, 2).flatten(0, 1)  # (T, 3, h, w) of one chunk
        inputs = inputs.contiguous(memory_format=torch.channels_last)
    return _compute_rows(backbone, inputs, spec)


def _compute_rows(backbone: Any, inputs: torch.Tensor, spec: FeatureSpec) -> Rows:
    if not spec.backbone.tokens:
        return Rows(backbone(inputs).flatten(1).float().cpu().numpy(), None)
    features, tokens = backbone.read_both(inputs)
    tokens = tokens.cpu().numpy().astype(np.float16)  # rounded to it already, see tokens.py
    if not np.isfinite(tokens).all():
        raise UserError(
            f"tokens of {spec.backbone.architecture} do not fit into float16, of 65,504 at most; name pretrained"
            " `weights`, or leave `tokens` out"
        )
    return Rows(features.flatten(1).float().cpu().numpy(), tokens)


def write_features(
    output: Path,
    backbone: Any,
    store: FrameStore,
    spec: FeatureSpec,
    load: Loader,
    progress: Callable[[int, int], None],
) -> None:
    """Write the features of all readable videos of a frame store's shard; the same input gives the same bytes.

    `backbone`: a TokenBackbone where the spec has `tokens`. `progress` is called with the number of rows done and of
    all rows.
    """
    videos = [video for video, stored in store.videos.items() if stored.readable]
    views = spec.clip.views if spec.backbone.takes_clips else None
    counts = [views or store.videos[video].num_frames for video in videos]
    columns = {
        "id": videos,
        "first_row": np.cumsum([0, *counts])[:-1],
        "num_rows": counts,
        "frames_crc32": [store.videos[video]["crc32"] for video in videos],
    }
    total = sum(counts)
    done = 0
    with atomic_path(output) as temporary, open_to_write(temporary) as file:
        data = file.create_dataset(FEATURES, (total, backbone.num_features), np.float32)
        tokens = None
        if spec.backbone.tokens:
            tokens = file.create_dataset(TOKENS, (total, *backbone.cells, backbone.num_channels), np.float16)
        for name, kind in COLUMNS.items():
            file.create_dataset(f"videos/{name}", data=columns[name], dtype=kind, shape=(len(videos),))
        file.attrs.update(describe(backbone, spec))
        for rows in compute_features(backbone, store, videos, spec, load):
            data[done : done + len(rows)] = rows.features
            if tokens is not None and rows.tokens is not None:
                tokens[done : done + len(rows)] = rows.tokens.reshape(-1, *tokens.shape[1:])
            done += len(rows)
            progress(done, total)


def describe(backbone: nn.Module, spec: FeatureSpec) -> dict[str, object]:
    """Return a shard's attributes; `backbone` is on the device that computes the features."""
    return {
        **tf32.describe(next(backbone.parameters()).device),
        "layout": LAYOUT,
        "schema_version": SCHEMA_VERSION,
        "options": json.dumps(spec.as_dict(), sort_keys=True),
        "weights_sha256": weights_sha256(backbone),
        "threads": torch.get_num_threads(),
        "versions": json.dumps({name: version(name) for name in packages(spec.backbone.architecture)}, sort_keys=True),
    }
