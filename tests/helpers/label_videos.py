"""Videos that show several things at once, one label each: squares of different colours, in a CSV file."""

from itertools import combinations
from pathlib import Path

import numpy as np

COLORS = {"blue": (30, 60, 230), "green": (30, 200, 60), "red": (230, 40, 40)}
SIZE, FRAMES = 32, 8


def label_sets() -> list[tuple[str, ...]]:
    """Return all sets of one or two colours."""
    return [names for number in (1, 2) for names in combinations(COLORS, number)]


def write_label_videos(folder: Path, groups: int = 12) -> Path:
    """Write a video per group and set of colours, and labels.csv beside them; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = ["path,label,group"]
    for group in range(groups):
        random = np.random.default_rng(group)
        for names in label_sets():
            name = f"g{group}_{'_'.join(names)}.mp4"
            write_squares(folder / name, names, random)
            rows.append(f"{name},{';'.join(reversed(names))},g{group}")
    manifest = folder / "labels.csv"
    manifest.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return manifest


def write_squares(path: Path, names: tuple[str, ...], random: np.random.Generator) -> None:
    """Write a short video with a square per colour, at a place of its own, on a dark background with noise."""
    import av

    places = random.permutation(4)[: len(names)]
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=8, options={"preset": "ultrafast", "crf": "15", "threads": "1"})
        stream.width = stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        for _ in range(FRAMES):
            frame = random.integers(0, 60, (SIZE, SIZE, 3)).astype(np.uint8)
            for name, place in zip(names, places, strict=True):
                top, left = 16 * (int(place) // 2) + 2, 16 * (int(place) % 2) + 2
                frame[top : top + 12, left : left + 12] = COLORS[name]
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        file.mux(stream.encode(None))
