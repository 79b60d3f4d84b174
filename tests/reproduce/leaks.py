"""Plant copies of real videos, look for them, and write what was found: the numbers of docs/leaks.md.

Example:
    PYTHONPATH=scripts:tests:tests/helpers python tests/reproduce/leaks.py docs/leaks.md

Plants on the scenes that were not used to choose thresholds, every second one; the other scenes are searched too. Then
the same with nearly still videos that are made of the first frames of these scenes and of drawn rooms.
"""

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import still_scenes

from vidbench.doctor.duplicates.pairs import Pair, read_pairs
from vidbench.files import read_csv, write_text
from vidbench.frames import ffmpeg
from vidbench.frames.extract import extract_shard
from vidbench.frames.probe import probe
from vidbench.frames.timestamps import MAX_FPS
from vidbench.video import Video

PROJECT = Path(__file__).resolve().parents[2]
GESTURES = PROJECT.parent / "shared" / "data" / "gestures"
JOBS = 2
TAKES, ROOMS = 3, 8  # of every nearly still scene; scenes that are drawn
LEAST = 1.0  # seconds: a copy that is shorter after the cut is not planted
RECIPE = ffmpeg.Recipe(size=128, fps=None, codec="jpeg", quality=2)
FLIP, SMALL, SQUARE = "hflip", "scale=160:120", "scale=200:200,setsar=1"
TEXT = """# Videos that show the same recording

`scripts/find_duplicates.py` compares the content of videos, not their names. To measure it, copies were planted among
{originals} real videos: hands filmed with a camera worn on the head, {scenes} scenes of up to 26 takes, about 3 seconds
each. Thresholds were chosen on every second scene. The copies are of the {used} videos of the other scenes. Copies
shorter than {least:g} second were left out.

| how the copy was made | planted | found |
| --- | ---: | ---: |
{rows}

{pairs} pairs were reported among all {videos} videos, including pairs of two copies of one original. {wrong} of them
show two different recordings; {wrong_originals} of them are two originals.

## Where hardly anything moves

A person sits and breathes in front of a fixed camera: {still_originals} videos of 4.5 seconds at 320x240, {takes} takes
of each of {still_scenes} scenes. The person is drawn; the background is a single frame of a scene above or a drawn
room. In each take the person sits 1.5 to 2.6 pixels elsewhere and breathes differently. Camera noise and slowly
changing light are added. The thresholds of this part were set on these same videos.

| how the copy was made | planted | found |
| --- | ---: | ---: |
{still_rows}

{still_pairs} pairs were reported among these {still_videos} videos, including pairs of two copies of one original.
{still_wrong} of them show two takes.

Here motion is no more than noise, so positions decide. Frames are compared moment by moment and part by part: how far
must a part move to match the other video, and how much of the whole difference do such movements explain? Between two
takes they explain much; of a codec's noise they explain little. Takes are told apart from a shift of about a third of a
cell of a 64 x 64 grid, where there are edges to see it. Videos that differ by less count as one recording; so do two
recordings of one motionless scene. Copies must share nine tenths of the shorter video.

## What is not found

- Not looked for: crops, picture-in-picture, borders around the picture, changed speed.
- Not found: copies that share less than 0.4 seconds or less than half of the shorter video.
- Sometimes missed: copies of less than a second, or with fast movement at under 8 frames a second, or with hardly any
  movement and worse quality than above, e.g. H.264 at crf 44.
- Not compared: videos that show nothing, e.g. only black, or last less than 0.4 seconds. `not_compared.csv` lists them;
  the doctor and the page give their number. Files with the same content are always found, these included.

Times are those of the frames. Where a file's times are wrong (a mean of more than {most:g} frames a second, or 24
frames in less than 0.4 seconds), the rate is taken to be 25, or that of the video that it is compared with. A gap
between two frames of more than a second counts as one second, unless all gaps are about as long.

Made by `make reproduce-leaks` in {minutes:.1f} minutes on {jobs} cores.
"""


@dataclass(frozen=True)
class Kind:
    """A way to make a copy."""

    name: str
    filters: tuple[str, ...] = ()
    codec: tuple[str, ...] = ("libx264", "-crf", "28")
    begin: float = 0.0  # seconds cut off at the start ...
    end: float = 0.0  # ... and at the end
    share: float = 1.0  # of the video, its middle; below 1, instead of these
    half_rate: bool = False

    @property
    def mirrored(self) -> bool:
        return FLIP in self.filters

    def part(self, seconds: float) -> tuple[float, float]:
        """Start and length, in seconds, of what is kept of a video."""
        if self.share < 1:
            return seconds * (1 - self.share) / 2, seconds * self.share
        return self.begin, seconds - self.begin - self.end

    def arguments(self, seconds: float, fps: float) -> list[str]:
        """ffmpeg's, between input and output."""
        start, length = self.part(seconds)
        cut = ["-ss", f"{start:.3f}", "-t", f"{length:.3f}"] if length < seconds else []
        rate = ["-r", f"{fps / 2:.4f}"] if self.half_rate else []
        filters = ["-vf", ",".join(self.filters)] if self.filters else []
        return [*cut, *filters, *rate, "-threads", "1", "-pix_fmt", "yuv420p", "-c:v", *self.codec, "-an"]


X264_38, MPEG4 = ("libx264", "-crf", "38"), ("mpeg4", "-q:v", "20")
KINDS = (
    Kind("encoded again, mpeg4 at quality 20", codec=MPEG4),
    Kind("encoded again, H.264 at crf 38", codec=X264_38),
    Kind("160x120 instead of 320x240", filters=(SMALL,)),
    Kind("200x200: another shape", filters=(SQUARE,)),
    Kind("half the frame rate", half_rate=True),
    Kind("0.5 s cut off at each end", begin=0.5, end=0.5),
    Kind("the middle 60 %", share=0.6),
    Kind("mirrored", filters=(FLIP,)),
    Kind("mirrored, 160x120, cut by 0.24 and 0.46 s, crf 38", (FLIP, SMALL), X264_38, 0.237, 0.463),
    Kind("mirrored, 200x200, middle 60 %, half rate, crf 38", (FLIP, SQUARE), X264_38, share=0.6, half_rate=True),
    Kind("mirrored, 160x120, cut, half rate, mpeg4", (FLIP, SMALL), MPEG4, 0.237, 0.463, half_rate=True),
)


@dataclass(frozen=True)
class Copy:
    """A planted copy."""

    original: Video
    kind: Kind

    @property
    def video(self) -> str:
        return f"copy {KINDS.index(self.kind)} of {self.original.id}"

    def found(self, pairs: Iterable[Pair]) -> bool:
        """Whether `pairs` has it with its original, mirrored or not as it is."""
        names = {self.video, self.original.id}
        return any(names == {pair.video_a, pair.video_b} and pair.mirrored == self.kind.mirrored for pair in pairs)


def main() -> None:
    start = time.monotonic()
    originals = gestures()
    scenes = sorted({video.group for video in originals})
    used = [video for video in originals if video.group in scenes[1::2]]
    with tempfile.TemporaryDirectory(prefix="vidbench") as name:
        folder = Path(name)
        copies, planted = plant(used, folder)
        pairs = search([*originals, *planted], folder)
        still = still_takes(originals, folder / "still")
        still_pairs = search([take.video for take in still], folder / "still")
    wrong = wrong_pairs(pairs, copies)
    still_copies = [take for take in still if take.copying]
    still_found, still_wrong = still_scenes.found_and_wrong(still, still_pairs)
    text = TEXT.format(
        originals=len(originals), scenes=len(scenes), used=len(used), least=LEAST, rows=table(copies, pairs),
        pairs=len(pairs), videos=len(originals) + len(copies), wrong=len(wrong),
        wrong_originals=sum(not {pair.video_a, pair.video_b} & {copy.video for copy in copies} for pair in wrong),
        still_originals=len(still) - len(still_copies), takes=TAKES, still_videos=len(still),
        still_scenes=len({take.video.group for take in still}), still_pairs=len(still_pairs),
        still_wrong=len(still_wrong), still_rows=still_table(still_copies, still_found), most=MAX_FPS,
        minutes=(time.monotonic() - start) / 60, jobs=JOBS,
    )  # fmt: skip
    write_text(sys.argv[1], text)
    print(text)


def gestures(folder: Path = GESTURES) -> list[Video]:
    """The real videos, which lie outside the project."""
    rows = read_csv(folder / "videos.csv")
    return [Video(row["path"], str(folder / row["path"]), row["label"], row["group"]) for row in rows]


def plant(originals: Sequence[Video], folder: Path) -> tuple[list[Copy], list[Video]]:
    """Copies of every kind of every video that is long enough, and the videos that they became."""
    tasks = []
    for number, video in enumerate(originals):
        known = probe(video.path)
        for kind in KINDS:
            if kind.part(known.duration)[1] >= LEAST:
                target = folder / f"{number}_{KINDS.index(kind)}.mp4"
                tasks.append((Copy(video, kind), target, kind.arguments(known.duration, known.source_fps)))
    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(lambda task: encode(task[0].original.path, task[2], task[1]), tasks))
    copies = [copy for copy, _, _ in tasks]
    return copies, [Video(copy.video, str(target), copy.original.label, "copies") for copy, target, _ in tasks]


def still_takes(originals: Sequence[Video], folder: Path) -> list[still_scenes.Take]:
    """Nearly still videos of every second scene of the real ones and of drawn rooms, and copies of them."""
    folder.mkdir()
    scenes, random = {video.group: video for video in originals}, np.random.default_rng(0)
    frames = {name: still_scenes.first_frame(scenes[name].path) for name in sorted(scenes)[1::2]}
    pictures = {name: still_scenes.with_person(frame, random) for name, frame in frames.items()}
    pictures |= {f"room {number}": still_scenes.room(number) for number in range(ROOMS)}
    return still_scenes.plant(pictures, TAKES, folder, JOBS)


def encode(source: str, arguments: Sequence[str], target: Path) -> None:
    """Run ffmpeg."""
    command = [ffmpeg.executable(), "-nostdin", "-v", "error", "-i", f"file:{source}", *arguments, f"file:{target}"]
    subprocess.run(command, check=True)


def search(videos: Sequence[Video], folder: Path) -> list[Pair]:
    """Extract all videos and look for duplicates, as a user would."""
    extract_shard(videos, RECIPE, folder / "0.h5", folder / "spool", JOBS, None, lambda video, status: None)
    output = folder / "duplicates.csv"
    command = [sys.executable, PROJECT / "scripts" / "find_duplicates.py", "--jobs", str(JOBS)]
    subprocess.run([*command, "--frames", folder / "0.h5", "--output", output], check=True)
    return read_pairs(output)


def wrong_pairs(pairs: Iterable[Pair], copies: Iterable[Copy]) -> list[Pair]:
    """Pairs of two recordings."""
    source = {copy.video: copy.original.id for copy in copies}
    return [pair for pair in pairs if source.get(pair.video_a, pair.video_a) != source.get(pair.video_b, pair.video_b)]


def table(copies: Sequence[Copy], pairs: Sequence[Pair]) -> str:
    """A row a kind, and one for all."""
    by_copy: dict[str, list[Pair]] = {}
    for pair in pairs:
        by_copy.setdefault(pair.video_a, []).append(pair)
        by_copy.setdefault(pair.video_b, []).append(pair)
    found = {copy: copy.found(by_copy.get(copy.video, [])) for copy in copies}
    rows = []
    for kind in KINDS:
        results = [is_found for copy, is_found in found.items() if copy.kind == kind]
        rows.append(f"| {kind.name} | {len(results)} | {sum(results)} |")
    return "\n".join([*rows, f"| **all** | {len(found)} | {sum(found.values())} |"])


def still_table(copies: Sequence[still_scenes.Take], found: Sequence[still_scenes.Take]) -> str:
    """A row a way of copying, and one for all."""
    planted, kept = (Counter(copy.copying for copy in some) for some in (copies, found))
    rows = [f"| {way.name} | {planted[way]} | {kept[way]} |" for way in still_scenes.COPYINGS]
    return "\n".join([*rows, f"| **all** | {len(copies)} | {len(found)} |"])


if __name__ == "__main__":
    main()
