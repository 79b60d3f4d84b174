"""Two GPUs for a process that has none: it chooses and holds one as it would a real one, and computes on the CPU.

Copied as sitecustomize.py into a folder on PYTHONPATH it works in every process of a run. Each line of the file that
$FAKE_GPU_LOG names is a JSON object: time, process, device, and whether it was taken or left.
"""

import atexit
import importlib.abc
import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from unittest import mock

GPUS = 2


class AfterImport(importlib.abc.MetaPathFinder):
    """Changes vidbench.compute.device when it has been imported."""

    def find_spec(self, name: str, _path: object, _target: object = None) -> object:
        if name != "vidbench.compute.device":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            module.choose = pretending(module.choose)

        spec.loader.exec_module = exec_module
        return spec


def pretending(choose: Callable) -> Callable:
    """`choose` on a machine with GPUs; it says which one it took, and returns the CPU in its place."""

    def choose_fake(device: str, gpus: int | None) -> object:
        import torch

        seen = {
            "is_available": lambda: True,
            "device_count": lambda: GPUS,
            "get_arch_list": lambda: [],  # is not known: any GPU will do
            "get_device_properties": lambda number: SimpleNamespace(uuid=f"fake{number}", name="fake"),
            "set_device": lambda _device: None,
        }
        with mock.patch.multiple(torch.cuda, **seen):
            chosen = choose(device, gpus)
        if chosen.type == "cuda":
            note("taken", chosen.index)
            atexit.register(note, "left", chosen.index)
        return torch.device("cpu")

    return choose_fake


def note(what: str, device: int) -> None:
    line = json.dumps({"time": time.time(), "process": os.getpid(), "device": device, "what": what})
    with open(os.environ["FAKE_GPU_LOG"], "a") as file:
        file.write(line + "\n")


if "FAKE_GPU_LOG" in os.environ:
    sys.meta_path.insert(0, AfterImport())
