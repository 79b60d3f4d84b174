"""Classifying from the shell: mixed good and bad videos, lists, files, exit codes."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import PROJECT, SHARED, run_script
from memory_store import STEPS, square

from vidbench.files import write_json
from vidbench.formatting import counted
from vidbench.frames.ffmpeg import encode_h264
from vidbench.inference.model_file import ModelFile
from vidbench.models.build import build
from vidbench.models.options import ModelOptions
from vidbench.models.weights_file import save_weights

CLASSES = ["down", "left", "right", "up"]
OPTIONS = {
    "architecture": "cnn3d",
    "width": 4,
    "clip": {"frames": 4, "size": [32, 32], "views": 2},
    "training": {"threads": 1},
}
RECIPE = {"size": 40, "fps": None, "codec": "jpeg", "quality": 2, "image_fps": 25.0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model as a run leaves it, and videos beside it, one of them broken."""
    folder = tmp_path_factory.mktemp("classify")
    torch.manual_seed(0)
    model = build(ModelOptions.from_dict(OPTIONS), len(CLASSES))
    frames = {"recipe": json.dumps(RECIPE), "ffmpeg": "n7.1"}
    metadata = {"options": OPTIONS, "classes": CLASSES, "frames": frames}
    save_weights(folder / "model" / "weights.safetensors", model.state_dict(), metadata)
    scores = {"classes": CLASSES, "temperature": 1.0, "calibration_warning": None}
    write_json(folder / "model" / "metrics.json", scores | {"rejection": {"threshold": 0.99, "kept": 0.9}})
    (folder / "videos").mkdir()
    random = np.random.default_rng(0)
    for label in ("left", "up"):
        encode_h264(square(STEPS[label], 48, 10, random), folder / "videos" / f"{label}.mp4", 25.0)
    (folder / "videos" / "text.mp4").write_text("no video")
    return folder


def classify(folder: Path, *arguments: object, check: bool = True) -> subprocess.CompletedProcess:
    return run_script(
        "classify_videos.py", "--model", "model/weights.safetensors", "--device", "cpu", *arguments,
        cwd=folder, check=check,
    )  # fmt: skip


def test_good_and_bad_videos_are_answered_in_order(folder: Path) -> None:
    done = classify(folder, "videos", "gone.mp4", "--csv", "a.csv", "--json", "a.jsonl", "--top", 2, "--unknown")
    lines = done.stdout.splitlines()
    assert len(lines) == 6
    assert [line.split()[0] for line in lines[:2]] == ["answer", "unknown"]
    assert lines[2].startswith("videos/text.mp4: not classified: cannot be opened as a video")
    assert lines[-1].startswith("4 videos: 2 classified, 2 of them unknown, 2 not: videos/text.mp4 (cannot be opened")
    assert lines[-1].endswith("; gone.mp4 (no such file)")
    rows = list(csv.DictReader((folder / "a.csv").open()))
    records = [json.loads(line) for line in (folder / "a.jsonl").read_text().splitlines()]
    names = ["videos/left.mp4", "videos/text.mp4", "videos/up.mp4", "gone.mp4"]
    assert [row["video"] for row in rows] == [record["video"] for record in records] == names
    assert float(rows[0]["p(up)"]) == records[0]["probabilities"]["up"]
    assert records[0]["unknown"] is True


def test_strict_fails_where_a_video_is_bad_and_not_otherwise(folder: Path) -> None:
    assert classify(folder, "videos", "--strict", check=False).returncode == 1
    assert classify(folder, "videos/up.mp4", "--strict").returncode == 0
    assert classify(folder, "gone.mp4").returncode == 0


def test_json_on_standard_output_is_alone_there(folder: Path) -> None:
    done = classify(folder, "videos/up.mp4", "--json", "-", "--views", 1, "--crops", 2, "--batch", 1, "--jobs", 1)
    (line,) = done.stdout.splitlines()
    assert json.loads(line)["status"] == "ok"
    assert "1 video: 1 classified" in done.stderr


def test_a_list_on_standard_input(folder: Path) -> None:
    command = [sys.executable, PROJECT / "scripts/classify_videos.py", "--model", "model", "--device", "cpu", "-"]
    done = subprocess.run(command, cwd=folder, input="videos/up.mp4\n\n", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "1 video: 1 classified"


def test_odd_names_from_a_list_end_in_a_line_each(folder: Path, tmp_path: Path) -> None:
    video = (folder / "videos" / "up.mp4").read_bytes()
    for name in ("-dash.mp4", "quote\"'$(x).mp4", "動画.mp4", "new\nline.mp4", "#1.mp4"):
        (tmp_path / "v" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "v" / name).write_bytes(video)
    (tmp_path / "v" / "zero.mp4").touch()
    os.mkfifo(tmp_path / "v" / "pipe.mp4")
    (tmp_path / "v" / "circle").symlink_to(".")
    (tmp_path / "empty").mkdir()
    listed = (
        "\ufeffv\r\n# comment\r\n\r\n-gone.mp4\r\nempty\r\nhttp://127.0.0.1:1/x.mp4\r\n".encode() + b"v/\xff.mp4\r\n"
    )
    command = [sys.executable, PROJECT / "scripts/classify_videos.py", "--model", folder / "model", "--device", "cpu"]
    done = subprocess.run([*command, "-", "--strict", "--json", "a"], cwd=tmp_path, input=listed, capture_output=True)
    assert done.returncode == 1, "strict"
    lines = done.stdout.decode().splitlines()
    assert len(lines) == 1 + 11 + 1, "the heading, a line per video, the last line"
    assert lines[-1].startswith("11 videos: 5 classified, 6 not: v/pipe.mp4 (is no file); v/zero.mp4 (cannot be opened")
    assert all(
        f"; {name} (" in lines[-1] for name in ("-gone.mp4", "empty", "http://127.0.0.1:1/x.mp4", "v/\\udcff.mp4")
    )
    assert b"Traceback" not in done.stderr
    records = [json.loads(line) for line in (tmp_path / "a").read_text().splitlines()]
    assert {row["video"] for row in records if row["status"] == "ok"} == {
        "v/-dash.mp4", "v/quote\"'$(x).mp4", "v/動画.mp4", "v/new\nline.mp4", "v/#1.mp4",
    }  # fmt: skip


def test_a_reader_that_stops_and_a_closed_input_are_no_errors(folder: Path) -> None:
    script = f"{sys.executable} {PROJECT}/scripts/classify_videos.py --model model --device cpu"
    shell = f"yes videos/up.mp4 | head -50 | {script} - | head -1; {script} - <&-"
    done = subprocess.run(["bash", "-c", shell], cwd=folder, capture_output=True, text=True)
    warning = "WARNING"  # of the calibration
    assert [line for line in done.stderr.splitlines() if not line.startswith(warning)] == []
    assert done.stdout.splitlines()[-1] == "0 videos: nothing to classify"


def test_the_commands_of_the_docs_run(folder: Path, tmp_path: Path) -> None:
    """Each block of shell in docs/classifying.md, where its files are."""
    run = tmp_path / "results" / "motion" / "split1" / "cnn3d" / "seed0"
    shutil.copytree(folder / "model", run)
    shutil.copytree(folder / "videos", tmp_path / "my_videos")
    shutil.copy(folder / "videos" / "up.mp4", tmp_path / "long.mp4")
    (tmp_path / "scripts").symlink_to(PROJECT / "scripts")
    blocks = re.findall(
        r"^```\n(python .*?)^```", (PROJECT / "docs/classifying.md").read_text(), re.MULTILINE | re.DOTALL
    )
    assert len(blocks) >= 3
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for block in blocks:
        done = subprocess.run(["bash", "-ec", block], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, block + done.stderr
    assert (tmp_path / "segments.csv").exists()


def test_a_video_at_an_address_is_fetched(folder: Path) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}/videos"
    try:
        done = classify(folder, f"{base}/up.mp4", f"{base}/none.mp4", "--csv", "b.csv")
    finally:
        server.shutdown()
        server.server_close()
    file = list(csv.DictReader((folder / "b.csv").open()))
    assert done.stdout.splitlines()[-1].endswith(f"1 not: {base}/none.mp4 (cannot be fetched: the server answers 404)")
    classify(folder, "videos/up.mp4", "--csv", "c.csv")
    local = list(csv.DictReader((folder / "c.csv").open()))
    assert file[0]["p(up)"] == local[0]["p(up)"]


def test_what_is_missing_is_said_in_a_line(folder: Path, tmp_path: Path) -> None:
    for model, words in (("none.safetensors", "cannot be read"), ("videos/text.mp4", "is no weights file")):
        done = run_script("classify_videos.py", "--model", model, "videos", cwd=folder, check=False)
        assert done.returncode == 1
        assert done.stderr.startswith(f"error: {model}: {words}")
    (tmp_path / "weights.safetensors").write_bytes((folder / "model/weights.safetensors").read_bytes())
    done = run_script("classify_videos.py", "--model", tmp_path, "x.mp4", "--unknown", cwd=folder, check=False)
    assert "no threshold for --unknown is known" in done.stderr
    assert done.returncode == 1


def test_windows_and_segments_over_time(folder: Path) -> None:
    window = ("--window", 0.2, "--stride", 0.1, "--plain-windows", "--csv", "w.csv", "--segments", "s.csv")
    done = classify(folder, "videos", *window, "--threshold", 0)
    rows = list(csv.DictReader((folder / "w.csv").open()))
    assert [row["start"] for row in rows if row["video"] == "videos/up.mp4"] == ["0.000", "0.100", "0.200"]
    segments = list(csv.DictReader((folder / "s.csv").open()))
    assert {row["video"] for row in segments} == {"videos/left.mp4", "videos/up.mp4"}
    assert done.stdout.splitlines()[-1].startswith(
        f"3 videos: {counted(len(segments), 'segment')}, 1 not classified: videos/text"
    )
    refused = classify(folder, "videos", "--segments", "s.csv", check=False)
    assert refused.returncode == 2
    assert "--segments needs --window" in refused.stderr


def test_pictures_of_one_video_over_time(folder: Path) -> None:
    window = ("--window", 0.2, "--threshold", 0, "--json", "-")
    done = classify(folder, "videos/up.mp4", *window, "--plot", "up.svg", "--annotate", "up.mp4")
    assert json.loads(done.stdout)["segments"], "standard output has nothing else"
    assert (folder / "up.svg").read_text().startswith("<?xml")
    assert (folder / "up.mp4").stat().st_size > 1000
    for arguments, words in (
        (("videos", "--plot", "new.png"), "--plot and --annotate are made of one video"),
        (("videos/up.mp4", "--plot", "new.gif"), "new.gif: a figure is one of .png, .svg, .pdf"),
        (("udp://127.0.0.1:1", "--annotate", "new.mp4"), "is a camera or a stream; --annotate copies files"),
        (("videos/up.mp4", "--annotate", "videos/up.mp4"), "videos/up.mp4: is the video itself"),
    ):
        refused = classify(folder, *arguments, "--window", 0.2, check=False)
        assert refused.returncode == 1
        assert words in refused.stderr
    assert not list(folder.glob("new.*"))


def test_a_stream_needs_a_window(folder: Path) -> None:
    done = classify(folder, "rtsp://127.0.0.1:1/x")
    assert done.stdout.splitlines()[-1].endswith("is a camera or a stream without an end; give --window SECONDS)")


def test_a_packed_model_needs_no_folder(folder: Path, tmp_path: Path) -> None:
    run_script("pack_model.py", "--model", folder / "model", "--output", "packed.safetensors", cwd=tmp_path)
    packed = ModelFile.read(tmp_path / "packed.safetensors")
    assert packed.calibration == ModelFile.read(folder / "model").calibration
    again = classify(folder, "videos/up.mp4", "--json", "-").stdout
    arguments = ("--model", tmp_path / "packed.safetensors", "--device", "cpu", "videos/up.mp4", "--json", "-")
    assert run_script("classify_videos.py", *arguments, cwd=folder).stdout == again


@pytest.mark.skipif(not (SHARED / "odd").exists(), reason=f"awkward videos are not here: {SHARED / 'odd'}")
def test_awkward_videos(folder: Path) -> None:
    bad = {"audio_only.mp4", "text_not_video.mp4", "truncated_no_moov.mp4", "zero_bytes.mp4"}
    done = classify(folder, SHARED / "odd", "--csv", "odd.csv")
    rows = {os.path.basename(row["video"]): row for row in csv.DictReader((folder / "odd.csv").open())}
    assert {name for name, row in rows.items() if row["status"] == "failed"} == bad
    assert len(rows) == 18
    assert {name for name, row in rows.items() if row["status"] == "partial"} == {"truncated_half.avi"}
    assert all(name in done.stdout.splitlines()[-1] for name in bad)
