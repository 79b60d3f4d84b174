"""Modules that start processes, or are about them: kills, forks, locks, limits of open files, peaks of memory."""

import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from conftest import PROJECT
from fault_server import FaultServer
from rar_writer import Entry, folder, write_rar
from rule_objects import rules

from vidbench.download.archives import unpack
from vidbench.download.fetch import Remote, Settings, fetch
from vidbench.frames import ffmpeg, shared_files
from vidbench.frames.extract import extract_shard
from vidbench.frames.store import FrameStore
from vidbench.hdf5 import open_to_write
from vidbench.video import Video


def test_a_lock_is_waited_for_and_freed_when_its_holder_is_killed(tmp_path: Path) -> None:
    hold = (
        f"import sys, time; sys.path.insert(0, {str(PROJECT / 'scripts')!r});"
        "from vidbench.files import exclusive\n"
        "with exclusive(sys.argv[1]): print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", hold, str(tmp_path / "lock")]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert first.stdout.readline() == "held\n"
    second = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert "another process is working here" in second.stdout.readline()
    time.sleep(0.2)
    assert second.poll() is None
    os.kill(first.pid, 9)
    assert second.stdout.readline() == "held\n"
    second.kill()


def test_too_many_open_files_for_real(tmp_path: Path) -> None:
    shard = tmp_path / "0.h5"
    with open_to_write(shard) as file:
        file["frames"] = np.arange(1 << 16)
    code = (
        "import resource, sys\nfrom vidbench.hdf5 import explain_read_errors, open_to_read\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (3, 64))\n"
        "with explain_read_errors(sys.argv[1], 'frame store'), open_to_read(sys.argv[1]): pass"
    )
    environment = os.environ | {"PYTHONPATH": str(PROJECT / "scripts")}
    done = subprocess.run([sys.executable, "-c", code, shard], env=environment, capture_output=True, text=True)
    assert "0.h5: cannot be read: Too many open files" in done.stderr


PEAKS = """
import torch
from vidbench.compute import memory
cpu = torch.device("cpu")
held = torch.ones(50_000_000)  # 200 MB
before = memory.peak_mb(cpu)
del held
memory.reset_peak(cpu)
low = memory.peak_mb(cpu)
assert torch.ones(50_000_000).any()
print(before, low, memory.peak_mb(cpu), memory.kind(cpu))
"""


def test_the_peak_is_of_memory_that_was_held_since_the_reset() -> None:
    """In a process of its own: in a large one the system may take pages away meanwhile."""
    command = [sys.executable, "-c", PEAKS]
    text = subprocess.run(command, check=True, capture_output=True, text=True, cwd=PROJECT / "scripts").stdout
    before, low, again, kind = text.split()
    assert float(before) > float(low) + 90
    assert float(again) > float(low) + 90
    assert kind == "process"


def test_a_killed_download_resumes_and_sends_no_byte_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    data, path = random.Random(1).randbytes(400_000), tmp_path / "here" / "name"
    code = (
        f"import sys; sys.path.insert(0, {str(PROJECT / 'scripts')!r})\n"
        "from pathlib import Path; from vidbench.download.fetch import *\n"
        "fetch(Remote('x', (sys.argv[1],)), Path(sys.argv[2]), Settings(), lambda *n: print(*n, flush=True), print)"
    )
    with FaultServer({"name": data}, pause=0.02) as server:
        command = [sys.executable, "-c", code, server.url("name"), str(path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        for line in process.stdout:
            done, total = line.split()
            assert total == str(len(data))
            if int(done) > 100_000:
                break
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        here = (tmp_path / "here" / ".name.part").stat().st_size
        assert 0 < here < len(data)
        assert not path.exists()
        server.pause = 0
        fetch(Remote("x", (server.url("name"),)), path, Settings(), lambda *_: None, lambda _: None)
        assert path.read_bytes() == data
        assert os.listdir(path.parent) == ["name"]
        again = server.requests[-1]
        assert (again.range, again.if_range, again.status) == (f"bytes={here}-", '"version-0"', 206)
        assert again.sent == len(data) - here
        assert len(server.requests) == 2


def test_a_killed_unpacking_leaves_no_folder_and_can_be_repeated(tmp_path: Path) -> None:
    archive, out = tmp_path / "made.rar", tmp_path / "out"
    write_rar(archive, [Entry("a/x.avi", b"1" * 300), Entry("y.txt", b""), folder("empty")])
    code = (
        "import os, signal, sys; sys.path.insert(0, sys.argv[1]); from vidbench.download.archives import unpack\n"
        "os.replace = lambda *_paths: (print('written', flush=True), signal.pause())\n"
        "unpack.unpack(sys.argv[2], sys.argv[3])"
    )
    command = [sys.executable, "-c", code, PROJECT / "scripts", archive, out]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "written\n"
        process.send_signal(signal.SIGKILL)
    assert not out.exists()
    (tmp_path / ".out.unpacking" / "leftover").write_text("")
    assert unpack.unpack(archive, out) == 2
    assert sorted(str(path.relative_to(out)) for path in out.rglob("*")) == ["a", "a/x.avi", "empty", "y.txt"]
    assert ((out / "a/x.avi").read_bytes(), (out / "y.txt").read_bytes()) == (b"1" * 300, b"")
    assert sorted(os.listdir(tmp_path)) == ["made.rar", "out"]


def fork(function: Callable[[], None]) -> int:
    """Call a function in a forked process; return its exit code."""
    process = multiprocessing.get_context("fork").Process(target=function)
    process.start()
    process.join()
    return process.exitcode


def test_a_run_that_is_killed_while_it_shares_leaves_its_own_file(tmp_path: Path) -> None:
    output, entry = tmp_path / "out.h5", tmp_path / "shared" / "name.h5"
    output.write_bytes(b"content")

    def killed_while_copying() -> None:
        def copy(source: Path, target: Path) -> None:
            target.write_bytes(b"con")
            os.kill(os.getpid(), signal.SIGKILL)

        shutil.copyfile = copy
        shared_files.share(output, entry)

    assert fork(killed_while_copying) == -signal.SIGKILL
    assert not list((tmp_path / "shared").glob("*.h5"))
    assert output.read_bytes() == b"content"
    shared_files.share(output, entry)
    assert output.is_symlink()
    assert output.read_bytes() == entry.read_bytes() == b"content"


def test_a_forked_process_opens_a_store_itself(tmp_path: Path) -> None:
    """HDF5 handles that cross a fork share one file position: reads would silently be wrong."""
    videos = [Video(str(number), str(tmp_path / f"{number}.mp4"), "label", str(number)) for number in range(4)]
    for number, video in enumerate(videos):
        frames = np.random.default_rng(number).integers(0, 256, (10, 24, 32, 3), np.uint8)
        ffmpeg.encode_h264(frames, video.path, fps=10)
    recipe = ffmpeg.Recipe(size=(24, 32), fps=None, codec="raw", quality=2)
    extract_shard(videos, recipe, tmp_path / "0.h5", tmp_path / "spool", 2, None, lambda video, status: None)
    store = FrameStore(tmp_path)
    expected = {video.id: store.read(video.id).tobytes() for video in videos}
    with multiprocessing.get_context("fork").Pool(3) as pool:
        for video, frames in pool.imap_unordered(partial(read_bytes, store), [*expected] * 50):
            assert frames == expected[video]


def read_bytes(store: FrameStore, video: str) -> tuple[str, bytes]:
    return video, store.read(video).tobytes()


def test_the_commit_is_that_of_a_repository_of_the_workflows_own(tmp_path: Path) -> None:
    report = rules().report

    def argument(folder: Path) -> list[str]:
        paths = replace(report.files.paths, project=folder)
        return replace(report, files=replace(report.files, paths=paths)).commit_argument(None, 1)

    assert argument(tmp_path) == []
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner/file").touch()
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *words], check=True)
    flag, commit = argument(tmp_path)
    assert (flag, len(commit)) == ("--commit", 12)
    (tmp_path / "inner/file").write_text("changed")
    assert argument(tmp_path) == ["--commit", f"{commit}, with changes"]
    assert argument(tmp_path / "inner") == []
    (tmp_path / "inner/COMMIT").write_text("0123456789abcdef0123 v1.2.3\n")  # as a module's tag is unpacked
    assert argument(tmp_path / "inner") == ["--commit", "0123456789ab"]
