"""Odd and damaged videos, made here, and what the frame store is to hold of each: docs/datasets.md has the table.

What real phones, browsers, recorders and broken downloads make, rebuilt small.
"""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from made_videos import write_video

from vidbench.frames import ffmpeg

STEADY = np.arange(40) / 25
COPY = ("-c", "copy")
RANDOM = np.random.default_rng(0)


@dataclass(frozen=True)
class Case:
    """One video."""

    name: str  # of the file
    oddity: str
    make: Callable[[Path], object]
    frames: int
    status: str = "ok"
    words: str = ""  # in the note, or in the complaint where the status is not ok
    alike: bool = True  # its frames are another decoder's as they are: neither turned nor tone-mapped, not damaged


def run(*arguments: object) -> None:
    """Run ffmpeg."""
    subprocess.run([ffmpeg.executable(), "-nostdin", "-v", "error", "-y", *map(str, arguments)], check=True)


def stamped(seconds: object, **options: object) -> Callable[[Path], object]:
    """Makes a video with these time stamps."""
    return lambda path: write_video(path, list(seconds), **options)


def derived(*arguments: str, source: str = "steady.mp4", before: tuple[str, ...] = ()) -> Callable[[Path], object]:
    """Makes a video from a steady one with options of ffmpeg, `before` those of the input."""

    def make(path: Path) -> None:
        steady = write_video(path.with_name(f"source of {path.name}.mp4"), STEADY, rate=25)
        run(*before, "-i", f"file:{steady}", *arguments, f"file:{path}")
        steady.unlink()

    return make


def with_header_rate(rate: int) -> Callable[[Path], object]:
    """Makes a video whose header and stamps say `rate` frames a second: a raw stream that was given a rate."""

    def make(path: Path) -> None:
        raw = path.with_suffix(".h264")
        derived(*COPY)(raw)
        run("-r", rate, "-i", f"file:{raw}", "-c", "copy", f"file:{path}")
        raw.unlink()

    return make


def joined(path: Path) -> None:
    """Two transport streams, one after the other, the second one larger."""
    first, second = path.with_name("first.ts"), path.with_name("second.ts")
    derived(*COPY)(first)
    derived("-s", "96x72", "-c:v", "libx264", "-preset", "ultrafast", "-threads", "1")(second)
    path.write_bytes(first.read_bytes() + second.read_bytes())
    first.unlink()
    second.unlink()


def cut(make: Callable[[Path], object], share: float) -> Callable[[Path], object]:
    """Makes a video of which only a share of the bytes is there."""

    def make_cut(path: Path) -> None:
        make(path)
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])

    return make_cut


def damaged(path: Path) -> None:
    """A video with zeros in the middle of its frames."""
    derived(*COPY)(path)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 600] = bytes(600)
    path.write_bytes(content)


def cover(path: Path) -> None:
    """Sound with a picture."""
    picture = path.with_suffix(".png")
    run("-f", "lavfi", "-i", "color=red:s=64x48", "-frames:v", 1, f"file:{picture}")
    sound = ("-f", "lavfi", "-i", "sine=d=1", "-i", f"file:{picture}", "-map", "0", "-map", "1")
    run(*sound, "-c:v", "copy", "-disposition:v:0", "attached_pic", f"file:{path}")
    picture.unlink()


def hdr(transfer: str) -> Callable[[Path], object]:
    """Makes the steady video in 10 bits, BT.2020, with another transfer function."""
    linear = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709,zscale=t=linear:npl=100,format=gbrpf32le"
    curve = f"zscale=t={transfer}:p=bt2020:m=bt2020nc:r=tv:npl=100,format=yuv420p10le"
    tags = f"log-level=none:crf=10:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc"
    return derived("-vf", f"{linear},{curve}", "-c:v", "libx265", "-x265-params", tags)


def jittered() -> np.ndarray:
    return np.sort(STEADY + RANDOM.uniform(-0.019, 0.019, len(STEADY)))


GLITCH = np.where(np.arange(250) == 50, 49 / 25 + 0.0008, np.arange(250) / 25)
LATE = [*STEADY[:10], 500.0, *STEADY[11:]]
LIVE = {"codec": "libvpx", "ticks": 1000, "container": {"live": "1"}}
MS = {"ticks": 1000}
CASES = [
    Case("steady.mp4", "nothing", derived(*COPY), 40),
    Case("jitter.mp4", "a phone's frame rate", stamped(jittered()), 40),
    Case("webcam.webm", "a browser's recording: no rate, no duration", stamped(STEADY, **LIVE), 40),
    Case("glitch.mp4", "one frame 0.8 ms after the one before", stamped(GLITCH, rate=25), 250),
    Case("slow.mp4", "one frame every two seconds", stamped(STEADY[:8] * 50), 8),
    Case("rate1000.mkv", "the header says 1,000 frames per second", with_header_rate(1000), 40, words="1000 frames"),
    Case("rate90000.mkv", "the header says 90,000", with_header_rate(90_000), 40, words="the header says"),
    Case("twins.mkv", "each time stamp twice", stamped(np.repeat(STEADY[:20], 2), **MS), 40, words="one before: 20"),
    Case("zero.mkv", "all time stamps 0", stamped(np.zeros(20), **MS), 20, words="one before: 19"),
    Case("back.mkv", "one time stamp steps back", stamped([*STEADY[:10], 0.3, *STEADY[11:]], **MS), 40,
         words="out of order by their time stamps: 1"),
    Case("late.mkv", "one time stamp far too late", stamped(LATE, **MS), 40, words="out of order"),
    Case("disorder.mkv", "time stamps in disorder", stamped(STEADY + RANDOM.uniform(-0.1, 0.1, 40), **MS), 40,
         words="out of order"),
    Case("again.mkv", "time stamps begin again", stamped([*STEADY * 2, *STEADY * 2], **MS), 80, words="begin again: 1"),
    Case("gap.webm", "nothing for ten minutes", stamped(STEADY + 600 * (STEADY > 0.8), codec="libvpx", **MS), 40,
         words="a gap of 600 s"),
    Case("joined.ts", "two recordings of different size joined", joined, 80, alike=False),
    Case("motion.avi", "JPEG frames", stamped(STEADY, codec="mjpeg", ticks=25, rate=25), 40),
    Case("turned.mp4", "turned by 90 degrees", derived(*COPY, before=("-display_rotation", "90")), 40, alike=False),
    Case("mirrored.mp4", "mirrored", derived(*COPY, before=("-display_hflip",)), 40, words="mirrored", alike=False),
    Case("upside_down.mp4", "top and bottom exchanged", derived(*COPY, before=("-display_vflip",)), 40,
         words="mirrored", alike=False),
    Case("aslant.mp4", "turned by 30 degrees", derived(*COPY, before=("-display_rotation", "30")), 40,
         words="turned by 30 degrees", alike=False),
    Case("hlg.mp4", "HDR: HLG, as iPhones record", hdr("arib-std-b67"), 40, words="tone-mapped", alike=False),
    Case("pq.mp4", "HDR: PQ, as Android phones record", hdr("smpte2084"), 40, words="tone-mapped", alike=False),
    Case("gray16.mkv", "16 bits per channel", derived("-pix_fmt", "gray16le", "-c:v", "ffv1"), 40, words="65535 is"),
    Case("2026-11-29T10:15:32.mp4", "a name with colons", derived(*COPY), 40),
    Case("100%d {a} [b];'c',\"d\".mp4", "a name with signs", derived(*COPY), 40),
    Case("song.mp3", "sound with a cover picture", cover, 0, "failed", "only a cover picture"),
    Case("empty.gif", "a header and no frame", lambda path: path.write_bytes(b"GIF89a\x10\0\x10\0\0\0\0;"), 0, "failed",
         "no frame that can be decoded"),
    Case("text.wmv", "text", lambda path: path.write_bytes(b"no video" * 99), 0, "failed", "cannot be opened"),
    Case("half.webm", "the second half is missing", cut(stamped(STEADY, codec="libvpx", ticks=1000), 0.5), 16,
         "partial", "prematurely"),
    Case("damaged.mp4", "zeros in the middle", damaged, 36, "partial", "h264", alike=False),
]  # fmt: skip
