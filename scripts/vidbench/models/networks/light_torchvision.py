"""torchvision's networks without torch's compiler, which it imports for detection networks: 2 s per process."""

import sys
from types import ModuleType


def _is_compile_supported(device_type: str) -> bool:
    from torch._dynamo.utils import is_compile_supported

    return is_compile_supported(device_type)


def _import_without_compiler() -> None:
    """Import torchvision while what it imports of the compiler is a module that fetches the real one when called."""
    package, utils = ModuleType("torch._dynamo"), ModuleType("torch._dynamo.utils")
    vars(utils)["is_compile_supported"] = _is_compile_supported
    stand_ins = {module.__name__: module for module in (package, utils)}
    sys.modules.update(stand_ins)
    try:
        import torchvision  # noqa: F401
    finally:
        for name in stand_ins:
            del sys.modules[name]


if not {"torchvision", "torch._dynamo"} & sys.modules.keys():
    _import_without_compiler()

from torchvision import models  # noqa: E402

__all__ = ["models"]
