"""What this machine has, found without importing torch."""

import os
import shutil

DEVICE_FILES = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")  # NVIDIA, NVIDIA under WSL, AMD


def gpu_present() -> bool:
    """Whether this machine has a GPU that CUDA_VISIBLE_DEVICES does not hide."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1")
    return not hidden and (any(map(os.path.exists, DEVICE_FILES)) or shutil.which("nvidia-smi") is not None)
