"""What `auto` means on which GPU, and where torch.compile can be used."""

from pathlib import Path

import pytest
import torch

from vidbench.compute import compiler
from vidbench.compute.precision import Precision
from vidbench.errors import UserError
from vidbench.models.options import TrainingOptions

CPU, CUDA = torch.device("cpu"), torch.device("cuda", 0)


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict:
    """A GPU of compute capability 8.0 on a machine with a compiler; tests change the dictionary."""
    (tmp_path / "gcc").touch(mode=0o755)
    (tmp_path / "Python.h").touch()
    seen = {"capability": (8, 0)}
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr(compiler, "python_header", lambda: tmp_path / "Python.h")
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _device=None: seen["capability"])

    def is_bf16_supported(including_emulation: bool = True) -> bool:
        return including_emulation or seen["capability"] >= (8, 0)

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", is_bf16_supported)
    return seen


def test_a_gpu_computes_in_bf16_channels_last_and_compiled(gpu: dict, capsys: pytest.CaptureFixture) -> None:
    expected = {"precision": "bf16", "channels_last": True, "compile": True, "tf32": True}
    assert Precision.of(TrainingOptions(), CUDA).describe() == expected
    assert Precision.of(TrainingOptions(compile=True), CUDA).compile
    assert Precision.of(TrainingOptions(), CPU).describe() == {
        "precision": "fp32", "channels_last": False, "compile": False,
    }  # fmt: skip
    assert capsys.readouterr().out == ""


def test_on_a_cpu_only_networks_of_frames_are_channels_last() -> None:
    for setting, expected in (("auto", True), (True, True), (False, False)):
        training = TrainingOptions(channels_last=setting)
        assert Precision.of(training, CPU, takes_frames=True).channels_last is expected
        assert Precision.of(training, CPU).channels_last is (setting is True)


def test_where_compiling_does_not_pay_auto_does_not(gpu: dict) -> None:
    assert not Precision.of(TrainingOptions(), CUDA, compile_pays=False).compile
    assert Precision.of(TrainingOptions(compile=True), CUDA, compile_pays=False).compile
    assert not Precision.of(TrainingOptions(compile=False), CUDA).compile


def test_bf16_that_a_gpu_only_emulates_is_not_taken(gpu: dict) -> None:
    gpu["capability"] = (7, 5)
    assert Precision.of(TrainingOptions(), CUDA).describe()["precision"] == "fp16"
    assert Precision.of(TrainingOptions(precision="bf16"), CUDA).describe()["precision"] == "bf16"


@pytest.mark.parametrize("missing", ["gcc", "Python.h", "capability"])
def test_without_what_it_needs_nothing_is_compiled_or_it_is_an_error(
    missing: str, gpu: dict, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    if missing == "capability":
        gpu["capability"] = (7, 0)
    else:
        (tmp_path / missing).unlink()
    words = "compute capability 7.5 (this one has 7.0)" if missing == "capability" else missing
    assert not Precision.of(TrainingOptions(), CUDA).compile
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("WARNING: not compiled, because torch.compile needs ")
    assert words in line
    with pytest.raises(UserError, match=r"^training.compile: torch.compile needs .*; install that, or set compile"):
        Precision.of(TrainingOptions(compile=True), CUDA)


def test_the_compiler_that_the_environment_names_counts(
    gpu: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gcc").rename(tmp_path / "my-gcc")
    assert "a C compiler (gcc)" in compiler.explain_missing("cuda")
    monkeypatch.setenv("CC", "my-gcc -m64")
    assert compiler.explain_missing("cuda") is None
    assert compiler.explain_missing("cpu") == "a C++ compiler (g++)"
    monkeypatch.setenv("CC", "gone")
    assert "a C compiler (gcc)" in compiler.explain_missing("cuda")


def test_the_header_file_is_where_triton_looks_for_it() -> None:
    """triton/runtime/build.py, which is there on Linux."""
    build = pytest.importorskip("triton.runtime.build")
    text = Path(build.__file__).read_text()
    assert 'sysconfig.get_paths(scheme=scheme)["include"]' in text
    assert 'scheme = "posix_prefix"' in text or "scheme = 'posix_prefix'" in text
    assert compiler.python_header().name == "Python.h"
