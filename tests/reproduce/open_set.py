"""Which score tells videos of no class apart, by leaving out one gesture after the other: docs/open_set.md.

Example:
    make reproduce-gestures && make run && make reproduce-open_set

A model is trained without the videos of one class, by the options and folds of `gestures`; then all videos of that
class, and the 20 other movements, are of no class that it knows. Each training takes two minutes on one core; what is
done already is in results/open_set, so that an interrupted run goes on. The models of the embedded data set (results/
motion) add test videos without their motion, which the workflow predicts for its motion test.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from vidbench import cli  # noqa: F401  # isort: skip - before torch, as in the steps: sets how its threads wait

import numpy as np
import torch
from open_set_motion import describe_motion
from open_set_table import describe
from torch import nn

from vidbench.clips.dataset import FrameClips, TestClips
from vidbench.clips.loader import Loader
from vidbench.clips.split_data import SplitData
from vidbench.compute import device as devices
from vidbench.compute.precision import Precision
from vidbench.files import read_csv, read_json, write_text
from vidbench.frames.extract import extract_shard
from vidbench.frames.recipe import Recipe
from vidbench.frames.store import FrameStore
from vidbench.models.classifier import classifier_name
from vidbench.models.options import ModelOptions
from vidbench.prediction.orders import split_model
from vidbench.prediction.predict import predict
from vidbench.training.checkpoint import Checkpoint
from vidbench.training.loop import train
from vidbench.training.setup import TrainingJob, begin, make_model
from vidbench.video import Video

PROJECT = Path(__file__).resolve().parents[2]
GESTURES = PROJECT.parent / "shared" / "data" / "gestures"
MODEL = "cnn3d"
Outputs = dict[str, np.ndarray]  # of one training: by subset its logits (N, V, K), features (N, V, D) and targets (N,)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--results", type=Path, default=PROJECT / "results" / "gestures")
    parser.add_argument("--motion", type=Path, default=PROJECT / "results" / "motion", help="of the embedded data set")
    parser.add_argument("--outputs", type=Path, default=PROJECT / "results" / "open_set", help="of each training")
    parser.add_argument("--rounds", type=int, default=1, help="trainings per class, each on another fold")
    arguments = parser.parse_args()
    if not sorted(arguments.results.glob(f"fold*/{MODEL}/seed0/options.json")):
        sys.exit(f"error: {arguments.results}: holds no models; run make reproduce-gestures first")
    arguments.outputs.mkdir(parents=True, exist_ok=True)
    movements = extract_movements(arguments.results, arguments.outputs)
    for left_out, fold in plan(arguments.results, arguments.rounds):
        path = arguments.outputs / f"{left_out}-{fold}.npz"
        if not path.exists():
            print(f"{left_out} left out, {fold}", flush=True)
            save(path, train_without(left_out, fold, arguments.results, movements))
    text = describe(sorted(arguments.outputs.glob("*-fold*.npz")), describe_motion(arguments.motion))
    write_text(arguments.output, text)
    print(text)


def plan(results: Path, rounds: int) -> list[tuple[str, str]]:
    """The trainings: in each round every class is left out once, the folds by turns."""
    classes = sorted({row["label"] for row in read_csv(results / "videos.csv")})
    folds = sorted(path.stem for path in (results / "splits").glob("fold*.csv"))
    return [
        (label, folds[(place + number) % len(folds)]) for number in range(rounds) for place, label in enumerate(classes)
    ]


def extract_movements(results: Path, outputs: Path) -> FrameStore:
    """Decode the movements of no class as the gestures are."""
    path = outputs / "unclassified.h5"
    if not path.exists():
        recipe = Recipe.from_options(json.loads(FrameStore(results / "frames").attributes["recipe"]))
        files = sorted((GESTURES / "unclassified").iterdir())
        videos = [Video(file.name, str(file), "", "") for file in files if file.suffix == ".mp4"]
        with tempfile.TemporaryDirectory() as spool:
            extract_shard(videos, recipe, path, Path(spool) / "spool", 1, None, lambda *_: None)
    return FrameStore([path])


def train_without(left_out: str, fold: str, results: Path, movements: FrameStore) -> Outputs:
    """Train on one fold without a class; return what the network gives for all videos, those of the class, too."""
    options = ModelOptions.from_dict(read_json(results / fold / MODEL / "seed0" / "options.json")["options"])
    torch_device = devices.set_up("cpu", None, options.training.threads, options.training.deterministic)
    shards = sorted((results / "frames").glob("*.h5"))
    whole = SplitData.read(results / "videos.csv", results / "splits" / f"{fold}.csv", shards)
    data = leave_out(whole, left_out)
    precision = Precision.of(replace(options.training, compile=False), torch_device, False, options.takes_frames)
    job = TrainingJob(options, 0, data, precision, workers=0)
    training = begin(job, make_model(job)[0])
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Checkpoint(Path(folder) / "checkpoint.pt", "", 60)
        train(job, training, checkpoint, [])
    network = training.eval_model
    network.load_state_dict(checkpoint.best_weights)
    network.eval()
    outputs: Outputs = {}
    for subset in ("train", "val", "test"):
        outputs |= compute(network, options, precision, data.store, data.video_ids[subset], subset)
        outputs[f"{subset} targets"] = np.array(data.targets(subset))
    strangers = [video for subset in whole.video_ids.values() for video in subset if whole.labels[video] == left_out]
    outputs |= compute(network, options, precision, data.store, strangers, "left out")
    outputs["left out in test"] = np.isin(strangers, whole.video_ids["test"])
    return outputs | compute(network, options, precision, movements, sorted(movements.videos), "movements")


def leave_out(data: SplitData, label: str) -> SplitData:
    """The split without the videos of a class."""
    ids = {
        subset: [video for video in videos if data.labels[video] != label] for subset, videos in data.video_ids.items()
    }
    names = [name for name in data.class_names if name != label]
    return replace(data, class_names=names, video_ids=ids, clips_per_epoch=len(ids["train"]))


def compute(
    network: nn.Module, options: ModelOptions, precision: Precision, store: FrameStore, videos: list[str], name: str
) -> Outputs:
    """The logits and the features before the last layer of some videos, of all views."""
    rows: list[torch.Tensor] = []
    layer = network.get_submodule(classifier_name(network))
    hook = layer.register_forward_pre_hook(lambda _, inputs: rows.append(inputs[0].float().flatten(1).clone()))
    before, after = split_model(network, options, precision, cached=False)
    batches = Loader(precision.device).views(TestClips(FrameClips(store, options.clip), videos), options.clip, 16)
    logits = predict(before, after, batches, precision, options.clip)[0].numpy()
    hook.remove()
    features = torch.cat(rows).numpy().reshape(len(videos), logits.shape[1], -1)
    return {f"{name} logits": logits, f"{name} features": features}


def save(path: Path, outputs: Outputs) -> None:
    """Write the outputs of a training; the file gets its name when it is whole."""
    temporary = path.with_suffix(".tmp.npz")
    np.savez_compressed(temporary, allow_pickle=False, **outputs)
    temporary.rename(path)


if __name__ == "__main__":
    main()
