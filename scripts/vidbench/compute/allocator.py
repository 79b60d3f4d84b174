"""How memory is taken from the system: what is freed is kept for the next batch."""

import ctypes

# malloc.h of glibc.
TRIM_THRESHOLD, MMAP_MAX = -1, -4


def keep_freed_memory() -> None:
    """Let the C library keep freed memory instead of handing it back, where it can; elsewhere do nothing.

    Each large tensor would be mapped, and zeroed by the kernel, again in every step: a sixth of a small training.
    A step that measures its own memory must not call this.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(MMAP_MAX, 0)
        mallopt(TRIM_THRESHOLD, 2**31 - 1)
