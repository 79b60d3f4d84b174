"""torch.compile: where `compile: auto` uses it, with how many processes, and never silently without it.

Whether it pays depends on the options and the data alone, not on the model of GPU: a preempted training may resume on
another one, and must compute as before.
"""

import os

import torch

from vidbench.models.flops import count_gflops
from vidbench.models.options import ModelOptions

# All three are assumptions, none is measured. They err on the side of not compiling: an H100 computes three times as
# fast as OPERATIONS_PER_SECOND, a small GPU a tenth of it.
COMPILE_SECONDS = 60  # until all graphs of a model are compiled
GAIN = 0.2  # part of the computing time that compiled graphs save
OPERATIONS_PER_SECOND = 100e12  # of a GPU with bf16
BACKWARD = 3  # time of forward and backward pass, in forward passes


def pays(options: ModelOptions, device: torch.device, num_classes: int, passes: float) -> bool:
    """Return whether `compile: auto` should compile a job of so many forward `passes` with one clip and one crop each.

    A forward and a backward pass count as BACKWARD passes. A head on cached features is never worth it. False without
    counting where the device or the options decide.
    """
    if device.type != "cuda" or options.training.compile != "auto" or options.caches_features:
        return False
    seconds = 1e9 * count_gflops(options, num_classes) * passes / OPERATIONS_PER_SECOND
    if GAIN * seconds > COMPILE_SECONDS:
        return True
    print(f"not compiled: too short, about {seconds:.0f} s on a large GPU (training.compile: auto)", flush=True)
    return False


def limit_processes(cores: int | None, workers: int | None, threads: int) -> None:
    """Let torch compile in as many processes as cores were granted, otherwise it takes up to 32 whatever the job has.

    `cores`: granted to this process; None: `threads` and one per process of `workers` or, without these either,
    torch's own choice. Call it before device.set_up(), which may import the compiler: torch reads it once, then.
    """
    if cores is None and workers is not None:
        cores = threads + workers
    if cores is not None:
        os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", str(max(1, cores)))


def reset() -> None:
    """Forget what was compiled, before other shapes are measured; from now on torch compiles them or raises an error.

    After eight shapes of a model it would compile no more, and compute the next ones without, in silence.
    """
    torch.compiler.reset()
    torch._dynamo.config.fail_on_recompile_limit_hit = True
