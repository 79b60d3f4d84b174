"""Where `compile: auto` compiles, with how many processes, and that measurements are never of uncompiled code."""

import os
from dataclasses import replace

import pytest
import torch
from model_entries import entry

from vidbench.compute import compilation, tf32
from vidbench.compute.precision import Precision
from vidbench.models.options import ModelOptions

CPU, GPU = torch.device("cpu"), torch.device("cuda")
R3D = entry("r3d_18", frames=16, size=(112, 112))
HMDB51 = 60 * 3570 * compilation.BACKWARD  # passes of 60 epochs
UCF101_TEST = 1900 + 3783  # validation and test


def pays(options: ModelOptions, passes: float, device: torch.device = GPU) -> bool:
    return compilation.pays(options, device, 101, passes)


def test_a_long_training_is_compiled_and_a_short_job_is_not(capsys: pytest.CaptureFixture) -> None:
    assert pays(R3D, HMDB51)
    assert capsys.readouterr().out == ""
    assert not pays(R3D, UCF101_TEST)
    assert capsys.readouterr().out == "not compiled: too short, about 5 s on a large GPU (training.compile: auto)\n"
    assert not pays(entry("cnn3d", width=24), 30 * 1000 * compilation.BACKWARD)  # such as the embedded data set


def test_nothing_is_counted_where_it_is_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("vidbench.models.flops.count_gflops")
    assert not pays(R3D, HMDB51, CPU)
    for choice in (True, False):
        assert not pays(replace(R3D, training=replace(R3D.training, compile=choice)), HMDB51)
    frozen = entry("resnet18", trained_stages=0)
    head = replace(frozen, network=replace(frozen.network, trained_stages=0))
    assert head.caches_features
    assert not pays(head, 1e9)


@pytest.mark.parametrize(
    ("cores", "workers", "expected"), [(8, None, "8"), (0, None, "1"), (None, 6, "8"), (None, None, None)]
)
def test_compiling_takes_the_cores_granted(
    cores: int | None, workers: int | None, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "TORCHINDUCTOR_COMPILE_THREADS"
    monkeypatch.setenv(name, "before")
    del os.environ[name]
    compilation.limit_processes(cores, workers, threads=2)
    assert os.environ.get(name) == expected
    monkeypatch.setenv(name, "3")  # the user's own
    compilation.limit_processes(cores, workers, threads=2)
    assert os.environ[name] == "3"


def test_a_shape_too_many_is_an_error_not_uncompiled_code() -> None:
    compiled = torch.compile(lambda values: values + 1, dynamic=False, backend="eager")
    with torch._dynamo.config.patch(fail_on_recompile_limit_hit=False, recompile_limit=2):
        compilation.reset()
        for length in (1, 2):
            compiled(torch.zeros(length))
        with pytest.raises(torch._dynamo.exc.FailOnRecompileLimitHit):
            compiled(torch.zeros(3))
        compilation.reset()
        assert compiled(torch.zeros(3)).sum() == 3


def test_tf32_is_for_gpus_and_in_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[str] = []
    monkeypatch.setattr(torch, "set_float32_matmul_precision", chosen.append)
    tf32.enable(CPU)
    assert not chosen
    tf32.enable(GPU)
    assert chosen == ["high"]
    assert Precision(CPU).describe() == {"precision": "fp32", "channels_last": False, "compile": False}
    assert Precision(GPU).describe() == Precision(CPU).describe() | {"tf32": True}
