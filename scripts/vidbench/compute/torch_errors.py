"""Errors of torch that a user can do something about, in one line: memory, compilation, deterministic kernels."""

import re
from collections.abc import Iterator

import torch

from vidbench.compute.failures import GPU_TOO_SMALL, NO_COMPILING, NOT_DETERMINISTIC

# What to change where memory is too small, by step.
TRAIN = (
    "lower training.batch_size and raise training.accumulate, or set training.activation_checkpointing: true, or take a"
    " larger GPU"
)
PREDICT = "lower clip.crops, or training.batch_size, which trains again, or take a larger GPU"
MEASURE = "lower clip.frames, clip.size or clip.crops, or take a larger GPU"
EXPLAIN = "lower clip.frames or clip.size, set evaluation.explained_videos: 0, or take a larger GPU"
EXTRACT = "lower clip.size, choose a smaller backbone, or take a larger GPU"

OUT_OF_MEMORY = re.compile(
    r"out of memory|_ALLOC_FAILED|ALLOCATION_FAILED|OutOfMemoryError|DefaultCPUAllocator|can't allocate memory"
)
COMPILERS = ("torch._inductor", "torch._dynamo", "triton")  # packages of torch.compile's own errors
ASKED = re.compile(r"[Tt]ried to allocate (?:more than )?([\d.]+ ?[KMGT]?i?B|\d+ bytes)")
OTHERS_SHARE = 0.2  # of a GPU's memory: others that use more are named


def explain(error: BaseException, batch_size: int | None, remedy: str) -> str | None:
    """Return one line on an error: `batch_size` clips per batch; `remedy` for too little memory. None for others."""
    chain = list(_causes(error))
    if any(map(_is_out_of_memory, chain)):
        return _explain_memory(chain, batch_size, remedy)
    if any(type(each).__module__.startswith(COMPILERS) for each in chain):
        return f"{NO_COMPILING} on this machine: {_first_sentence(error)}; set training.compile: false"
    if "deterministic" in str(error):
        return f"{NOT_DETERMINISTIC} with this network on this GPU: {_first_sentence(error)}"
    return None


def _is_out_of_memory(error: BaseException) -> bool:
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or bool(OUT_OF_MEMORY.search(str(error)))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and those that it was raised from."""
    while error is not None:
        yield error
        error = error.__cause__


def _explain_memory(chain: list[BaseException], batch_size: int | None, remedy: str) -> str:
    text = " ".join(map(str, chain))
    batch = f" for batches of {batch_size} clips" if batch_size else ""
    asked = f" (asked for {found[1]} more)" if (found := ASKED.search(text)) else ""
    if "DefaultCPUAllocator" in text or any(isinstance(error, MemoryError) for error in chain):
        remedy = remedy.replace("take a larger GPU", "run fewer jobs at once")
        return f"main memory is too small{batch}: {remedy}{asked}"
    return f"{GPU_TOO_SMALL}{_describe_gpu()} is too small{batch}: {remedy}{asked}"


def _describe_gpu() -> str:
    """Return the size of this process's GPU, and what others use of it, in brackets; "" where torch does not know."""
    try:
        if not torch.cuda.is_initialized():
            return ""
        free, total = torch.cuda.mem_get_info()
        others = total - free - torch.cuda.memory_reserved()
    except RuntimeError:  # after some errors of CUDA nothing answers any more
        return ""
    used = f", of which others use {others / 1e9:.1f} GB" if others > OTHERS_SHARE * total else ""
    return f" ({total / 1e9:.1f} GB{used})"


def _first_sentence(error: BaseException) -> str:
    return " ".join(str(error).split()).split(". ")[0]
