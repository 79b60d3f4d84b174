"""Videos of noise in squares of 4 x 4 pixels, which survive a codec."""

from pathlib import Path

import numpy as np

from vidbench.frames import ffmpeg


def encode_noise(path: Path, seed: int, size: tuple[int, int], frames: int) -> None:
    """Write a video of `size` (height, width), 10 frames per second; rows that fill no square repeat the last one."""
    height, width = size
    random = np.random.default_rng(seed)
    pictures = random.integers(0, 256, (frames, height // 4, width // 4, 3), np.uint8).repeat(4, 1).repeat(4, 2)
    pictures = np.pad(pictures, ((0, 0), (0, height % 4), (0, 0), (0, 0)), "edge")
    ffmpeg.encode_h264(pictures, path, fps=10)
