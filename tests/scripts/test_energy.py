"""NVIDIA's library as ctypes calls it: a stand-in that is compiled, so that the types of arguments count."""

import ctypes
import shutil
import subprocess
from pathlib import Path

import pytest
from fake_energy import NVML_C

from vidbench.compute.counters import NotMeasured
from vidbench.compute.nvml import gpu_counter

COMPILER = shutil.which("gcc") or shutil.which("cc")


@pytest.mark.skipif(COMPILER is None, reason="there is no C compiler")
def test_a_compiled_library_is_read(tmp_path: Path) -> None:
    (tmp_path / "nvml.c").write_text(NVML_C)
    library = tmp_path / "libnvidia-ml.so.1"
    subprocess.run([str(COMPILER), "-shared", "-fPIC", "-o", library, tmp_path / "nvml.c"], check=True)
    nvml = ctypes.CDLL(str(library))
    assert gpu_counter("GPU-1", nvml).read() == pytest.approx(9876543210.123)  # beyond 32 bits
    for uuid, words in (("GPU-2", "Not Supported"), ("1", "Not Found")):
        with pytest.raises(NotMeasured, match=f"NVML says: {words}"):
            gpu_counter(uuid, nvml)
