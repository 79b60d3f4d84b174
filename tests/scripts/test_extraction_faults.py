"""extract_frames.py under kills, full disks, read-only folders, flipped bytes and very long videos."""

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import h5py
import numpy as np
import pytest
import tiny
from conftest import PROJECT, run_script
from PIL import Image

from vidbench.frames import ffmpeg

OPTIONS = {"kind": "motion", "motion": tiny.MOTION | {"frames": 40, "size": 96}}
KILLS = 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """54 videos."""
    folder = tmp_path_factory.mktemp("faults")
    options = ("--options", json.dumps(OPTIONS), "--folder", "videos", "--output", "source.json")
    run_script("download_data.py", *options, cwd=folder)
    return folder


def arguments(output: Path | str, codec: str = "jpeg", options: str = json.dumps(OPTIONS)) -> list[str]:
    frames = {"size": [64, 64], "fps": None, "codec": codec, "quality": 2}
    return [
        *("--options", options, "--frames", json.dumps(frames), "--folder", "videos"),
        *("--shard", "0", "--shards", "1", "--jobs", "2", "--output", str(output)),
    ]


def content(shard: Path | str, cwd: Path) -> str:
    """What the verifying script prints of a shard."""
    last = run_script("inspect_store.py", "--frames", shard, "--verify", cwd=cwd).stdout.splitlines()[-1]
    assert ": whole, content " in last
    return last.split()[-1]


@pytest.mark.slow
@pytest.mark.parametrize("codec", ["jpeg", "raw"])
def test_kills_at_any_moment_leave_nothing_half_done(folder: Path, codec: str) -> None:
    script, start = PROJECT / "scripts" / "extract_frames.py", time.monotonic()
    subprocess.run([sys.executable, script, *arguments("whole.h5", codec)], cwd=folder, check=True)
    seconds, expected = time.monotonic() - start, content("whole.h5", folder)
    draw, output, kills = random.Random(1), folder / f"killed_{codec}.h5", 0
    while kills < KILLS // 2:
        command = [sys.executable, script, *arguments(output, codec)]
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
        time.sleep(draw.uniform(0.1, 1) * seconds)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += process.wait() == -signal.SIGKILL
        assert not output.exists() or content(output, folder) == expected, kills
        run_script("extract_frames.py", *arguments(output, codec), cwd=folder)
        assert content(output, folder) == expected, kills
        output.unlink()
    assert not list(folder.glob(".*.spool"))


def test_kills_amid_folders_of_images(tmp_path: Path) -> None:
    for video in range(60):
        (tmp_path / f"v{video}").mkdir()
        for number in range(12):
            pixels = np.random.default_rng([video, number]).integers(0, 256, (24, 32, 3), np.uint8)
            Image.fromarray(pixels).save(tmp_path / f"v{video}" / f"{number}.jpg")
    rows = "".join(f"v{video},x\n" for video in range(60))
    (tmp_path / "videos.csv").write_text(f"path,label\n{rows}")
    options = json.dumps({"kind": "csv", "manifest": "videos.csv"})
    run_script("extract_frames.py", *arguments("whole.h5", options=options), cwd=tmp_path)
    command = [sys.executable, PROJECT / "scripts" / "extract_frames.py", *arguments("killed.h5", options=options)]
    kills = 0
    for finished in (1, 20, 40):
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL)
        while len(list(tmp_path.glob(".killed.spool/*.json"))) < finished and process.poll() is None:
            time.sleep(0.005)
        process.kill()
        kills += process.wait() == -signal.SIGKILL
    assert kills
    run_script("extract_frames.py", *arguments("killed.h5", options=options), cwd=tmp_path)
    assert (tmp_path / "killed.h5").read_bytes() == (tmp_path / "whole.h5").read_bytes()
    assert not list(tmp_path.glob(".*.spool"))


def times_written(spool: Path) -> dict[str, int]:
    """When each record was written; some may be removed while this looks."""
    times: dict[str, int] = {}
    for path in spool.glob("*.json"):
        with suppress(FileNotFoundError):
            times[path.name] = path.stat().st_mtime_ns
    return times


def test_kills_lose_little(folder: Path) -> None:
    """What a killed run has decoded is not decoded again."""
    output = folder / "again.h5"
    with subprocess.Popen(
        [sys.executable, PROJECT / "scripts" / "extract_frames.py", *arguments(output)], cwd=folder
    ) as process:
        while len(list(folder.glob(".again.spool/*.json"))) < 10:
            time.sleep(0.01)
        process.kill()
    before = times_written(folder / ".again.spool")
    done = subprocess.Popen([sys.executable, PROJECT / "scripts" / "extract_frames.py", *arguments(output)], cwd=folder)
    kept: set[str] = set()
    while done.poll() is None:
        now = times_written(folder / ".again.spool")
        kept |= {name for name, written in before.items() if now.get(name) == written}
        assert all(now[name] == written for name, written in before.items() if name in now)
        time.sleep(0.01)
    assert kept == set(before)
    assert done.returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 300 kB, which only root can make."""
    disk = tmp_path / "small disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small file system can only be mounted by root")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.mark.parametrize("codec", ["jpeg", "raw"])
def test_a_full_disk_is_one_line_and_the_next_run_goes_on(folder: Path, small_disk: Path, codec: str) -> None:
    output = small_disk / "0.h5"
    done = run_script("extract_frames.py", *arguments(output, codec), cwd=folder, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert str(small_disk) in done.stderr
    assert "cannot be written: No space left on device; free the disk" in done.stderr
    assert not output.exists()
    subprocess.run(["mount", "-o", "remount,size=100m", small_disk], check=True)
    run_script("extract_frames.py", *arguments(output, codec), cwd=folder)
    run_script("extract_frames.py", *arguments("beside.h5", codec), cwd=folder)
    assert content(output, folder) == content("beside.h5", folder)


def test_a_read_only_folder_is_one_line(folder: Path, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    done = run_script("extract_frames.py", *arguments(small_disk / "0.h5"), cwd=folder, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert str(small_disk) in done.stderr
    assert "Read-only file system" in done.stderr


@pytest.mark.parametrize("codec", ["jpeg", "raw"])
def test_a_flipped_byte_is_found_and_named(folder: Path, tmp_path: Path, codec: str) -> None:
    shard = tmp_path / "0.h5"
    run_script("extract_frames.py", *arguments(shard, codec), cwd=folder)
    with h5py.File(shard) as file:
        place = file["frames/data"].id.get_offset() + int(file["frames/offset"][-1]) // 3
    with open(shard, "r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 1]))
    done = run_script("inspect_store.py", "--frames", shard, "--verify", cwd=folder, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"{shard}: damaged: the frames of '" in done.stderr


@pytest.mark.slow
def test_memory_stays_flat_on_an_hour_of_full_hd(tmp_path: Path) -> None:
    """At one frame a second, so that it is made in a minute; long videos have more frames, not larger ones."""
    picture = "testsrc2=size=1920x1080:rate=1:duration=3600"
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "60", "-pix_fmt", "yuv420p"]
    command = [ffmpeg.executable(), "-v", "error", "-f", "lavfi", "-i", picture, *encode, tmp_path / "hour.mp4"]
    subprocess.run(command, check=True)
    (tmp_path / "videos.csv").write_text("path,label\nhour.mp4,x\n")
    options = {"kind": "csv", "manifest": "videos.csv"}
    step = arguments("0.h5", options=json.dumps(options))
    # A process of its own, so that the peaks are those of the step and its ffmpeg.
    peak = (
        "import resource, runpy, sys; sys.argv[0] = sys.argv[1]; del sys.argv[1]\n"
        f"sys.path.insert(0, {str(PROJECT / 'scripts')!r}); runpy.run_path(sys.argv[0], run_name='__main__')\n"
        "own = next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
        "print(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    script = str(PROJECT / "scripts" / "extract_frames.py")
    done = subprocess.run([sys.executable, "-c", peak, script, *step], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    own, children = (int(number) / 1024 for number in done.stdout.split()[-2:])
    print(f"peak memory: step {own:.0f} MB, ffmpeg {children:.0f} MB")
    assert own < 300
    assert children < 300
    text = run_script("inspect_store.py", "--frames", "0.h5", cwd=tmp_path).stdout
    assert "frames: 3600;" in text
