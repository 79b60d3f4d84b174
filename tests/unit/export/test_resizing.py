"""Scaling as tensor operations against torchvision's, which the predict step uses."""

import numpy as np
import pytest
import torch

from vidbench.clips.transforms import cover, crop
from vidbench.export.resizing import resize_and_crop

pytestmark = pytest.mark.skipif(
    torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"), reason="torchvision scales bytes as floats here"
)


def compare(height: int, width: int, size: tuple[int, int], number: int, crops: int, seed: int) -> torch.Tensor:
    """Differences of all pixels."""
    pixels = np.random.default_rng(seed).integers(0, 256, (2, 2, height, width, 3), dtype=np.uint8)
    frames = torch.from_numpy(pixels)
    expected = crop(cover(frames.permute(0, 1, 4, 2, 3), size), size, number, crops)
    position = number / (crops - 1) if crops > 1 else 0.5
    return (resize_and_crop(frames, size, position) - expected.transpose(1, 2).float()).abs()


@pytest.mark.parametrize(
    ("height", "width", "size"),
    [
        (32, 32, (32, 32)),  # as it is
        (32, 43, (32, 32)),  # cropped alone
        (128, 171, (112, 112)),
        (171, 128, (112, 112)),
        (40, 40, (112, 90)),  # longer
        (154, 56, (120, 86)),  # 236.5 rows are rounded
        (340, 255, (32, 16)),  # much shorter
        (1, 1, (8, 8)),
        (1, 9, (16, 16)),
    ],
)
def test_pixels_are_those_of_the_predict_step(height: int, width: int, size: tuple[int, int]) -> None:
    for number in range(3):
        assert compare(height, width, size, number, 3, seed=0).max() == 0
    assert compare(height, width, size, 0, 1, seed=1).max() == 0


def test_hardly_a_pixel_differs_whatever_the_size() -> None:
    """Where a sum of weights is rounded otherwise in its last bit, a pixel is one step lighter or darker."""
    random = np.random.default_rng(0)
    differing, total = 0, 0
    for seed in range(100):
        height, width = random.integers(4, 150, 2)
        size = (int(random.integers(4, 100)), int(random.integers(4, 100)))
        differences = compare(int(height), int(width), size, seed % 2, 2, seed)
        assert differences.max() <= 1
        differing += int((differences > 0).sum())
        total += differences.numel()
    assert differing <= 1e-5 * total
