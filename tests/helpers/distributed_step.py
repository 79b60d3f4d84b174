"""One update of a small network, alone or as one of several processes (torchrun): the weights after it go to a file.

torchrun --nproc-per-node 2 tests/helpers/distributed_step.py FILE ACCUMULATE VIDEOS    # VIDEOS: for validation
"""

import sys
from pathlib import Path

import memory_store
import torch
from torch import nn

from vidbench.clips import EpochBatches, Loader
from vidbench.training import distributed
from vidbench.training.computing import Computing
from vidbench.training.criterion import Criterion
from vidbench.training.engine import Setup, Training, batches_of_views, train_one_epoch, validate

CPU = torch.device("cpu")
CLIP = {"frames": 4, "sampling": "uniform", "step": 1, "views": 1, "crops": 1}
TRAINING = {
    "accumulate": 1, "epochs": 1, "batch_size": 9, "learning_rate": 0.1, "warmup_epochs": 0, "schedule": "constant",
    "gradient_clip": None, "label_smoothing": 0.0, "class_weights": "none",
}  # fmt: skip


class Plain:
    """Inputs without anything random."""

    def train(self, clips, classes, members, epoch, step):
        return self.test(clips), classes

    def test(self, clips):
        return clips.transpose(1, 2).float() / 255


def main(output: Path, accumulate: int, validation: int) -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    group = distributed.join(CPU)
    layers = (nn.Conv3d(3, 4, 3), nn.BatchNorm3d(4), nn.GELU(), nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(4, 4))
    model = distributed.synchronised(nn.Sequential(*layers), group, CPU)
    options = {"training": TRAINING | {"accumulate": accumulate}, "clip": CLIP}
    computing, data = Computing(CPU), memory_store.split(7, 3)
    del data.members["val"][validation:]
    train, val = data.clips("train", CLIP, 0), data.clips("val", CLIP)
    order = EpochBatches(train, 9, part=(group.rank, group.size))
    criterion = Criterion(TRAINING, train.classes, 4)
    training = Training(
        model, torch.optim.SGD([{"params": model.parameters(), "scale": 1.0}], lr=0.1), computing.scaler()
    )
    setup = Setup(options, computing, Plain(), criterion, group.wrap(model), group)
    train_one_epoch(training, setup, Loader(CPU)(train, order), order, lambda: None)
    judged = validate(model.eval(), setup, batches_of_views(val, options, Loader(CPU), group), val)
    result = {"loss": torch.tensor(training.progress.loss_sum), "val": torch.tensor(judged), **model.state_dict()}
    if group.leads:
        torch.save(result, output)
    distributed.leave(group)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
