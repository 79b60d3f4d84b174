"""Clips a second, one process and one decoding thread: the store against video files and other stores of frames."""

import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import h5py
import numpy as np
import peers
import torch
from measuring import Result, alternate, compare, rate
from samples import sample

from vidbench.clips.sampling import dense_indices
from vidbench.frames import ffmpeg
from vidbench.frames.extract import extract_shard
from vidbench.frames.store import FrameStore
from vidbench.hdf5 import open_to_read
from vidbench.video import Video

SIZE = (128, 171)
FRAMES, STEP = 16, 2
ROUNDS = 5


def run(folder: Path) -> list[Result]:
    """clips_jpeg and clips_raw, each against five baselines."""
    torch.set_num_threads(1)
    name, videos = sample(60)
    stores = {codec: _extract(videos, codec, folder) for codec in ("jpeg", "raw")}
    clips = _choose_clips(videos, stores["jpeg"])
    print(f"clips: {len(clips)} clips of {FRAMES} frames, {STEP} apart, {SIZE[0]}x{SIZE[1]}, of {name}", flush=True)
    _write_other_stores(videos, stores["jpeg"], folder)
    readers = _readers(stores, {video.id: video.path for video in videos}, folder)
    ways = {name: partial(_read_all, reader, clips) for name, reader in readers.items()}
    alternate(ways, 1)  # warms the cache
    rates = alternate(ways, ROUNDS)
    baselines = {name: found for name, found in rates.items() if name not in ("clips_jpeg", "clips_raw")}
    ours = ("clips_jpeg", "clips_raw")
    return [result for name in ours for result in compare(name, baselines | {name: rates[name]}, name, "clips/s")]


def _choose_clips(videos: list[Video], store: FrameStore) -> list[tuple[str, np.ndarray]]:
    draw = random.Random(0).random
    counts = [(video.id, store.videos[video.id].num_frames) for video in videos]
    return [(video, dense_indices(count, FRAMES, STEP, draw())) for video, count in counts]


def _read_all(reader: peers.Reader, clips: list[tuple[str, np.ndarray]]) -> float:
    def work() -> None:
        for video, indices in clips:
            frames = reader(video, indices)
            assert tuple(frames.shape) == (FRAMES, *SIZE, 3), (video, frames.shape)

    return rate(work, len(clips))


def _extract(videos: list[Video], codec: str, folder: Path) -> FrameStore:
    output = folder / f"{codec}.h5"
    extract_shard(videos, ffmpeg.Recipe(SIZE, None, codec, 2), output, folder / codec, 2, None, lambda *_: None)
    return FrameStore([output])


def _write_other_stores(videos: list[Video], store: FrameStore, folder: Path) -> None:
    """The same JPEG files in a folder a video, and in an HDF5 file a video."""
    with open_to_read(folder / "jpeg.h5") as file:
        data, offset = file["frames/data"], file["frames/offset"][:]
        for number, video in enumerate(videos):
            first = store.videos[video.id]["first_frame"]
            last = first + store.videos[video.id].num_frames
            frames = [data[offset[frame] : offset[frame + 1]] for frame in range(first, last)]
            target = folder / "folders" / str(number)
            target.mkdir(parents=True)
            for index, frame in enumerate(frames):
                (target / f"{index:06d}.jpg").write_bytes(frame.tobytes())
            with h5py.File(folder / f"{number}.h5", "w") as one:
                one.create_dataset("video", (len(frames),), h5py.vlen_dtype(np.uint8))[:] = np.array(
                    [*frames, None], dtype=object
                )[:-1]


def _readers(stores: dict[str, FrameStore], paths: dict[str, str], folder: Path) -> dict[str, peers.Reader]:
    numbers = {video: str(number) for number, video in enumerate(paths)}
    readers: dict[str, peers.Reader] = {f"clips_{codec}": store.read for codec, store in stores.items()}
    for name, make in (("torchcodec", peers.torchcodec), ("pyav", peers.pyav), ("decord", peers.decord)):
        try:
            readers[name] = _by_path(make(SIZE), paths)
        except Exception as error:
            print(f"{name}: left out, it cannot be loaded here: {' '.join(str(error).split())[:200]}", flush=True)
    folders = {video: str(folder / "folders" / number) for video, number in numbers.items()}
    readers["jpeg-folder"] = _by_path(peers.jpeg_folder, folders)
    files = {video: str(folder / f"{number}.h5") for video, number in numbers.items()}
    return readers | {"hdf5-per-video": _by_path(peers.hdf5_per_video, files)}


def _by_path(reader: peers.Reader, paths: dict[str, str]) -> peers.Reader:
    def read(video: str, indices: Sequence[int]) -> object:
        return reader(paths[video], indices)

    return read
