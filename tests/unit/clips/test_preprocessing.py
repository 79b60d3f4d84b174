"""From the loader's batches to the model's input: one copy per batch and none that waits."""

from dataclasses import replace

import pytest
import torch
from benchmark.clipwise_augmentation import ClipwiseAugmentation
from host_copies import HostCopies

from vidbench.clips.augmentation import BatchAugmentation
from vidbench.clips.loader import Batch
from vidbench.clips.preprocessing import ClipInputs
from vidbench.compute.precision import Precision
from vidbench.models.options import AugmentationOptions, ClipOptions, ModelOptions, NetworkOptions

SEEDS = [number * 7919**3 for number in range(32)]
CPU, META = torch.device("cpu"), torch.device("meta")
OFF = AugmentationOptions(shift=0, color_jitter=0)
COLORS = ClipOptions(size=(16, 16), mean=(0.4, 0.5, 0.6), std=(0.2, 0.3, 0.4))
CHANGES = [
    {}, {"shift": 0.1, "color_jitter": 0.2}, {"horizontal_flip": True}, {"random_resized_crop": (0.4, 1)},
    {"rand_augment": 9}, {"random_erasing": 1.0}, {"mixup": 0.8}, {"cutmix": 1.0}, {"mixup": 0.8, "cutmix": 1.0},
    {"random_resized_crop": (0.4, 1), "horizontal_flip": True, "rand_augment": 9, "color_jitter": 0.4,
     "random_erasing": 0.5, "mixup": 0.8, "cutmix": 1.0},
]  # fmt: skip


def make_inputs(precision: Precision, clip: ClipOptions, changes: dict) -> ClipInputs:
    options = ModelOptions(
        network=NetworkOptions(architecture="cnn3d"), clip=clip, augmentation=replace(OFF, **changes)
    )
    return ClipInputs(clip, precision, BatchAugmentation(options, num_classes=5, seed=3))


def make_batch(size: int = 32) -> Batch:
    clips = torch.randint(0, 256, (size, 4, 20, 24, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(2))
    return Batch(clips.permute(0, 1, 4, 2, 3), torch.arange(size) % 5, torch.tensor(SEEDS[:size]))


@pytest.mark.parametrize("mixed_sizes", [False, True])
@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_a_training_batch_makes_the_device_wait_for_nothing(changes: dict, mixed_sizes: bool) -> None:
    batch = make_batch()
    if mixed_sizes:
        batch = batch._replace(clips=[clip[..., number % 3 :] for number, clip in enumerate(batch.clips)])
    inputs = make_inputs(Precision(META), COLORS, changes)
    inputs.train(batch, epoch=0, step=0)  # mean and std are copied once
    with HostCopies() as counted:
        clips, _ = inputs.train(batch, epoch=0, step=1)
    assert clips.shape == (32, 3, 4, 16, 16)
    # Clips, targets and, where anything is drawn that a kernel needs, its numbers; all of them may be non-blocking.
    needs_numbers = bool({"shift", "horizontal_flip", "rand_augment", "color_jitter"} & changes.keys())
    assert counted.copies == ["aten._to_copy"] * ((32 if mixed_sizes else 1) + 1 + needs_numbers)


def test_a_batch_of_views_makes_the_device_wait_for_nothing() -> None:
    clip = replace(COLORS, crops=3)
    inputs = ClipInputs(clip, Precision(META))
    inputs.test(make_batch().clips)
    with HostCopies() as counted:
        assert inputs.test(make_batch().clips).shape == (96, 3, 4, 16, 16)
    assert counted.copies == ["aten._to_copy"]


def test_a_constant_of_the_host_is_counted() -> None:
    clips = torch.zeros(2, 3, device=META)
    with HostCopies() as counted:
        clips.sub(torch.tensor([0.1, 0.2, 0.3]).to(META))
    assert counted.copies == ["aten._to_copy"]
    with HostCopies() as counted:
        torch.ones(2)[0].item()
    assert counted.values == ["aten._local_scalar_dense"]


@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("subtract", [False, True])
@pytest.mark.parametrize("changes", CHANGES[:-4], ids=str)
def test_input_is_the_normalised_reference_in_the_memory_format(
    changes: dict, subtract: bool, channels_last: bool
) -> None:
    clip = replace(COLORS, subtract_temporal_mean=subtract)
    batch = make_batch(9)
    clips, targets = make_inputs(Precision(CPU, channels_last=channels_last), clip, changes).train(batch, 0, 0)
    augmented = ClipwiseAugmentation(replace(OFF, **changes), clip)(batch.clips, SEEDS[:9])
    mean = augmented.mean(dim=1, keepdim=True) if subtract else torch.tensor(clip.mean)[:, None, None]
    expected = (augmented - mean) / torch.tensor(clip.std)[:, None, None]
    assert (clips - expected.transpose(1, 2)).abs().max() <= 1.001 / 255 / 0.2
    assert torch.equal(targets, batch.targets)
    memory_format = torch.channels_last_3d if channels_last else torch.contiguous_format
    assert clips.is_contiguous(memory_format=memory_format)
