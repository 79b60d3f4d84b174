"""Classifying 200 files: the way of classify_videos.py against a plain loop, file by file."""

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import peers
import torch
from measuring import Result, alternate, compare, rate
from samples import sample

import vidbench
from vidbench.clips.sampling import uniform_indices
from vidbench.compute.allocator import keep_freed_memory
from vidbench.inference.classifier import Classifier
from vidbench.models.build import build
from vidbench.models.options import ModelOptions
from vidbench.models.weights_file import save_weights

VIDEOS, ROUNDS = 200, 5
FRAMES, SIZE = 32, (48, 64)
CLASSES = [f"class {number}" for number in range(10)]
OPTIONS = {  # of gestures.yaml
    "architecture": "cnn3d",
    "width": 24,
    "clip": {"frames": FRAMES, "size": [*SIZE], "views": 1, "subtract_temporal_mean": True},
    "training": {"threads": 1},
}
RECIPE = '{"size": [48, 64], "fps": null, "codec": "jpeg", "quality": 2, "image_fps": 25.0}'


def run(folder: Path) -> list[Result]:
    """classify_files, in files per second."""
    keep_freed_memory()  # for all ways, as in classify_videos.py
    name, videos = sample(VIDEOS)
    paths = [video.path for video in videos]
    model = _save_and_load(folder)
    print(f"classification: {len(paths)} files of {name}, {OPTIONS['architecture']}", flush=True)
    ways: dict[str, Callable[[], float]] = {"classify_files": lambda: _classify(model, paths)}
    for name, make in (("pyav", peers.pyav), ("torchcodec", peers.torchcodec)):
        try:
            read = make(SIZE)
            read(paths[0], [0])
        except Exception as error:
            print(f"{name}: left out, it cannot be loaded here: {' '.join(str(error).split())[:200]}", flush=True)
        else:
            ways[f"plain-loop-{name}"] = partial(_loop, model, read, paths)
    alternate(ways, 1)  # warms the cache
    return compare("classify_files", alternate(ways, ROUNDS), "classify_files", "files/s")


def _save_and_load(folder: Path) -> Classifier:
    """A model with random weights, as a training leaves it."""
    torch.manual_seed(0)
    network = build(ModelOptions.from_dict(OPTIONS), len(CLASSES))
    frames = {"recipe": RECIPE, "ffmpeg": ""}
    metadata = {"options": OPTIONS, "classes": CLASSES, "frames": frames}
    save_weights(folder / "weights.safetensors", network.state_dict(), metadata)
    return vidbench.load(folder, device="cpu")


def _classify(model: Classifier, paths: Sequence[str]) -> float:
    torch.set_num_threads(model.options.training.threads)
    return rate(lambda: _count(sum(answer.is_classified for answer in model.classify_all(paths)), paths), len(paths))


@torch.inference_mode()
def _loop(model: Classifier, read: peers.Reader, paths: Sequence[str]) -> float:
    """What people write by hand: file by file, all cores for the network and one for decoding, as is the default."""
    torch.set_num_threads(len(os.sched_getaffinity(0)))

    def work() -> None:
        done = 0
        for path in paths:
            frames = read(path, uniform_indices(peers.count_frames(path), FRAMES))
            inputs = torch.as_tensor(frames).float().div(255).sub(0.45).div(0.225).permute(3, 0, 1, 2)[None]
            done += len(model.network(inputs - inputs.mean(2, keepdim=True)).softmax(1))
        _count(done, paths)

    return rate(work, len(paths))


def _count(done: int, paths: Sequence[str]) -> None:
    assert done == len(paths)
