"""When each frame of a video is shown: ffmpeg's time stamps, and their repair where they cannot be right.

1. Where all but a few stamps rise (at most MAX_STRAY of them do not), the others are put evenly between their
   neighbours: single glitches.
2. Where more do not rise, a step back of more than MAX_STEP_BACK is a new beginning, as in recordings that were joined:
   what follows continues one usual step after what was before. Between such steps, the stamps are sorted: the frames
   come in the order in which they are shown, so only their stamps can be in disorder.
3. Frames with the same stamp, or none, are spread evenly up to the next one.
A gap stays a gap, and an implausible rate stays that rate, because nothing in the file says what would be right; the
notes report both.
"""

from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

import numpy as np

MAX_FPS = 480.0  # above this, a header's frame rate is more likely a time base than a rate
TICKS = 10**9  # per second: ffmpeg is asked for stamps in this time base
MAX_STRAY = 0.1  # share of stamps
MAX_STEP_BACK = 1.0  # seconds, and at least RARE usual steps
MIN_GAP = 5.0  # seconds, and at least RARE usual steps: a longer step is noted, and `fps` shortens it to that
RARE = 20
ASSUMED_FPS = 25.0  # where neither stamps nor header tell


@dataclass(frozen=True)
class FrameTimes:
    """The times of a video's decoded frames."""

    seconds: np.ndarray  # (T,) float32 from the first frame, strictly rising
    step: float = 0.0  # seconds that a frame is usually shown; 0 without frames
    rate: float = 0.0  # frames per second, gaps apart; 0 with fewer than two frames
    has_gaps: bool = False  # some step is longer than longest_step()
    notes: tuple[str, ...] = ()  # what is odd about the stamps


def longest_step(usual: float) -> float:
    """Return the seconds above which a step is a gap, where the usual step is `usual`."""
    return max(MIN_GAP, RARE * usual)


def longest_step_back(usual: float) -> float:
    """Return the seconds above which a step back is a new beginning, where the usual step is `usual`."""
    return max(MAX_STEP_BACK, RARE * usual)


def usual_step(fps: float) -> float:
    """Return the seconds from one frame to the next by a header's rate, or by ASSUMED_FPS if that cannot be right."""
    return 1 / (fps if 0 < fps <= MAX_FPS else ASSUMED_FPS)


def read_stamps(path: Path) -> np.ndarray:
    """Read the stamps that ffmpeg's metadata filter printed, in seconds: (T,) float64, nan where a frame has none."""
    stamps = []
    with open(path, encoding="ascii") as file:
        for line in file:
            if line.startswith("frame:"):
                pts = line.split("pts:", 1)[1].split(maxsplit=1)[0]
                stamps.append(float("nan") if pts == "NOPTS" else int(pts) / TICKS)
    return np.array(stamps, np.float64)


def repair(stamps: np.ndarray, header_fps: float = 0.0) -> FrameTimes:
    """Return times made of stamps, (T,) float64 with nan for missing ones; by `header_fps` where no stamps rise."""
    if not len(stamps):
        return FrameTimes(np.empty(0, np.float32))
    usual = _usual_step(stamps, header_fps)
    valid = _longest_rising(stamps)
    beginnings = 0
    stray = int(np.isfinite(stamps).sum()) - len(valid)
    if stray > max(1, MAX_STRAY * len(stamps)):
        stamps, beginnings, stray = _put_in_order(stamps, usual)
        valid = np.flatnonzero(np.isfinite(stamps))
    seconds = _interpolate(stamps, valid, usual)
    steps = np.diff(seconds)
    step = float(np.median(steps)) if len(steps) else usual
    short = steps[steps <= longest_step(step)]
    equal = len(valid) - len(np.unique(stamps[valid]))
    return FrameTimes(
        seconds=_make_strictly_rising((seconds - seconds[0]).astype(np.float32)),
        step=step,
        rate=1 / float(short.mean()) if len(short) and short.mean() > 0 else 0.0,
        has_gaps=len(short) < len(steps),
        notes=tuple(_notes(seconds, step, int(np.isnan(stamps).sum()), equal, stray, beginnings)),
    )


def _usual_step(stamps: np.ndarray, header_fps: float) -> float:
    """Return the seconds from one frame to the next: the median of the steps that rise, or the header's."""
    steps = np.diff(stamps)
    steps = steps[steps > 0]
    if len(steps):
        return float(np.median(steps))
    return usual_step(header_fps)


def _longest_rising(stamps: np.ndarray) -> np.ndarray:
    """Return the places of the longest subsequence of stamps that do not fall (patience sorting)."""
    tails: list[float] = []  # the smallest stamp that ends a subsequence of each length
    indices: list[int] = []  # and its index
    before = np.full(len(stamps), -1)
    for index, stamp in enumerate(stamps.tolist()):
        if stamp != stamp:  # nan
            continue
        length = bisect_right(tails, stamp)
        before[index] = indices[length - 1] if length else -1
        tails[length : length + 1] = [stamp]
        indices[length : length + 1] = [index]
    rising: list[int] = []
    index = indices[-1] if indices else -1
    while index >= 0:
        rising.append(index)
        index = before[index]
    return np.array(rising[::-1], np.int64)


def _put_in_order(stamps: np.ndarray, usual: float) -> tuple[np.ndarray, int, int]:
    """Return stamps that rise, how many times they began again, and how many were out of order between that."""
    valid = np.flatnonzero(np.isfinite(stamps))
    steps = np.diff(stamps[valid])
    begin = np.flatnonzero(steps < -longest_step_back(usual)) + 1
    pieces: list[np.ndarray] = []
    stray = 0
    for piece in np.split(stamps[valid], begin):
        stray += len(piece) - len(_longest_rising(piece))
        piece = np.sort(piece)
        pieces.append(piece - piece[0] + pieces[-1][-1] + usual if pieces else piece)
    ordered = stamps.copy()
    ordered[valid] = np.concatenate(pieces)
    return ordered, len(begin), stray


def _interpolate(stamps: np.ndarray, valid: np.ndarray, usual: float) -> np.ndarray:
    """Return (T,) float64 seconds: stamps at the places `valid`, between them evenly, beyond them by usual steps.

    Of frames with the same stamp, the first has it.
    """
    if not len(valid):
        return usual * np.arange(len(stamps))
    _, first = np.unique(stamps[valid], return_index=True)
    places = valid[first]
    numbers = np.arange(len(stamps))
    seconds = np.interp(numbers, places, stamps[places])
    seconds += usual * (np.minimum(numbers - places[0], 0) + np.maximum(numbers - places[-1], 0))
    return seconds


def _make_strictly_rising(seconds: np.ndarray) -> np.ndarray:
    """Move equal neighbours apart by float32's smallest step: after hours, it cannot tell all frames apart."""
    for index in np.flatnonzero(np.diff(seconds) <= 0) + 1:
        while index < len(seconds) and seconds[index] <= seconds[index - 1]:
            seconds[index] = np.nextafter(seconds[index - 1], np.float32(np.inf))
            index += 1
    return seconds


def _notes(seconds: np.ndarray, step: float, missing: int, equal: int, stray: int, beginnings: int) -> list[str]:
    counts = {
        "frames without a time stamp": missing,
        "frames with the time stamp of the one before": equal,
        "frames out of order by their time stamps": stray,
        "time stamps that begin again": beginnings,
    }
    notes = [f"{words}: {count}" for words, count in counts.items() if count]
    steps = np.diff(seconds)
    if len(gaps := np.flatnonzero(steps > longest_step(step))):
        longest = gaps[steps[gaps].argmax()]
        more = f" and {len(gaps) - 1} more" if len(gaps) > 1 else ""
        notes.append(f"a gap of {steps[longest]:.4g} s in the time stamps at {seconds[longest]:.4g} s{more}")
    if len(steps) and steps.mean() < 1 / MAX_FPS:
        notes.append(f"{1 / steps.mean():.4g} frames per second by its time stamps")
    return notes
