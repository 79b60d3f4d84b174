"""What the search for duplicates costs in a data set of UCF101's size, 13,320 videos of 7 seconds.

Example:
    PYTHONPATH=scripts:tests:tests/helpers python tests/benchmark/leaks_scale.py 13320

Measured in parts: fingerprints of a store of 200 made-up videos with 186 frames of 128 x 171 each, times the number of
videos; then finding and aligning candidates among as many made-up fingerprints as there are videos. Like UCF101's clips
they come in groups of five before one background; none is a copy. The store lies in the file cache: a slow disk adds
its own time.
"""

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import find_duplicates  # first: it sets the threads of NumPy
import h5py
import numpy as np

from vidbench.doctor.duplicates.fingerprints import Fingerprints, write_fingerprints
from vidbench.doctor.duplicates.tiny_images import PIXELS, SIDE
from vidbench.frames.shard_writer import ShardWriter
from vidbench.frames.store import COLUMNS, OK

JOBS = 2
STORED = 200  # videos
SECONDS, FPS, HEIGHT, WIDTH = 7.44, 25, 128, 171
GROUP = 5  # clips before one background
IMAGES = 12.5  # a second, in the fingerprint of a video of 25 frames a second


def main() -> None:
    count = int(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="vidbench") as name:
        folder = Path(name)
        write_store(folder)
        reading = timed(lambda: write_fingerprints([folder / "0.h5"], folder / "some", JOBS))
        prints = made_up(count, folder / "all")
        found: list = []
        searching = timed(lambda: found.extend(find_duplicates.find_pairs(prints, JOBS)))
    parts = {"fingerprints": [value * count / STORED for value in reading], "candidates and alignment": searching}
    for part, (seconds, busy) in parts.items():
        print(f"{part}: {seconds / 60:.1f} min on {JOBS} cores, of which {busy / 60:.1f} min at work")
    own, child = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f"{count:,} videos, {len(found)} pairs reported (there is none)")
    print(f"peak memory: {own:.0f} MB, and at most {child:.0f} MB in each of {JOBS} processes")


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds that `work` takes, and those that a core was busy with it: other programs may take their share."""
    start, busy = time.perf_counter(), processor_seconds()
    work()
    return time.perf_counter() - start, (processor_seconds() - busy) / JOBS


def processor_seconds() -> float:
    """Of this process and of those that it has waited for."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def moving(random: np.random.Generator, background: np.ndarray, seconds: float, rate: float) -> np.ndarray:
    """(T, SIDE, SIDE) gray: three blobs that wander before a background."""
    clock = np.arange(int(seconds * rate))[:, None] / rate
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    images = np.repeat(background[None], len(clock), axis=0)
    for _ in range(3):
        speed, phase, reach = random.uniform(0.3, 2.5, 2), random.uniform(0, 6.3, 2), random.uniform(2, 6, 2)
        at_y, at_x = (SIDE / 2 + reach * np.sin(speed * clock + phase)).T[..., None, None]
        shape = np.exp(-((y - at_y) ** 2 + (x - at_x) ** 2) / random.uniform(2, 8))
        images = images + random.uniform(-90, 90) * shape
    return images + random.normal(0, 1, images.shape)


def background(random: np.random.Generator) -> np.ndarray:
    """(SIDE, SIDE) smooth gray."""
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    waves = [np.sin(random.uniform(-9, 9) * y + random.uniform(-9, 9) * x + random.uniform(0, 6.3)) for _ in range(6)]
    return 128 + 18 * np.sum(waves, axis=0)


def made_up(count: int, path: Path) -> Fingerprints:
    """Fingerprints of `count` videos, written without any video."""
    random, counts, scene = np.random.default_rng(0), [], np.zeros(())
    with open(path, "wb") as file:
        for number in range(count):
            scene = background(random) if number % GROUP == 0 else scene
            images = moving(random, scene, random.uniform(0.3, 1.7) * SECONDS, IMAGES)
            file.write(images.clip(0, 255).astype(np.uint8).tobytes())
            counts.append(len(images))
    assert path.stat().st_size == sum(counts) * PIXELS
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Fingerprints(path, [f"v{number:06d}" for number in range(count)], start, np.full(count, 1 / IMAGES))


def write_store(folder: Path) -> None:
    """A shard of STORED videos as JPEG files."""
    random = np.random.default_rng(0)
    (folder / "spool").mkdir()
    known = {name: "" if h5py.check_string_dtype(kind) else 0 for name, kind in COLUMNS.items()}
    known |= {"height": HEIGHT, "width": WIDTH, "source_fps": FPS, "duration": SECONDS, "status": OK}
    writer = ShardWriter(folder / "spool")
    for number in range(STORED):
        frames = jpegs(random)
        (folder / "spool" / f"{number}.bin").write_bytes(b"".join(frames))
        entry = {"columns": known | {"id": f"v{number:06d}"}, "sizes": [len(frame) for frame in frames]}
        entry["times"] = [frame / FPS for frame in range(len(frames))]
        (folder / "spool" / f"{number}.json").write_text(json.dumps(entry))
        writer.append(str(number))
    recipe = {"size": 128, "fps": None, "codec": "jpeg", "quality": 2}
    writer.finish(folder / "0.h5", {"recipe": json.dumps(recipe), "ffmpeg_version": "0"})


def jpegs(random: np.random.Generator) -> list[bytes]:
    """Frames with about as many bytes as those of real videos have, 7 kB each."""
    import simplejpeg

    images = moving(random, background(random), SECONDS, FPS)
    rows, columns = np.arange(HEIGHT) * SIDE // HEIGHT, np.arange(WIDTH) * SIDE // WIDTH
    texture = random.normal(0, 12, (HEIGHT, WIDTH, 1))
    frames = (images[:, rows][:, :, columns, None] + texture).clip(0, 255).astype(np.uint8)
    return [simplejpeg.encode_jpeg(np.repeat(frame, 3, axis=2), quality=82) for frame in frames]


if __name__ == "__main__":
    main()
