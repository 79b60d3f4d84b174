"""Find pairs of videos that show the same recording, by their content: in two subsets they would be a leak.

Example:
    python scripts/find_duplicates.py --frames results/mine/frames/*.h5 --jobs 2 \\
        --output results/mine/duplicates.csv

Finds files with the same content, and copies that were encoded again, resized (also to another shape), shortened at
either end, given another frame rate, mirrored left to right, or several of these. Columns: video_a, video_b, mirrored;
offset, the seconds by which b's content starts later than a's; overlap, the seconds that both show; similarity, 0 to 1.
Not searched: crops, borders around the picture, other speeds, copies shorter than 0.4 seconds. Of videos that show
nothing (dark or of one color) or are that short only identical copies are found: --not-compared lists them, and those
without a frame, in the columns video and reason.
"""

import os
import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path

# Before NumPy is imported: processes, not threads, fill the cores, and other numbers of threads round differently.
os.environ.update(OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np

from vidbench import cli
from vidbench.compute.worker_pool import process_pool
from vidbench.doctor.duplicates import stillness
from vidbench.doctor.duplicates.alignment import Match, Track, match
from vidbench.doctor.duplicates.candidates import Moments, find_candidates, likely_offsets
from vidbench.doctor.duplicates.fingerprints import Fingerprints, write_fingerprints
from vidbench.doctor.duplicates.identical import identical_pairs
from vidbench.doctor.duplicates.pairs import Pair, write_not_compared, write_pairs
from vidbench.doctor.duplicates.stillness import Still
from vidbench.doctor.duplicates.tiny_images import SIDE
from vidbench.files import make_folder

PAIRS_PER_TASK = 256  # that a process aligns at a time


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--frames", type=Path, nargs="+", required=True, help="the frame store's shards")
    parser.add_argument("--jobs", type=int, default=1, help="processes; they change no result")
    parser.add_argument("--not-compared", type=Path, default=None, help="not_compared.csv to write")
    parser.add_argument("--output", type=Path, required=True, help="duplicates.csv to write")
    arguments = parser.parse_args()
    folder = make_folder(arguments.output.parent)
    with tempfile.TemporaryDirectory(prefix=".duplicates", dir=folder) as temporary:
        prints = write_fingerprints(arguments.frames, Path(temporary, "fingerprints"), max(1, arguments.jobs))
        compared = len(set(prints.videos))
        not_compared = len(prints.not_compared)
        print(f"{compared} videos, {prints.start[-1]} images compared", flush=True)
        print(
            f"{not_compared} of {compared + not_compared} videos could not be compared: {_count_reasons(prints)}",
            flush=True,
        )
        pairs = _merge(identical_pairs(arguments.frames), find_pairs(prints, max(1, arguments.jobs)))
    if arguments.not_compared:
        write_not_compared(arguments.not_compared, prints.not_compared)
    write_pairs(arguments.output, pairs)
    print(f"{len(pairs)} pairs of videos show the same recording", flush=True)


def _count_reasons(prints: Fingerprints) -> str:
    counts = Counter(reason for _, reason in prints.not_compared)
    return ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items())) or "none"


def _merge(identical: list[Pair], similar: list[Pair]) -> list[Pair]:
    """Join both lists; a pair of identical videos is dropped from `similar`, where it may be mirrored or shifted."""
    known = {(pair.video_a, pair.video_b) for pair in identical}
    return identical + [pair for pair in similar if (pair.video_a, pair.video_b) not in known]


def find_pairs(prints: Fingerprints, jobs: int) -> list[Pair]:
    """Return all pairs that show the same recording; one that matches both ways counts as not mirrored."""
    if not prints.videos:
        return []
    likely = find_candidates(prints, jobs)
    print(f"{len(likely)} pairs to align", flush=True)
    best: dict[tuple[str, str], Pair] = {}
    with process_pool(jobs) as pool:
        tasks = ((prints, likely[start : start + PAIRS_PER_TASK]) for start in range(0, len(likely), PAIRS_PER_TASK))
        for pairs in pool.map(_align, tasks):
            for pair in pairs:
                if pair.video_a == pair.video_b:  # two planes of one video
                    continue
                best.setdefault((pair.video_a, pair.video_b), pair)
                if pair.similarity > best[pair.video_a, pair.video_b].similarity:
                    best[pair.video_a, pair.video_b] = pair
    return list(best.values())


@dataclass(frozen=True)
class Shown:
    """What a video shows, mirrored or not, prepared for alignment when it is needed."""

    images: np.ndarray  # (T, PIXELS) uint8
    pieces: np.ndarray  # (P, FINE, FINE) uint8
    step: float  # seconds between two images

    @classmethod
    def of(cls, prints: Fingerprints, video: int, step: float, flipped: bool) -> "Shown":
        """Read the fingerprint of a video."""
        images, pieces = prints.images(video), prints.pieces(video)
        if flipped:
            images = images.reshape(-1, SIDE, SIDE)[:, :, ::-1].reshape(images.shape)
            pieces = pieces[:, :, ::-1]
        return cls(images, pieces, step)

    @cached_property
    def moments(self) -> Moments:
        """Descriptions of its moments."""
        return Moments.of(self.images, self.step)

    @cached_property
    def track(self) -> Track:
        """Its images, prepared."""
        return Track.of(self.images, self.step)


def _align(task: tuple[Fingerprints, list[tuple[int, int, bool]]]) -> list[Pair]:
    prints, likely = task
    read = cache(partial(Shown.of, prints))  # a video has many pairs, which follow each other
    pairs = []
    for a, b, flipped in likely:
        step_a, step_b = prints.steps(a, b)
        best = align(read(a, step_a, False), read(b, step_b, flipped))
        if best:
            pairs.append(_make_pair(prints, a, b, flipped, best))
    return pairs


def align(a: Shown, b: Shown) -> Match | None:
    """Return the best alignment of two videos; None if they are no copies."""
    if len(a.pieces) and len(b.pieces):
        shared = stillness.compare(Still.of(a.images, a.pieces, a.step), Still.of(b.images, b.pieces, b.step))
        return shared and Match(*shared)
    matches = [match(a.track, b.track, offset) for offset in likely_offsets(a.moments, b.moments)]
    return max(filter(None, matches), key=lambda best: best.similarity, default=None)


def _make_pair(prints: Fingerprints, a: int, b: int, flipped: bool, best: Match) -> Pair:
    """Return the pair with its names in order, which in a store of several shards is not that of their numbers."""
    first, second = prints.videos[a], prints.videos[b]
    offset = best.offset
    if first > second:
        first, second, offset = second, first, -offset
    return Pair(first, second, flipped, offset, best.overlap, best.similarity)


if __name__ == "__main__":
    cli.run(main)
