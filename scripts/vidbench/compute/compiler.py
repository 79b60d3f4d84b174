"""What torch.compile needs of a machine: a compiler, and Python's header files. Imports no torch."""

import os
import shutil
import sys
import sysconfig
from pathlib import Path

MIN_CAPABILITY = (7, 5)  # compute capability of GPUs that torch.compile is used on


def find_compiler(device_type: str) -> str | None:
    """Return the compiler for a "cuda" device (C, as Triton looks for it) or a "cpu" (C++); None without one."""
    variable, names = ("CC", ("gcc", "clang")) if device_type == "cuda" else ("CXX", ("g++", "clang++"))
    if given := os.environ.get(variable, "").split():
        return shutil.which(given[0])
    return next(filter(None, map(shutil.which, names)), None)


def python_header() -> Path:
    """Return the path that Python.h has where Python's header files are installed."""
    scheme = sysconfig.get_default_scheme()
    # Debian's own scheme names a folder for what pip installs; the header files are in the usual one, as Triton knows.
    scheme = "posix_prefix" if scheme == "posix_local" else scheme
    return Path(sysconfig.get_paths(scheme)["include"], "Python.h")


def explain_missing(device_type: str) -> str | None:
    """Return what is missing here for torch.compile on a "cuda" or "cpu" device, and its packages; None for nothing."""
    missing: list[str] = []
    if find_compiler(device_type) is None:
        missing.append("a C compiler (gcc)" if device_type == "cuda" else "a C++ compiler (g++)")
    if not python_header().exists():
        missing.append(f"{python_header()} (python{sys.version_info[0]}.{sys.version_info[1]}-dev)")
    return " and ".join(missing) or None
