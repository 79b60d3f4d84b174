"""Training steps fed by the loader against the same from memory, and those against a tutorial's plain loop."""

from pathlib import Path

from measuring import Result, alternate, compare, rate
from our_loop import trainer
from plain_loop import plain_loop
from samples import sample

from vidbench.clips.augmentation import BatchAugmentation
from vidbench.clips.dataset import FrameClips, TrainingClips
from vidbench.clips.loader import EpochBatches, Loader, choose_workers
from vidbench.clips.preprocessing import ClipInputs
from vidbench.compute import device
from vidbench.compute.precision import Precision
from vidbench.config import schema
from vidbench.frames import ffmpeg
from vidbench.frames.extract import extract_shard
from vidbench.frames.store import FrameStore
from vidbench.models.build import build
from vidbench.models.options import ModelOptions

CLASSES = 10
# Too small to learn one batch by heart, which a batch from memory is: vanishing gradients are slow to compute with.
TRAINING = {"learning_rate": 1e-7}
# Stored size, clip and batch: the small CNN as for the gestures (docs/gestures.md), r3d_18 as torchvision feeds it.
CASES = {
    "cnn3d": {"stored": (48, 64), "clip": {"frames": 32, "size": [48, 64]}, "batch": 16, "videos": 96, "rounds": 9},
    "r3d_18": {"stored": (128, 171), "clip": {"frames": 16, "size": [112, 112]}, "batch": 4, "videos": 8, "rounds": 3},
}


def run(folder: Path) -> list[Result]:
    """train_step_cnn3d and train_step_r3d_18: clips a second through whole training steps."""
    return [result for name in CASES for result in _measure(name, folder / name)]


def _measure(name: str, folder: Path) -> list[Result]:
    case = CASES[name]
    folder.mkdir()
    _, videos = sample(case["videos"])
    recipe = ffmpeg.Recipe(case["stored"], None, "jpeg", 2)
    extract_shard(videos, recipe, folder / "0.h5", folder / "spool", 2, None, lambda *_: None)
    options = _options(name, case)
    training = options.training
    chosen = device.set_up("auto", None, training.threads, training.deterministic)
    load = Loader(chosen, choose_workers(None, None, training.threads, chosen))
    store = FrameStore(folder)
    names = sorted(store.videos)
    data = TrainingClips(FrameClips(store, options.clip), names, [0] * len(names), seed=0)
    print(
        f"training: {name}, {len(data)} videos a round, batches of {case['batch']}, {load.workers} workers", flush=True
    )
    order = EpochBatches(data, case["batch"])
    batches = load(data, order)
    memory = [next(iter(batches))] * len(batches)
    precision, model = Precision.of(training, chosen, takes_frames=options.takes_frames), build(options, CLASSES)
    inputs = ClipInputs(options.clip, precision, BatchAugmentation(options, CLASSES, seed=0))
    train = trainer(model, model, options, order, inputs, precision, CLASSES)
    plain = plain_loop(options, CLASSES, chosen)
    train(memory[:1])  # warms up
    plain(memory[:1])
    ways = {
        f"train_step_{name}": lambda: rate(lambda: train(batches), len(data)),
        "in-memory": lambda: rate(lambda: train(memory), len(data)),
    }
    results = compare(f"train_step_{name}", alternate(ways, case["rounds"]), f"train_step_{name}", "clips/s")
    loops = {
        f"train_step_{name}": lambda: rate(lambda: train(memory), len(data)),
        "plain-loop": lambda: rate(lambda: plain(memory), len(data)),
    }
    return results + compare(f"train_step_{name}", alternate(loops, case["rounds"]), f"train_step_{name}", "clips/s")


def _options(name: str, case: dict) -> ModelOptions:
    config = {
        "datasets": {
            "gestures": {
                "kind": "csv",
                "manifest": "-",
                "clip": case["clip"],
                "augmentation": {"shift": 0, "color_jitter": 0},  # the plain loop has none
            }
        },
        "models": {name: {"architecture": name, "training": TRAINING | {"batch_size": case["batch"]}}},
    }
    return schema.typed_options(config, "gestures", name)
