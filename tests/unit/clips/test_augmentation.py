"""Augmentation of a batch against its definition, torchvision's v2 transforms clip by clip with the same seeds."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from benchmark.clipwise_augmentation import ClipwiseAugmentation
from host_copies import HostCopies

from vidbench.clips import transforms
from vidbench.clips.augmentation import Augmentation
from vidbench.clips.draws import draw
from vidbench.clips.rand_augment import RandAugment
from vidbench.clips.transforms import resize_each
from vidbench.models.options import AugmentationOptions, ClipOptions

OFF = AugmentationOptions(shift=0, color_jitter=0)
EACH = [
    {"shift": 0.1}, {"shift": 0.5}, {"shift": 0.02}, {"horizontal_flip": True}, {"random_resized_crop": (0.08, 1)},
    {"random_resized_crop": (0.2, 0.4)}, {"random_resized_crop": (1, 1)}, {"color_jitter": 0.2}, {"color_jitter": 1},
    {"rand_augment": 1}, {"rand_augment": 9}, {"rand_augment": 21}, {"rand_augment": 30}, {"random_erasing": 0.25},
    {"random_erasing": 1}, {"shift": 0.1, "color_jitter": 0.2},
]  # fmt: skip
ALL = {
    "random_resized_crop": (0.08, 1), "horizontal_flip": True, "rand_augment": 21, "color_jitter": 0.4,
    "random_erasing": 0.25,
}  # fmt: skip
SIZES = [((24, 32), (24, 32)), ((30, 40), (24, 24)), ((60, 34), (14, 14)), ((20, 20), (33, 25))]  # stored, wanted
COLORS = (0.1, 0.5, 0.9)
SEEDS = [number * 7919**3 for number in range(64)]


def make(changes: dict[str, Any], size: tuple[int, int], mean: Any = 0.45) -> tuple[Augmentation, ClipwiseAugmentation]:
    options = replace(OFF, **changes)
    clip = ClipOptions(size=size, mean=mean)
    return Augmentation(options, clip), ClipwiseAugmentation(options, clip)


def stored_clips(batch: int, size: tuple[int, int], frames: int = 3) -> torch.Tensor:
    """Clips (B, T, 3, H, W) as the loader gives them: noise, grey noise, flat colours and gradients in turn."""
    generator = torch.Generator().manual_seed(1)
    clips = torch.randint(0, 256, (batch, frames, *size, 3), dtype=torch.uint8, generator=generator)
    clips[1::4] = clips[1::4, ..., :1]
    clips[2::4] = clips[2::4, :, :1, :1]
    clips[3::4] = torch.linspace(0, 200, size[1])[:, None].to(torch.uint8)
    return clips.permute(0, 1, 4, 2, 3)


def assert_within_a_grey_level(one: torch.Tensor, other: torch.Tensor) -> None:
    assert one.shape == other.shape
    assert one.dtype == other.dtype == torch.float32
    assert (one - other).abs().max() <= 1.001 / 255


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("changes", [{}, *EACH, ALL], ids=str)
def test_each_clip_is_as_torchvisions_transforms_make_it(changes: dict, sizes: tuple) -> None:
    stored, size = sizes
    clips = stored_clips(len(SEEDS), stored, frames=2)
    ours, reference = make(changes, size, mean=COLORS)
    before = clips.clone()
    assert_within_a_grey_level(ours(clips, SEEDS), reference(clips, SEEDS))
    assert torch.equal(clips, before)  # the loader's batch is left alone


@pytest.mark.parametrize("changes", [{"shift": 0.1, "color_jitter": 0.2}, {"random_resized_crop": (0.4, 1)}, ALL])
def test_clips_of_several_sizes_are_too(changes: dict) -> None:
    clips = [clip for size in ((20, 28), (40, 20), (24, 24)) for clip in stored_clips(5, size)]
    ours, reference = make(changes, (24, 24))
    assert_within_a_grey_level(ours(clips, range(15)), reference(clips, range(15)))


@pytest.mark.parametrize("mean", [0.45, COLORS], ids=str)
def test_clips_of_one_frame_and_batches_of_one_clip(mean: Any) -> None:
    for changes in (*EACH, ALL):
        ours, reference = make(changes, (16, 20), mean)
        for clips in (stored_clips(6, (20, 24), frames=1), stored_clips(1, (20, 24))):
            assert_within_a_grey_level(ours(clips, range(len(clips))), reference(clips, range(len(clips))))


def test_the_comparison_meets_all_operations_of_rand_augment_with_both_signs() -> None:
    operations = RandAugment(9, (24, 32), 0.45).operations
    drawn = set()
    for numbers in draw(SEEDS):
        for _ in range(2):
            choice = numbers.integer(len(operations))
            drawn.add((choice, operations[choice].signed and numbers.uniform() <= 0.5))
    assert {choice for choice, _ in drawn} == set(range(14))
    assert sum(operation.signed for operation in operations) == 9
    assert len(drawn) == 14 + 9


@pytest.mark.parametrize("changes", [*EACH, ALL], ids=str)
def test_a_clip_depends_on_nothing_else_in_the_batch(changes: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    clips = stored_clips(9, (20, 24))
    augment, _ = make(changes, (16, 20))
    whole = augment(clips, range(9))
    assert torch.equal(augment(clips[4:7], range(4, 7)), whole[4:7])
    assert torch.equal(augment(list(clips), range(9)), whole)
    assert torch.equal(augment(clips.contiguous(), range(9)), whole)  # another order in memory
    monkeypatch.setattr(transforms, "CACHE_BYTES", 1)  # a clip at a time
    assert torch.equal(augment(clips, range(9)), whole)


def test_bytes_scaled_by_way_of_floats_as_a_gpu_does_it_are_the_same() -> None:
    clips = list(stored_clips(4, (31, 44)))
    one = resize_each(clips, [(24, 33)] * 4, (24, 24))
    other = resize_each([clip.float() for clip in clips], [(24, 33)] * 4, (24, 24))
    assert one.dtype == other.dtype == torch.uint8
    assert (one.int() - other.int()).abs().max() <= 1


@pytest.mark.parametrize("changes", [{"shift": 0.1, "color_jitter": 0.2}, {"horizontal_flip": True}], ids=str)
def test_the_number_of_operators_does_not_grow_with_the_batch(changes: dict) -> None:
    augment, reference = make(changes, (16, 20))
    operators = {}
    for batch in (4, 32):
        clips = stored_clips(batch, (20, 24))
        with HostCopies() as counted:
            augment(clips, range(1, batch + 1))
        assert counted.values == []
        operators[batch] = counted.operators - 2 * batch  # a row and its random words per clip
    assert operators[32] <= operators[4] + 2
    with HostCopies() as counted:
        reference(stored_clips(32, (20, 24)), range(32))
    assert 4 * (operators[32] + 64) < counted.operators
