"""What a training resolves `auto` to on this machine is what the machine can do."""

import os
import shutil
import sysconfig
from pathlib import Path

import pytest
import torch

from vidbench.compute.precision import Precision
from vidbench.models.options import TrainingOptions

pytestmark = pytest.mark.gpu


def test_the_device_computes(device: torch.device) -> None:
    """A GPU that torch has no kernels for is found by torch, and fails at the first one."""
    product = torch.full((64, 64), 2.0, device=device) @ torch.ones(64, 64, device=device)
    assert product.cpu().eq(128).all()
    print(torch.__version__, "CUDA", torch.version.cuda, "cuDNN", torch.backends.cudnn.version())


def test_bf16_only_where_the_gpu_has_it(device: torch.device) -> None:
    """Turing emulates it, without tensor cores."""
    dtype = Precision.of(TrainingOptions(), device).dtype
    if device.type == "cpu":
        assert dtype is None
        return
    native = torch.cuda.is_bf16_supported(including_emulation=False)
    assert dtype == (torch.bfloat16 if native else torch.float16)


def test_compiled_only_where_triton_can_compile(device: torch.device) -> None:
    """Triton compiles its launcher with a C compiler against Python.h."""
    compiler = any(map(shutil.which, (os.environ.get("CC", "cc"), "gcc", "clang")))
    header = Path(sysconfig.get_paths()["include"], "Python.h").exists()
    if Precision.of(TrainingOptions(), device).compile:
        assert device.type == "cuda"
        assert compiler
        assert header
        assert torch.cuda.get_device_capability(device) >= (7, 5)
