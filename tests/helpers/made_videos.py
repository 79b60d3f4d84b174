"""Videos made frame by frame, each frame with a time stamp of its own: what phones, browsers and cameras write.

A frame shows its number, so that a lost or exchanged one is seen.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np

HEIGHT, WIDTH = 48, 64
OPTIONS = {
    "libx264": {"preset": "ultrafast", "crf": "12", "bf": "0", "threads": "1"},
    "libvpx": {"deadline": "good", "cpu-used": "5", "crf": "8", "b": "2M", "threads": "1"},
    "mpeg4": {"qscale": "2", "bf": "0"},
    "mjpeg": {"qscale": "2"},
}


def picture(number: int) -> np.ndarray:
    """(HEIGHT, WIDTH, 3) uint8: the number in twelve squares, black or white, above a bar that moves."""
    frame = np.full((HEIGHT, WIDTH, 3), 96, np.uint8)
    for bit in range(12):
        row, column = divmod(bit, 6)
        frame[12 * row : 12 * row + 12, 10 * column : 10 * column + 10] = 230 if number >> bit & 1 else 20
    left = 3 * number % (WIDTH - 8)
    frame[28:44, left : left + 8] = (200, 60, 160)
    return frame


def write_video(
    path: Path,
    seconds: Sequence[float],
    *,
    codec: str = "libx264",
    ticks: int = 90_000,
    rate: Fraction | int = 30,
    container: dict[str, str] | None = None,
) -> Path:
    """Write a video whose frame i has the stamp seconds[i], in a time base of 1/ticks s, in any order.

    `rate`: what the encoder is told; `container`: options of the muxer. A file's stamps are those of the *packets*,
    which only have to be decoded in order, so they need not rise.
    """
    import av

    stamps = [round(second * ticks) for second in seconds]
    with av.open(str(path), "w", options=container or {}) as file:
        stream = file.add_stream(codec, rate=rate, options=dict(OPTIONS[codec]))
        stream.width, stream.height = WIDTH, HEIGHT
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.time_base = stream.time_base = Fraction(1, ticks)
        packets = []
        for number in range(len(stamps)):
            frame = av.VideoFrame.from_ndarray(picture(number), "rgb24").reformat(format=stream.pix_fmt)
            frame.pts, frame.time_base = number * max(1, ticks // int(rate)), Fraction(1, ticks)
            packets += stream.encode(frame)
        packets += stream.encode(None)
        order = [number * max(1, ticks // int(rate)) for number in range(len(stamps))]  # in which packets are decoded
        rising = all(later > earlier for earlier, later in pairwise(stamps))
        late = max(number - stamp for number, stamp in zip(order, stamps, strict=True))  # none is shown before that
        for packet, stamp, number in zip(packets, stamps, order, strict=True):
            packet.time_base = Fraction(1, ticks)
            packet.pts, packet.dts = (stamp, stamp) if rising else (stamp + max(late, 0), number)
            file.mux(packet)
    return path


def decoded(path: Path | str) -> tuple[np.ndarray, list[float | None]]:
    """Another decoder's word: all frames (T, H, W, 3) uint8, neither turned nor scaled, and the time of each."""
    import av

    frames, times = [], []
    with av.open(f"file:{path}") as container:
        for frame in container.decode(container.streams.best("video")):
            frames.append(frame.to_ndarray(format="rgb24"))
            times.append(frame.time)
    return np.stack(frames), times
