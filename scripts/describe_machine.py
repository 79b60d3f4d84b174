"""Print what this machine has, and what a run would use of it: GPUs, driver, PyTorch, compiler, cores.

Example:
    python scripts/describe_machine.py
    python scripts/describe_machine.py --device auto --cores 8 --gpus 1

`snakemake machine` runs it with the run's own device, cores and GPUs. It computes nothing and takes no GPU.
"""

import argparse
import shutil

from vidbench import cli
from vidbench.compute import compiler, cuda_support, device, machine
from vidbench.compute.precision import Precision
from vidbench.errors import SHARED_MEMORY, UserError
from vidbench.models.options import TrainingOptions
from vidbench.workflow import job_resources

import torch  # isort: skip - after vidbench.cli, which sets how its threads wait


def main() -> None:
    parser = cli.make_parser(__doc__)
    cli.add_device_arguments(parser)
    parser.add_argument("--cores", type=int, default=machine.usable_cores(), help="cores that jobs share")
    arguments = parser.parse_args()
    rows = {
        "PyTorch": describe_torch(),
        "GPUs": describe_gpus(),
        "Processor": f"{device.cpu_name()}, {arguments.cores} cores for jobs",
        "Compiler": describe_compiler(),
        SHARED_MEMORY: describe_shared_memory(),
        "A run": describe_run(arguments),
    }
    for name, text in rows.items():
        print(f"{name:<10}  {text}", flush=True)


def describe_torch() -> str:
    """Return the version of PyTorch, and what it needs of a GPU."""
    version, cuda, hip = torch.__version__, torch.version.cuda, torch.version.hip
    if not cuda:
        without = "Apple's GPUs" if torch.backends.mps.is_built() else "the CPU alone"
        return f"{version}, built for {f'ROCm {hip}' if hip else without}"
    needs = cuda_support.NEEDS.get(int(cuda.split(".")[0]))
    if needs is None:
        return f"{version}, built for CUDA {cuda}"
    capability = machine.format_capability(needs.capability)
    return (
        f"{version}: on GPUs of compute capability {capability} or more, with an NVIDIA driver {needs.driver} or newer"
    )


def describe_gpus() -> str:
    """Return the driver and the GPUs, with what nvidia-smi says of them."""
    number = machine.count_gpus()
    if torch.backends.mps.is_available():
        return f"{device.describe(torch.device('mps'))['name']}, used with device: mps"
    if not number:
        return f"none{cuda_support.explain_no_gpu()}"
    gpus = [
        f"{gpu.name} (compute capability {machine.format_capability(gpu.capability)},"
        f" {(gpu.free_mb or 0) * 2**20 / 1e9:.0f} of {(gpu.memory_mb or 0) * 2**20 / 1e9:.0f} GB free)"
        for gpu in machine.query_gpus()
    ]
    return "; ".join([f"{number} to be used, driver {machine.driver_version()}", *gpus])


def describe_compiler() -> str:
    """Return whether torch.compile finds what it needs, on GPU and CPU."""
    return "; ".join(
        f"on a {name}: {f'lacks {lacking}' if lacking else f'{compiler.find_compiler(kind)} and Python.h'}"
        for kind, name in (("cuda", "GPU"), ("cpu", "CPU"))
        for lacking in [compiler.explain_missing(kind)]
    )


def describe_shared_memory() -> str:
    """Return the size of what reading processes hand clips over in."""
    try:
        total, _, free = shutil.disk_usage(SHARED_MEMORY)
    except OSError as error:
        return f"not there: {error.strerror}"
    return f"{free / 1e9:.1f} of {total / 1e9:.1f} GB free"


def describe_run(arguments: argparse.Namespace) -> str:
    """Return what a model with default settings would compute on, and in which way; or why a run would end."""
    try:
        chosen, gpus = choose(arguments.device, arguments.gpus)
    except UserError as error:
        return f"ends before its first job: {error}"
    training = TrainingOptions()
    how = Precision.of(training, chosen).describe()
    layout = ", channels-last" if how["channels_last"] else ""
    way = f"{how['precision']}{layout}, {'compiled where it is long enough' if how['compile'] else 'not compiled'}"
    if not gpus:
        return f"computes on the CPU (device: {arguments.device}), {way}"
    readers = job_resources.readers_per_gpu(arguments.cores, gpus, training.threads)
    number = f"{gpus} GPU{'s' * (gpus > 1)} at once"
    return f"computes on {number} (device: {arguments.device}), with {readers} reading processes each, {way}"


def choose(name: str, granted: int | None) -> tuple[torch.device, int]:
    """Return the first device of a run with `device: name`, and how many GPUs compute at once; no GPU is taken."""
    if name == "mps":
        return device.choose(name, granted), 1
    if name != "cpu" and granted != 0:
        if torch.cuda.is_available():
            usable = device.usable_gpus()
            return torch.device("cuda", usable[0]), min(len(usable), granted or len(usable))
        if name == "cuda" or machine.gpu_present():
            raise UserError(f"device: {name}, but torch finds no CUDA GPU here: {device.explain_no_cuda()}")
    return torch.device("cpu"), 0


if __name__ == "__main__":
    cli.run(main)
