"""Peak memory of classify_videos.py on videos of several lengths, window by window, with tables and a figure.

The videos are made of ffmpeg's test pattern, which stops for a second now and then; the model is a small one with
random weights. A JSON line per length: minutes, seconds that it took, windows, MB at most of the script's process,
without the libraries' files (Linux: RssAnon), which come and go with what else the machine does.

Example:
    PYTHONPATH=scripts:tests:tests/helpers python tests/benchmark/long_video.py 3 180
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from saved_models import save_model

from vidbench.frames import ffmpeg

PROJECT = Path(__file__).resolve().parents[2]
FPS = 5
PATTERN = f"testsrc=size=128x96:rate={FPS}:duration={{seconds}}"
STOPS = "select=not(gt(mod(t\\,20)\\,18)),fps={fps}"  # of 20 seconds the last two stand still
WINDOW = 3.0


@dataclass(frozen=True)
class Peak:
    """What was measured on a video."""

    minutes: float
    seconds: float
    windows: int
    peak_mb: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("minutes", type=float, nargs="+")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for minutes in arguments.minutes:
            print(json.dumps(asdict(measure(minutes, Path(folder)))), flush=True)


def measure(minutes: float, folder: Path) -> Peak:
    """Make a video of some minutes in a folder, classify it in a process of its own, and measure that."""
    save_model(folder / "model")
    video = make_video(folder / "long.mp4", 60 * minutes)
    outputs = ["--csv", "w.csv", "--segments", "s.csv", "--json", "a.jsonl", "--plot", "p.png"]
    command = [
        sys.executable, str(PROJECT / "scripts" / "classify_videos.py"), "--model", "model", "--device", "cpu",
        "--strict", "--window", str(WINDOW), *outputs, video.name,
    ]  # fmt: skip
    begin = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, read_memory(process.pid))
        time.sleep(0.05)
    seconds = time.monotonic() - begin
    if process.returncode:
        sys.exit(f"error: classify_videos.py ended with exit code {process.returncode}")
    windows = sum(1 for _ in (folder / "w.csv").open()) - 1
    return Peak(minutes, round(seconds, 1), windows, round(peak, 1))


def read_memory(process: int) -> float:
    """Return the MB that a running process has for itself; 0 where it has just ended."""
    status = Path(f"/proc/{process}/status").read_text()
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("RssAnon")), 0.0)


def make_video(path: Path, seconds: float) -> Path:
    """Write a video that moves and rests in turn, with few key frames."""
    source = f"{PATTERN.format(seconds=seconds)},{STOPS.format(fps=FPS)}"
    settings = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "1000", "-pix_fmt", "yuv420p"]
    command = [ffmpeg.executable(), "-v", "error", "-y", "-f", "lavfi", "-i", source, *settings, str(path)]
    subprocess.run(command, check=True)
    return path


if __name__ == "__main__":
    main()
