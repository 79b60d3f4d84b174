"""GPUs that torch seems to see; computing on one of them is not possible."""

from types import SimpleNamespace

import pytest
import torch

BUILD = ["sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120", "compute_120"]


def install(monkeypatch: pytest.MonkeyPatch, *capabilities: tuple[int, int], name: str = "GPU") -> None:
    """Let torch see GPUs of these compute capabilities, called `name` and their number."""

    def index(device: torch.device | int) -> int:
        return device if isinstance(device, int) else device.index

    def is_bf16_supported(including_emulation: bool = True) -> bool:
        return including_emulation or capabilities[0] >= (8, 0)

    seen = {
        "is_available": lambda: True,
        "device_count": lambda: len(capabilities),
        "get_arch_list": lambda: BUILD,
        "get_device_capability": lambda device: capabilities[index(device)],
        "get_device_name": lambda device: f"{name} {index(device)}",
        "get_device_properties": lambda number: SimpleNamespace(uuid=f"uuid{number}", name=f"{name} {number}"),
        "is_bf16_supported": is_bf16_supported,
        "set_device": lambda _device: None,
    }
    for function, fake in seen.items():
        monkeypatch.setattr(torch.cuda, function, fake)
