"""How bench-gpu selects, retries, keeps to its time and writes its table; what it measures is for a GPU."""

import argparse
import datetime
import json
import warnings
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import gpu
import gpu_measure
import pytest
import torch
from apart import Budget, Failed
from device_steps import DEFAULT, Steps, as_entry, counted_waits, make_options
from generated_store import endless_split, noise, write_store
from gpu_cases import CASES, CLASSES, TINY_CASES, Case, Stores, TinyCase, stored_size
from gpu_measure import Effort, Fed, Measured, measure
from gpu_table import describe_run, make_table
from page import PAGE, replace_block
from plain_loop import plain_loops

from vidbench.errors import UserError
from vidbench.models import clip_names
from vidbench.models.options import ClipOptions, ModelOptions, TrainingOptions

CPU, GPU = torch.device("cpu"), torch.device("cuda")
ROW = Measured(
    name="r3d_18", clip=(16, 112, 112), batch=32, precision="bf16", compiled=True, first_seconds=31.4, rate=1203.04,
    step_ms=26.6, allocated_mb=9876.0, reserved_mb=12345.0, data_wait=0.014, host_waits=0.0, of_memory=0.973,
    of_tutorial=3.21, of_same_precision=1.456,
)  # fmt: skip


def test_all_video_models_are_measured_and_three_backbones() -> None:
    names = [case.name for case in CASES]
    assert set(clip_names()) - {"cnn3d"} == {name for name in names if ":" not in name}
    assert len([name for name in names if ":" in name]) == 3
    assert names[:3] == ["r3d_18", "r2plus1d_18", "mvit_v2_s"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_is_the_default_recipe_at_the_pretrained_size(case: Case) -> None:
    options = case.options(case.batch, compile=True)
    side = 112 if case.name in ("r3d_18", "mc3_18", "r2plus1d_18") else 224
    assert options.clip.size == (side, side)
    assert isinstance(options.clip.mean, tuple)
    assert options.augmentation == DEFAULT
    for name in ("precision", "channels_last", "optimizer", "accumulate", "ema", "activation_checkpointing"):
        assert getattr(options.training, name) == getattr(TrainingOptions(), name)
    stored = stored_size(options.clip)
    assert stored == (128, 171) if side == 112 else stored == (256, 341)


@pytest.mark.parametrize("name", ["r3d_18", "cnn2d:lstm"])
def test_options_become_what_a_script_takes(name: str) -> None:
    options = make_options(name, ClipOptions(frames=8, step=2), dropout=0.1, batch_size=3)
    assert ModelOptions.from_dict(json.loads(json.dumps(as_entry(options)))) == options


def test_stores_are_made_once(tmp_path: Path) -> None:
    stores = Stores(tmp_path, videos=2)
    clip = TINY_CASES[0].clip()
    first = stores.split(clip)
    assert len(first.class_names) == CLASSES
    assert first.store.read("v0001").shape == (34, 36, 48, 3)
    written = (tmp_path / "36x48.h5").stat().st_mtime_ns
    stores.split(clip)
    assert (tmp_path / "36x48.h5").stat().st_mtime_ns == written


def test_the_table_and_what_was_not_measured() -> None:
    table = make_table([ROW, replace(ROW, name="s3d", reserved_mb=None, of_tutorial=None)], {"swin3d_b": "too late"})
    lines = table.splitlines()
    assert lines[2] == (
        "| r3d_18 (bf16, compiled) | 16 x 112 x 112, 32 | 1203.0 | 26.6 | 9.9, 12.3 GB | 1 % | 0.0 | 0.97 | 3.21 |"
        " 1.46 | 31 s |"
    )
    assert "| 9.9, - GB |" in lines[3]
    assert "| - | 1.46 |" in lines[3]
    assert lines[-1] == "Not measured: swin3d_b: too late."
    assert {line.count("|") for line in lines[:4]} == {12}


def test_the_table_names_machine_and_date() -> None:
    machine = {"name": "NVIDIA H200", "memory_gb": 150.1, "cores": 16, "cpu": "AMD EPYC"}
    text = describe_run(machine, {"torch": "2.11.0"}, datetime.date(2026, 12, 1))
    assert text == "`make bench-gpu`, 2026-12-01, NVIDIA H200, 150 GB, 16 cores of AMD EPYC; torch 2.11.0"


def test_a_block_of_the_page_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE.read_text())
    for text in ("first", "second"):
        replace_block(page, "make bench-gpu", text)
        assert page.read_text().count(f"<!-- written by make bench-gpu -->\n{text}\n<!-- end -->") == 1
    assert "first" not in page.read_text().split("make bench-gpu -->")[1].split("<!-- end -->")[0]


def test_what_the_time_is_not_enough_for_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four networks: measured in 40 s, failed, not finished, not reached; each result is on the disk at once."""
    now = [0.0]
    written = []

    def fake_run(work: Case, seconds: float) -> Measured:
        written.append((tmp_path / "gpu.json").exists())
        now[0] += 40
        if work.name == "b":
            raise Failed("OutOfMemoryError: no")
        if work.name == "c":
            now[0] += 20
            raise TimeoutError
        return replace(ROW, name=work.name)

    monkeypatch.setattr(gpu, "run_apart", fake_run)
    monkeypatch.setattr(gpu, "make_work", lambda case, *_: case)
    arguments = argparse.Namespace(tiny=False, output=tmp_path / "gpu.json")
    budget = Budget(150, clock=lambda: now[0])
    cases = [TinyCase(name, 2) for name in "abcd"]
    measured, missing = gpu.measure_all(cases, Stores(tmp_path, videos=1), arguments, budget, {"name": "none"})
    assert [row.name for row in measured] == ["a"]
    assert missing == {"b": "OutOfMemoryError: no", "c": "not finished in time", "d": "not reached in time"}
    assert written == [False, True, True]
    summary = json.loads((tmp_path / "gpu.json").read_text())
    assert [row["name"] for row in summary["networks"]] == ["a"]
    assert summary["missing"] == missing


def test_a_batch_that_does_not_fit_is_halved(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def started(_case: Case, batch: int, *_: object) -> int:
        tried.append(batch)
        if batch > 4:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return batch

    monkeypatch.setattr(gpu_measure, "_started", started)
    monkeypatch.setattr(gpu_measure, "_measure", lambda _case, batch, _effort: batch)
    case = Case("r3d_18", 16)
    assert measure(case, lambda _clip: None, CPU, Effort()) == 4
    assert tried == [16, 8, 4]
    monkeypatch.setattr(gpu_measure, "_started", lambda *_: started(case, 99))
    with pytest.raises(torch.OutOfMemoryError):
        measure(case, lambda _clip: None, CPU, Effort())


def test_a_network_that_cannot_be_compiled_is_measured_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    class Fake:
        def __init__(self, options: ModelOptions, *_: object, **__: object) -> None:
            self.compile = options.training.compile

        def from_memory(self, _count: int) -> None:
            if self.compile:
                raise UserError("training.compile: needs a C compiler")

        def train(self, _batches: None) -> None:
            pass

    monkeypatch.setattr(gpu_measure, "Steps", Fake)
    steps, _ = gpu_measure._started(Case("r3d_18", 2), 2, None, GPU)
    assert steps.compile is False


def test_the_loader_is_read_on_after_an_epoch(tmp_path: Path) -> None:
    """Three videos an epoch, two a batch: one batch an epoch, and no end."""
    write_store(tmp_path / "0.h5", noise(3, 8, (36, 36)))
    options = TINY_CASES[0].options(2, compile=False)
    options = replace(options, clip=replace(options.clip, size=(16, 16)), network=replace(options.network, width=4))
    fed = Fed(Steps(options, endless_split(tmp_path / "0.h5", clips_per_epoch=3, classes=2), CPU))
    assert len(list(fed._next(5))) == 5


def test_waits_are_counted_and_the_mode_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    modes = []
    monkeypatch.setattr(torch.cuda, "set_sync_debug_mode", modes.append)
    with counted_waits(GPU) as places:
        warnings.warn("called a synchronizing CUDA operation", stacklevel=1)
        warnings.warn("something else", stacklevel=1)
        warnings.warn("called a synchronizing CUDA operation", stacklevel=1)
    assert len(places) == 2
    assert all(Path(__file__).name in place for place in places)
    assert modes == ["warn", "default"]
    with counted_waits(CPU) as none:
        pass
    assert none == []


def test_the_plain_loops_train_one_model_in_two_precisions() -> None:
    options = replace(TINY_CASES[0].options(2, compile=False), training=TrainingOptions(learning_rate=0.01))
    options = replace(options, clip=replace(options.clip, size=(16, 16)), network=replace(options.network, width=4))
    batch = SimpleNamespace(
        clips=torch.randint(0, 256, (2, 8, 3, 16, 16), dtype=torch.uint8), targets=torch.tensor([0, 1])
    )
    plain, mixed = plain_loops(options, 2, CPU, [None, torch.bfloat16])
    seen = []
    hook = torch.nn.modules.module.register_module_forward_hook(
        lambda module, _inputs, output: seen.append(output.dtype) if isinstance(module, torch.nn.Conv3d) else None
    )
    try:
        plain([batch])
        plain_types = set(seen)
        seen.clear()
        mixed([batch])
    finally:
        hook.remove()
    assert plain_types == {torch.float32}
    assert set(seen) == {torch.bfloat16}
