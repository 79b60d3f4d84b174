"""Keeping freed memory, in processes of their own: it cannot be taken back."""

import platform
import subprocess
import sys

import pytest

PAGES = """
import resource
from vidbench.compute.allocator import keep_freed_memory
{call}
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    bytearray(64_000_000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library decides this itself")
def test_freed_memory_is_kept_for_what_comes_next() -> None:
    """64 MB are 15,625 pages; without it each of the 20 blocks is mapped and zeroed again."""
    pages = {call: _count_pages(call) for call in ("pass", "keep_freed_memory()")}
    assert pages["keep_freed_memory()"] < 0.2 * pages["pass"], pages


def _count_pages(call: str) -> int:
    code = f"import sys; sys.path.insert(0, 'scripts')\n{PAGES.format(call=call)}"
    return int(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
