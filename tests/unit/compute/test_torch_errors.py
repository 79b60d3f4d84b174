"""What torch says when memory, a compiler or a deterministic kernel is missing, in one line that says what to do."""

from pathlib import Path

import pytest
import torch

from vidbench.compute import torch_errors
from vidbench.compute.precision import explained_errors
from vidbench.errors import UserError

FULL = (
    "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 7.79 GiB of which 1.02 GiB is free."
    " Including non-PyTorch memory, this process has 6.70 GiB memory in use."
)


class InductorError(RuntimeError):
    """As torch's, whose import takes seconds."""

    __module__ = "torch._inductor.exc"


class OutOfResources(Exception):
    """As Triton's, which is no RuntimeError."""

    __module__ = "triton.runtime.errors"


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError(FULL),
        RuntimeError("CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED"),
        InductorError("OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB"),
        RuntimeError("Caught AcceleratorError in pin memory thread.\nCUDA error: out of memory"),
    ],
    ids=lambda error: str(error)[:30],
)  # fmt: skip
@pytest.mark.parametrize("remedy", [torch_errors.TRAIN, torch_errors.PREDICT])
def test_too_little_memory_is_one_line_with_batch_size_and_what_to_do(error: Exception, remedy: str) -> None:
    words = r"^the GPU's memory is too small for batches of 16 clips: "
    with pytest.raises(UserError, match=words) as caught, explained_errors(16, remedy):
        raise error
    assert remedy in str(caught.value)
    assert "\n" not in str(caught.value)


def test_how_much_was_asked_for_and_how_large_the_gpu_is_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda: 6_000_000_000)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (1_500_000_000, 8_000_000_000))
    line = torch_errors.explain(torch.OutOfMemoryError(FULL), None, torch_errors.TRAIN)
    assert line.startswith("the GPU's memory (8.0 GB) is too small: lower training.batch_size")
    assert line.endswith("(asked for 2.00 GiB more)")
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda: 1_000_000_000)
    line = torch_errors.explain(torch.OutOfMemoryError(FULL), None, torch_errors.TRAIN)
    assert line.startswith("the GPU's memory (8.0 GB, of which others use 5.5 GB) is too small: ")

    def fail() -> None:
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    monkeypatch.setattr(torch.cuda, "mem_get_info", fail)
    assert torch_errors.explain(torch.OutOfMemoryError(FULL), 4, "x").startswith("the GPU's memory is too small for")


def test_main_memory_is_another_line() -> None:
    message = "[enforce fail at alloc_cpu.cpp:127] . DefaultCPUAllocator: can't allocate memory: you tried to"
    for error in (RuntimeError(message), MemoryError()):
        line = torch_errors.explain(error, 8, torch_errors.TRAIN)
        assert line.startswith("main memory is too small for batches of 8 clips: lower training.batch_size")
        assert "GPU" not in line


def test_really_too_much_memory_is_explained() -> None:
    with pytest.raises(UserError, match="main memory is too small"), explained_errors():
        torch.empty(2**50)


@pytest.mark.parametrize("kind", [InductorError, OutOfResources])
def test_a_compiler_that_fails_is_one_line(kind: type[Exception]) -> None:
    error = RuntimeError("a graph")
    error.__cause__ = kind("CalledProcessError: Command '['/usr/bin/gcc', ...]' returned non-zero. More. And more")
    for each in (error.__cause__, error):
        words = r"^torch.compile fails on this machine: .*; set training.compile: false$"
        with pytest.raises(UserError, match=words), explained_errors():
            raise each


def test_torchs_compiler_errors_are_in_the_packages_that_are_looked_for() -> None:
    """Read from its source: importing the compiler takes seconds."""
    for module, error in (("_dynamo", "BackendCompilerFailed"), ("_inductor", "InductorError")):
        assert f"torch.{module}" in torch_errors.COMPILERS
        assert f"class {error}(" in (Path(torch.__file__).parent / module / "exc.py").read_text()


def test_a_missing_deterministic_kernel_is_one_line_and_others_stay() -> None:
    words = r"training.deterministic: true is not possible .*: x has no deterministic"
    with pytest.raises(UserError, match=words), explained_errors():
        raise RuntimeError("x has no deterministic implementation. But")
    with pytest.raises(RuntimeError, match="another"), explained_errors():
        raise RuntimeError("another")
    with pytest.raises(UserError, match=r"^out of memory, said before$"), explained_errors():
        raise UserError("out of memory, said before")
