"""Show what a frame store holds, and check that it is whole.

Example:
    python scripts/inspect_store.py --frames results/motion/frames
    python scripts/inspect_store.py --frames results/motion/frames --verify
    python scripts/inspect_store.py --frames results/motion/frames --video left_s000 --clip 8 --output left.png

Without --video: numbers of videos and frames, sizes and the recipe. --verify reads everything, compares each video with
its checksum and prints one digest of the content per shard: equal for equal content. With --video: a picture of the
frames that a model would get of it.
"""

from collections import Counter
from pathlib import Path

import numpy as np

from vidbench import cli
from vidbench.clips.sampling import fill_spacing, view_indices
from vidbench.errors import UserError
from vidbench.files import atomic_path
from vidbench.frames.store import FrameStore, find_shards, verify
from vidbench.models.options import ClipOptions

COLUMNS = 8  # frames in a row of the contact sheet


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--frames", type=Path, nargs="+", required=True, help="the store's folder, or its shards")
    parser.add_argument("--verify", action="store_true", help="check every byte")
    parser.add_argument("--video", default=None, help="video to draw")
    parser.add_argument("--clip", type=int, default=16, help="frames of the clip to draw")
    parser.add_argument("--sampling", choices=["uniform", "dense"], default="uniform", help="as `clip.sampling`")
    parser.add_argument("--step", type=int, default=None, help="as `clip.step`")
    parser.add_argument("--rate", type=float, default=None, help="as `clip.rate`")
    parser.add_argument("--output", type=Path, default=None, help="PNG to write")
    arguments = parser.parse_args()
    shards = find_shards(arguments.frames)
    store = FrameStore(shards)
    if arguments.video is not None:
        if arguments.output is None:
            raise UserError("--video needs --output, the PNG to write")
        clip = fill_spacing(
            ClipOptions(
                frames=arguments.clip, sampling=arguments.sampling, step=arguments.step, rate=arguments.rate, views=1
            )
        )
        draw(store, arguments.video, clip, arguments.output)
        return
    print(describe(store, shards))
    if arguments.verify:
        for shard in shards:
            print(f"{shard}: whole, content {verify(shard)}")


def describe(store: FrameStore, shards: list[Path]) -> str:
    """Describe the store in a few lines."""
    videos = store.videos.values()
    counts = [video.num_frames for video in videos if video.readable] or [0]
    sizes = Counter(f"{video['height']}x{video['width']}" for video in videos if video.readable)
    states = Counter(video["status"] for video in videos)
    megabytes = sum(shard.stat().st_size for shard in shards) / 1e6
    return "\n".join(
        [
            f"videos: {len(store.videos)} ({', '.join(f'{count} {state}' for state, count in sorted(states.items()))})",
            f"frames: {sum(counts)}; {min(counts)} to {max(counts)} per video, median {int(np.median(counts))}",
            f"height x width: {', '.join(f'{size} ({count})' for size, count in sizes.most_common(5))}",
            f"size: {megabytes:.1f} MB in {len(shards)} shards",
            f"recipe: {store.attributes['recipe']}, ffmpeg {store.attributes['ffmpeg_version']}",
        ]
    )


def draw(store: FrameStore, video: str, clip: ClipOptions, output: Path) -> None:
    """Draw a contact sheet of a video's middle clip as the options `clip` sample it. UserError if it has no frame."""
    from PIL import Image

    if not store.videos[video].readable:
        raise UserError(f"video '{video}' could not be decoded: {store.videos[video]['message']}")
    indices = view_indices(store.videos[video].num_frames, clip, 0, store.times(video))
    frames = store.read(video, indices.tolist())
    length = len(frames)
    rows = -(-length // COLUMNS)
    _, height, width, _ = frames.shape
    sheet = np.full((rows * height, min(length, COLUMNS) * width, 3), 255, np.uint8)
    for index, frame in enumerate(frames):
        top, left = index // COLUMNS * height, index % COLUMNS * width
        sheet[top : top + height, left : left + width] = frame
    with atomic_path(output) as temporary:
        Image.fromarray(sheet).save(temporary, format="PNG")


if __name__ == "__main__":
    cli.run(main)
