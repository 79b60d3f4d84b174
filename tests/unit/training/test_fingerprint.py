"""Which trainings may go on from a checkpoint."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import tiny
import train_model
from train_model import fingerprint

from vidbench.config import schema
from vidbench.workflow.source_files import code_digests

CPU = {"type": "cpu", "name": "a processor"}


@pytest.fixture
def tables(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "videos.csv", tmp_path / "split.csv"]
    for path in paths:
        path.write_text("video,subset\n")
    return paths


def digest_of(tables: list[Path], device: dict[str, str], num_frames: int = 8) -> str:
    options = schema.typed_options(schema.expand(tiny.config()), "motion", "cnn3d")
    record = {"device": device, "versions": {"torch": "2.15.0"}}
    stored = type("Video", (dict,), {"num_frames": num_frames})({"crc32": 1})
    data = SimpleNamespace(store=SimpleNamespace(videos={"a": stored}))
    return fingerprint(record, options, data, tables)


def test_another_model_of_gpu_goes_on_but_a_cpu_starts_over(tables: list[Path]) -> None:
    first = digest_of(tables, {"type": "cuda", "name": "NVIDIA A100"})
    assert digest_of(tables, {"type": "cuda", "name": "NVIDIA H100"}) == first
    assert digest_of(tables, CPU) != first


def test_other_data_start_over(tables: list[Path]) -> None:
    first = digest_of(tables, CPU)
    assert digest_of(tables, CPU, num_frames=9) != first
    tables[1].write_text("video,subset\na,train\n")
    assert digest_of(tables, CPU) != first


def test_an_edit_of_any_file_starts_over(tables: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of one of several files of the same name, as clips/dataset.py and features/dataset.py."""
    digests = code_digests("train_model.py", "vidbench.models.networks.cnn3d")
    names = [line.split()[0].rpartition("/")[2] for line in digests]
    assert len(set(names)) < len(names)
    seen = {digest_of(tables, CPU)}
    for number, line in enumerate(digests):
        edited = [*digests[:number], f"{line}0", *digests[number + 1 :]]
        monkeypatch.setattr(train_model, "code_digests", lambda *_, lines=edited: lines)
        seen.add(digest_of(tables, CPU))
    assert len(seen) == len(digests) + 1
