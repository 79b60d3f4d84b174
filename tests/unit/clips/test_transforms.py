"""From stored frames to the model's input: sizes, crops, normalisation and augmentation."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.transforms.v2 import functional

from vidbench.clips.augmentation import Augmentation, Mixing
from vidbench.clips.transforms import crop, normalise, prepare, resize, views
from vidbench.models.options import AugmentationOptions, ClipOptions

OFF = AugmentationOptions(shift=0, color_jitter=0)
SIDES = st.integers(8, 60)


def sized(height: int, width: int, **more: Any) -> ClipOptions:
    """Clip options of that size."""
    return ClipOptions(size=(height, width), **more)


@settings(deadline=None)
@given(SIDES, SIDES, st.integers(8, 40), st.integers(8, 40), st.integers(1, 4))
def test_views_have_the_size_whatever_comes_in(height: int, width: int, to_height: int, to_width: int, crops) -> None:
    clips = torch.full((2, 3, 3, height, width), 77, dtype=torch.uint8)
    made = views(clips, sized(to_height, to_width, crops=crops))
    assert made.shape == (2 * crops, 3, 3, to_height, to_width)
    assert (made == 77).all()


def test_the_middle_is_kept_and_the_right_size_left_alone() -> None:
    frames = torch.arange(6, dtype=torch.uint8).expand(1, 3, 2, 6)
    assert crop(frames, (2, 2))[0, 0, 0].tolist() == [2, 3]
    assert torch.equal(crop(frames, (2, 6)), frames)


def test_three_crops_are_both_ends_and_the_middle_of_each_clip_in_turn() -> None:
    wide = torch.arange(6, dtype=torch.uint8).expand(2, 1, 3, 2, 6).clone()
    wide[1] += 100
    made = views(wide, sized(2, 2, crops=3))
    assert made[:, 0, 0, 0, 0].tolist() == [0, 2, 4, 100, 102, 104]
    tall = wide.transpose(-1, -2)
    assert views(tall, sized(2, 2, crops=3))[:, 0, 0, 0, 0].tolist() == [0, 2, 4, 100, 102, 104]


def test_clips_of_several_sizes_become_one_batch() -> None:
    clips = [torch.full((4, 3, 20, 30), 9, dtype=torch.uint8), torch.full((4, 3, 40, 20), 11, dtype=torch.uint8)]
    made = views(clips, sized(16, 16))
    assert made.shape == (2, 4, 3, 16, 16)
    assert made[:, 0, 0, 0, 0].tolist() == [9, 11]
    assert Augmentation(replace(OFF, shift=0.2), sized(16, 16))(clips, [0, 1]).shape == (2, 4, 3, 16, 16)
    assert Augmentation(OFF, sized(16, 16))(clips, [0, 1]).shape == (2, 4, 3, 16, 16)


def test_the_temporal_mean_goes_away() -> None:
    still = torch.full((1, 5, 3, 4, 4), 200, dtype=torch.uint8)
    clip = sized(4, 4)
    assert prepare(still, replace(clip, subtract_temporal_mean=True)).abs().max() == 0
    assert prepare(still, clip).shape == (1, 3, 5, 4, 4)
    assert prepare(still, clip)[0, 0, 0, 0, 0] == pytest.approx((200 / 255 - 0.45) / 0.225)
    moving = normalise(torch.rand(2, 5, 3, 4, 4), replace(clip, subtract_temporal_mean=True))
    assert moving.mean(dim=2).abs().max() < 1e-5


def test_each_colour_has_its_own_mean_and_deviation() -> None:
    clips = torch.rand(2, 5, 3, 4, 6)
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    clip = ClipOptions(mean=mean, std=std)
    made = normalise(clips, clip)
    for colour in range(3):
        expected = (clips[:, :, colour] - mean[colour]) / std[colour]
        assert torch.allclose(made[:, colour], expected, atol=1e-6)
    grey = ClipOptions(mean=(0.45,) * 3, std=(0.225,) * 3)
    assert torch.equal(normalise(clips, grey), normalise(clips, ClipOptions(mean=0.45, std=0.225)))
    moving = normalise(clips, replace(clip, subtract_temporal_mean=True))
    assert torch.allclose(moving[:, 1], (clips[:, :, 1] - clips[:, :, 1].mean(dim=1, keepdim=True)) / std[1], atol=1e-6)


def test_what_is_blanked_is_zero_in_the_models_input() -> None:
    clip = sized(8, 8, mean=(0.1, 0.5, 0.9), std=(0.2, 0.3, 0.4))
    white = torch.full((8, 2, 3, 8, 8), 255, dtype=torch.uint8)
    made = normalise(Augmentation(replace(OFF, random_erasing=1.0), clip)(white, range(8)), clip)  # (B, 3, T, H, W)
    blank = (made == 0).all(dim=1)
    assert blank.flatten(1).any(dim=1).all()
    assert torch.equal(blank[:, None].expand_as(made), made == 0)


CHANGES = {
    "horizontal_flip": True, "shift": 0.25, "random_resized_crop": (0.2, 0.8), "color_jitter": 0.5,
    "rand_augment": 9, "random_erasing": 1,
}  # fmt: skip


@pytest.mark.parametrize("changes", [*({key: value} for key, value in CHANGES.items()), CHANGES], ids=str)
def test_augmentation_is_seeded_and_the_same_for_all_frames(changes: dict) -> None:
    augment = Augmentation(replace(OFF, **changes), sized(16, 16))
    torch.manual_seed(5)
    frame = torch.randint(0, 256, (1, 1, 3, 20, 24), dtype=torch.uint8)
    clips = frame.expand(8, 6, 3, 20, 24)
    before = torch.random.get_rng_state()
    out = augment(clips, range(8))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(out, augment(clips, range(8)))
    assert torch.equal(out[3:], augment(clips[:5], range(3, 8)))  # whatever else is in the batch
    assert len({clip.numpy().tobytes() for clip in out}) > 1
    assert all(torch.equal(clip[0], later) for clip in out for later in clip)
    assert out.shape == (8, 6, 3, 16, 16)
    assert out.min() >= 0
    assert out.max() <= 1


def test_no_augmentation_changes_nothing() -> None:
    clips = torch.randint(0, 256, (1, 2, 3, 4, 4), dtype=torch.uint8)
    assert torch.equal(Augmentation(OFF, sized(4, 4))(clips, [0]), clips / 255)


def test_flips_are_off_unless_asked_for() -> None:
    clip = torch.arange(16, dtype=torch.uint8).expand(1, 1, 3, 16, 16)
    seeds = range(40)
    plain = Augmentation(OFF, sized(16, 16))(clip.expand(40, 1, 3, 16, 16), seeds)
    flipped = Augmentation(replace(OFF, horizontal_flip=True), sized(16, 16))(clip.expand(40, 1, 3, 16, 16), seeds)
    assert torch.equal(plain, clip.expand(40, 1, 3, 16, 16) / 255)
    assert 0 < sum(torch.equal(a, b.flip(-1)) for a, b in zip(plain, flipped, strict=True)) < 40


def test_a_crop_lies_within_the_frame_and_has_the_area() -> None:
    y, x = torch.meshgrid(torch.arange(64), torch.arange(64), indexing="ij")
    clip = torch.stack([y, x, x]).to(torch.uint8).expand(50, 2, 3, 64, 64)
    out = 255 * Augmentation(replace(OFF, random_resized_crop=(0.25, 0.25)), sized(32, 32))(clip, range(50))
    spans = [(one[0, c].amax() - one[0, c].amin()).item() for one in out for c in (0, 1)]
    areas = [(a + 1) * (b + 1) / 64**2 for a, b in zip(spans[::2], spans[1::2], strict=True)]
    assert all(0.2 < area < 0.3 for area in areas)
    assert len(set(spans)) > 5


@pytest.mark.parametrize(
    "options", [{"mixup": 0.8}, {"cutmix": 1.0}, {"mixup": 0.8, "cutmix": 1.0}, {"mixup": 1, "cutmix": 1}], ids=str
)
def test_mixing_keeps_the_mass_and_draws_from_torch_alone(options: dict) -> None:
    clips = torch.stack([torch.full((4, 3, 16, 16), float(i)) for i in range(3)])
    mix = Mixing(replace(OFF, **options), 5)
    torch.manual_seed(3)
    mixed, weights = mix(clips, torch.tensor([0, 2, 4]))
    torch.manual_seed(3)
    again, _ = mix(clips, torch.tensor([0, 2, 4]))
    assert torch.equal(mixed, again)
    assert type(mixed) is torch.Tensor
    assert weights.shape == (3, 5)
    assert torch.allclose(weights.sum(dim=1), torch.ones(3))
    # A clip's pixels come from itself and its neighbour in the shares that its classes say.
    shares = torch.stack([weights[1, 2] * 1 + weights[1, 0] * 0, weights[2, 4] * 2 + weights[2, 2] * 1])
    assert torch.allclose(mixed[1:].mean(dim=(1, 2, 3, 4)), shares, atol=1e-5)
    assert all(torch.equal(clip[0], clip[-1]) for clip in mixed)


def test_nothing_mixes_unless_asked_for() -> None:
    clips, classes = torch.rand(2, 4, 3, 8, 8), torch.tensor([0, 1])
    mixed, same = Mixing(OFF, 2)(clips, classes)
    assert torch.equal(mixed, clips)
    assert torch.equal(same, classes)


@given(st.integers(1, 3), st.integers(1, 4), *[st.integers(2, 60)] * 4, st.booleans(), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_frames_are_scaled_as_by_torchvision(
    batch: int, time: int, height: int, width: int, new_height: int, new_width: int, stored: bool, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    frames = torch.randint(0, 256, (batch, time, 3, height, width), dtype=torch.uint8, generator=generator)
    if stored:  # in the order in memory of stored frames
        frames = frames.movedim(2, -1).contiguous().movedim(-1, 2)
    expected = functional.resize(frames, [new_height, new_width])
    assert resize(frames, (new_height, new_width)).equal(expected)
    assert resize(frames[0], (new_height, new_width)).equal(expected[0])
