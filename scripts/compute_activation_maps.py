"""Compute activation maps over time (Grad-CAM) of a trained model on selected test videos.

Example:
    python scripts/compute_activation_maps.py --folder results/motion/split1/cnn3d/seed0 \\
        --examples results/motion/examples.csv --frames results/motion/frames/*.h5 \\
        --output results/motion/split1/cnn3d/seed0/activations.h5

The map explains the class that the model predicts (from predictions.h5 in the folder, all views), on one clip and crop
in the middle of the video, in float32. activations.h5 holds small frames, maps over time and space, and predictions;
scripts/vidbench/prediction/grad_cam_file.py describes its layout.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from vidbench import cli
from vidbench.clips.dataset import FrameClips
from vidbench.clips.transforms import prepare, resize, views
from vidbench.compute import device, torch_errors
from vidbench.compute.precision import explained_errors
from vidbench.errors import UserError
from vidbench.evaluation.predictions import Predictions
from vidbench.files import read_csv, read_json
from vidbench.frames.store import FrameStore
from vidbench.models.build import build
from vidbench.models.options import ModelOptions
from vidbench.models.weights_file import load_weights
from vidbench.prediction.grad_cam import Place, activation_map, fit_map, last_map
from vidbench.prediction.grad_cam_file import MAX_SIDE, Activations

import torch  # isort: skip - after vidbench.cli, which sets how its threads wait


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="a trained model, with its predictions.h5")
    parser.add_argument("--examples", type=Path, required=True, help="CSV with the columns video and label")
    parser.add_argument("--frames", type=Path, nargs="+", required=True, help="the frame store's shards")
    cli.add_device_arguments(parser)
    parser.add_argument("--output", type=Path, required=True, help="HDF5 file to write")
    arguments = parser.parse_args()
    record = read_json(arguments.folder / "options.json")
    options = ModelOptions.from_dict(record["options"])
    options = replace(options, clip=replace(options.clip, views=1, crops=1))
    # Some networks have no deterministic backward pass on a GPU; maps need not be the same to the byte.
    torch_device = device.set_up(arguments.device, arguments.gpus, options.training.threads, deterministic=False)
    model = build(options, len(record["classes"]))
    load_weights(arguments.folder / "weights.safetensors", model)
    examples = read_csv(arguments.examples)
    predictions = read_predictions(arguments.folder / "predictions.h5", [row["video"] for row in examples])
    store = FrameStore(sorted(arguments.frames))
    with explained_errors(remedy=torch_errors.EXPLAIN):
        model.to(torch_device).eval().requires_grad_(False)
        maps = explain(model, options, store, examples, predictions, torch_device)
    maps.write(arguments.output)


def read_predictions(path: Path, videos: list[str]) -> tuple[list[int], np.ndarray, list[str]]:
    """Return the predicted class and its probability for each of N videos, and the names of all classes."""
    table = Predictions.read(path)
    video_ids, probabilities = table.probabilities("test")
    row = {video: index for index, video in enumerate(video_ids)}
    for video in videos:
        if video not in row:
            raise UserError(
                f"{path}: has no test video '{video}'; choose the examples again with select_explained_videos.py"
            )
    selected = probabilities[[row[video] for video in videos]]  # (N, K)
    return selected.argmax(axis=1).tolist(), selected.max(axis=1).astype(np.float32), table.classes


def explain(
    model: torch.nn.Module,
    options: ModelOptions,
    store: FrameStore,
    examples: list[dict[str, str]],
    predictions: tuple[list[int], np.ndarray, list[str]],
    torch_device: torch.device,
) -> Activations:
    """Return the maps of the examples' predicted classes; `predictions`: of read_predictions()."""
    clip = options.clip
    names = [row["video"] for row in examples]
    targets, probability, classes = predictions
    clips = FrameClips(store, clip)
    place: Place | None = None
    frames, maps = [], []
    for video, target in zip(names, targets, strict=True):
        stored = clips.test_clip(video, 0)[None].to(torch_device)  # (1, T, 3, H, W) uint8
        inputs = prepare(stored, clip)  # (1, 3, T, h, w)
        place = place or last_map(model, options.network.architecture, inputs)
        frames.append(shrink(views(stored, clip)[0]))
        heat = activation_map(model, place, inputs, target)
        maps.append(fit_map(heat, (len(frames[-1]), *frames[-1].shape[1:3])).cpu().numpy())
    assert place is not None, "no examples"
    grid = place.cells if len(place.cells) == 3 else (clip.frames, *place.cells)
    stacked = np.stack(maps)
    return Activations(
        names, [row["label"] for row in examples], [classes[target] for target in targets], probability,
        np.stack([clips.view_indices(video, 0) for video in names]), np.stack(frames),
        stacked.astype(np.float16), stacked.mean(axis=(2, 3)), place.name, list(grid),
    )  # fmt: skip


def shrink(frames: torch.Tensor) -> np.ndarray:
    """Scale frames (T, 3, H, W) uint8 down to (T, h, w, 3), the longer side at most MAX_SIDE pixels."""
    height, width = frames.shape[-2:]
    scale = MAX_SIDE / max(height, width)
    if scale < 1:
        frames = resize(frames, [max(1, round(height * scale)), max(1, round(width * scale))])
    return frames.permute(0, 2, 3, 1).cpu().numpy()


if __name__ == "__main__":
    cli.run(main)
