"""Start a training on all machines that Slurm granted a job.

Example:
    python scripts/torchrun_on_nodes.py --cores 16 --gpus 4 scripts/train_model.py --options cnn3d.json ...

This example is for a job of two machines with two GPUs each. srun starts this script again on each machine, where it
becomes torchrun with one process per GPU that the machine was granted, or one process without GPUs. Their number comes
from Slurm, not from the config.
"""

import argparse
import os
import socket
import subprocess
import sys
from collections.abc import Mapping

from vidbench import cli
from vidbench.errors import UserError


def main() -> None:
    arguments = parse_arguments()
    if "SLURM_JOB_ID" not in os.environ:
        raise UserError("training.nodes: several machines need Slurm, and this is no Slurm job")
    if arguments.meet_at:
        command = torchrun(arguments, os.environ)
    else:
        command = srun(arguments, granted_nodes(os.environ), f"{socket.gethostname()}:{find_free_port()}")
    print(" ".join(command[:12]), "...", flush=True)
    try:
        os.execvp(command[0], command)
    except FileNotFoundError as error:
        raise UserError(f"{command[0]}: not found on {socket.gethostname()}; load Slurm's commands there") from error


def parse_arguments() -> argparse.Namespace:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--cores", type=int, required=True, help="of each machine")
    parser.add_argument("--gpus", type=int, required=True, help="GPUs granted on all machines; 0 means CPU")
    parser.add_argument("--meet-at", default=None, help="HOST:PORT where the processes find each other; set by srun")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="the training's script and its arguments")
    return parser.parse_args()


def granted_nodes(environment: Mapping[str, str]) -> int:
    """Return the number of machines of the job; ask squeue if Slurm's variable is not set, as in Snakemake's jobs."""
    if "SLURM_JOB_NUM_NODES" in environment:
        return int(environment["SLURM_JOB_NUM_NODES"])
    command = ["squeue", "--noheader", "--jobs", environment["SLURM_JOB_ID"], "--format", "%D"]
    try:
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        raise UserError(f"{' '.join(command)}: does not say how many machines the job has: {error}") from error


def srun(arguments: argparse.Namespace, nodes: int, meeting: str) -> list[str]:
    """Return the command that starts one task per machine of the job; one that fails ends the others."""
    this_script = [sys.executable, __file__, "--cores", str(arguments.cores), "--gpus", str(arguments.gpus)]
    return [
        *(
            "srun",
            f"--nodes={nodes}",
            "--ntasks-per-node=1",
            f"--cpus-per-task={arguments.cores}",
            "--kill-on-bad-exit=1",
        ),
        *(*this_script, "--meet-at", meeting, *arguments.command),
    ]


def torchrun(arguments: argparse.Namespace, environment: Mapping[str, str]) -> list[str]:
    """Return the command that starts one machine's processes; `environment`: of its Slurm task."""
    return [
        *(sys.executable, "-m", "torch.distributed.run"),
        *("--nnodes", environment["SLURM_STEP_NUM_NODES"]),
        *("--nproc-per-node", str(count_processes(arguments.gpus, environment))),
        *("--rdzv-backend", "c10d", "--rdzv-endpoint", arguments.meet_at, "--rdzv-id", environment["SLURM_JOB_ID"]),
        # Explicit, because a machine does not always know itself by the name that others use for it.
        *("--rdzv-conf", f"is_host={str(environment['SLURM_NODEID'] == '0').lower()}"),
        *arguments.command,
    ]


def count_processes(gpus: int, environment: Mapping[str, str]) -> int:
    """Return the number of processes on this machine: one per GPU that it was granted, at least one."""
    if gpus == 0:
        return 1
    visible = environment.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return max(1, int(environment.get("SLURM_GPUS_ON_NODE", 1)))
    return max(1, len([device for device in visible.split(",") if device]))


def find_free_port() -> int:
    """Return a free port of this machine, which is the job's first."""
    with socket.socket() as probe:
        probe.bind(("", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    cli.run(main)
