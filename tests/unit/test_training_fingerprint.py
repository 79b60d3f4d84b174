"""Which trainings may go on from a checkpoint."""

from argparse import Namespace
from pathlib import Path
from types import SimpleNamespace

import pytest
import tiny
import train_model
from train_model import fingerprint

from vidbench import configuration
from vidbench.source_files import code_digests


@pytest.fixture
def arguments(tmp_path: Path) -> Namespace:
    for name in ("videos.csv", "split.csv"):
        (tmp_path / name).write_text("video,subset\n")
    config = configuration.expand(tiny.config())
    options = configuration.model_options(config, "motion", "cnn3d")
    return Namespace(videos=tmp_path / "videos.csv", split=tmp_path / "split.csv", options=options)


def digest_of(arguments: Namespace, device: dict[str, str], num_frames: int = 8) -> str:
    video = {"crc32": 1}
    record = {"options": arguments.options, "device": device, "versions": {"torch": "2.15.0"}}
    stored = type("Video", (dict,), {"num_frames": num_frames})(video)
    return fingerprint(record, SimpleNamespace(store=SimpleNamespace(videos={"a": stored})), arguments)


def test_another_model_of_gpu_goes_on_but_a_cpu_starts_over(arguments: Namespace) -> None:
    first = digest_of(arguments, {"type": "cuda", "name": "NVIDIA A100"})
    assert digest_of(arguments, {"type": "cuda", "name": "NVIDIA H100"}) == first
    assert digest_of(arguments, {"type": "cpu", "name": "a processor"}) != first


def test_other_data_start_over(arguments: Namespace) -> None:
    device = {"type": "cpu", "name": "a processor"}
    first = digest_of(arguments, device)
    assert digest_of(arguments, device, num_frames=9) != first
    arguments.split.write_text("video,subset\na,train\n")
    assert digest_of(arguments, device) != first


def test_an_edit_of_any_file_starts_over(arguments: Namespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of one of several files of the same name, as vidbench/clips.py and vidbench/features/clips.py."""
    device = {"type": "cpu", "name": "a processor"}
    digests = code_digests("train_model.py", "vidbench.models.cnn3d")
    names = [line.split()[0].rpartition("/")[2] for line in digests]
    assert len(set(names)) < len(names)
    seen = {digest_of(arguments, device)}
    for number, line in enumerate(digests):
        edited = [*digests[:number], f"{line}0", *digests[number + 1 :]]
        monkeypatch.setattr(train_model, "code_digests", lambda *_, lines=edited: lines)
        seen.add(digest_of(arguments, device))
    assert len(seen) == len(digests) + 1
