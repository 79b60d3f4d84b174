"""The example of docs/taking_away.md: an ONNX file gives the project's answers with onnxruntime and numpy alone."""

import re
import subprocess
import sys
from pathlib import Path

import memory_store
import numpy as np
import pytest
from conftest import PROJECT
from saved_models import CNN3D, RECIPE, save_model

import vidbench
from vidbench.export.exporting import ExportOptions, export_model
from vidbench.frames.extract import extract_shard
from vidbench.frames.ffmpeg import encode_h264
from vidbench.frames.store import FrameStore
from vidbench.video import Video

pytest.importorskip("onnxruntime", reason="onnx, onnxscript and onnxruntime are not installed here")
pytest.importorskip("onnxscript", reason="onnx, onnxscript and onnxruntime are not installed here")


def example() -> str:
    """Its code, which ends by saying whether torch was loaded."""
    page = (PROJECT / "docs" / "taking_away.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(import json\n.*?)```", page, re.DOTALL)
    assert len(code.splitlines()) <= 32
    return code + "print(*[name for name in ('torch', 'vidbench', 'scipy') if name in sys.modules])\n"


@pytest.mark.parametrize("sampling", ["uniform", "dense"])
def test_the_example_gives_the_answers_of_the_project(sampling: str, tmp_path: Path) -> None:
    save_model(tmp_path, CNN3D, {"sampling": sampling, "views": 3, "crops": 2})
    path = tmp_path / "video.mp4"
    frames = memory_store.square(memory_store.STEPS["left"], 64, 21, np.random.default_rng(0))
    encode_h264(frames[:, :, :48], path, 25.0)
    model = vidbench.load(tmp_path, device="cpu")
    export_model(model, ExportOptions(tmp_path / "model.onnx", preprocess=True, videos=[str(path)]))
    extract_shard(
        [Video("a", str(path), "", "")], RECIPE, tmp_path / "0.h5", tmp_path / "spool", 1, None, lambda *_: None
    )
    store = FrameStore([tmp_path / "0.h5"])
    np.save(tmp_path / "frames.npy", store.read("a", np.arange(store.videos["a"].num_frames)))
    (tmp_path / "example.py").write_text(example(), encoding="utf-8")
    command = [sys.executable, "example.py", "model.onnx", "frames.npy"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    *lines, loaded = done.stdout.split("\n")[:-1]
    expected = model.classify(path).top(3)
    assert [line.split()[0] for line in lines] == [label for label, _ in expected]
    assert [float(line.split()[1]) for line in lines] == pytest.approx([each for _, each in expected], abs=1e-5)
    assert loaded == ""
