"""One update of a small network, alone or as one of several processes (torchrun): the weights after it go to a file.

torchrun --nproc-per-node 2 tests/helpers/distributed_step.py FILE ACCUMULATE VIDEOS [recompute] [compile] [lora]
    # also: precise. VIDEOS: for validation
"""

import sys
from dataclasses import replace
from pathlib import Path

import memory_store
import torch
from torch import nn

from vidbench.clips.dataset import FrameClips
from vidbench.clips.loader import EpochBatches, Loader
from vidbench.compute.precision import Precision
from vidbench.models.options import ClipOptions, LoraOptions, ModelOptions, NetworkOptions, TrainingOptions
from vidbench.training import distributed
from vidbench.training.activation_checkpointing import recompute_blocks
from vidbench.training.epoch import train_one_epoch
from vidbench.training.loop import validate
from vidbench.training.loss import Criterion
from vidbench.training.precise_batch_norm import set_precise_statistics
from vidbench.training.state import LoopContext, Training

CPU = torch.device("cpu")
CLIP = ClipOptions(frames=4, step=1)
TRAINING = TrainingOptions(epochs=1, batch_size=9, learning_rate=0.1, warmup_epochs=0, schedule="constant")


class Plain:
    """Inputs without anything random."""

    def train(self, batch, epoch, step):
        return self.test(batch.clips), batch.targets

    def test(self, clips):
        return clips.transpose(1, 2).float() / 255


def main(output: Path, accumulate: int, validation: int, more: list[str]) -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    group = distributed.join(CPU)
    model = make_adapted_transformer() if "lora" in more else make_network()
    if "recompute" in more:
        recompute_blocks(model, group.size)
    model = distributed.synchronise_batch_norm(model, group, CPU)
    training_options = replace(TRAINING, accumulate=accumulate)
    options = ModelOptions(network=NetworkOptions(architecture="cnn3d"), clip=CLIP, training=training_options)
    precision, data = Precision(CPU), memory_store.split(7, 3)
    del data.video_ids["val"][validation:]
    clips, part = FrameClips(data.store, CLIP), (group.rank, group.size)
    train, val = data.training_clips(clips, 0), data.test_clips(clips, "val")
    sampler = EpochBatches(train, 9, part=part)
    criterion = Criterion(TRAINING, train.targets, 4)
    training = Training(
        model,
        torch.optim.SGD(
            [{"params": [part for part in model.parameters() if part.requires_grad], "scale": 1.0}], lr=0.1
        ),
        precision.scaler(),
    )
    network = group.wrap(model)
    if "compile" in more:  # as Precision.compiled(), without the need of a C++ compiler
        network = torch.compile(network, dynamic=False, backend="aot_eager")
    context = LoopContext(options, precision, Plain(), criterion, network, group)
    train_one_epoch(training, context, Loader(CPU)(train, sampler), sampler, lambda: None)
    if "precise" in more:
        inputs = (Plain().test(batch.clips) for batch in Loader(CPU)(train, sampler))
        set_precise_statistics(model, inputs, precision, group)
    loss, right = validate(model.eval(), context, Loader(CPU).views(val, CLIP, 9, part), val.targets)
    result = {
        "loss": torch.tensor(training.progress.loss_sum),
        "val": torch.tensor([loss, right.double().mean()]),
        **model.state_dict(),
    }
    if group.is_main:
        torch.save(result, output)
    distributed.leave(group)


def make_network() -> nn.Module:
    """A block with batch norm, and a classifier."""
    block = nn.Sequential(nn.Conv3d(3, 4, 3), nn.BatchNorm3d(4), nn.GELU())
    return nn.Sequential(block, nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(4, 4))


def make_adapted_transformer() -> nn.Module:
    """A head on a small vision transformer with LoRA's matrices."""
    from vidbench.models import lora
    from vidbench.models.build import build

    entry = {"backbone": {"architecture": "timm/test_vit"}, "head": "mean", "clip": {"frames": 4, "size": [16, 16]}}
    return lora.adapt(build(ModelOptions.from_dict(entry), 4), LoraOptions(rank=2, layers="all"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
