"""A real Slurm of one node for tests: installed from Debian's packages, started without systemd, stopped again.

    python tests/slurm/cluster.py start | stop | kill-node | revive-node

Needs root and apt. Everything lies in one folder; the only files outside are two links in /etc/slurm, which the inner
srun of Snakemake's jobs looks for. The node claims more cores than it may have, and two GPUs that are /dev/null: what
is scheduled is real, what is computed with is not.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

HOME = Path("/tmp/vidbench-test-slurm")
ETC = Path("/etc/slurm")
PACKAGES = ("munge", "slurm-client", "slurmctld", "slurmd")
CORES, MEMORY_MB, GPUS, PORT = 4, 8000, 2, 17817
DAEMONS = {"munged": "munged", "controller": "slurmctld", "node": "slurmd"}

# Cores and memory are scheduled and memory is watched; no cgroups and no accounting, which a container seldom has.
# MinJobAge: Snakemake asks squeue about jobs that are over.
CONFIG = """\
ClusterName=vidbench
SlurmctldHost={node}(127.0.0.1)
SlurmctldPort={port}
SlurmdPort={node_port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={home}/munge.socket
StateSaveLocation={home}/state
SlurmdSpoolDir={home}/spool
SlurmctldPidFile={home}/controller.pid
SlurmdPidFile={home}/node.pid
SlurmctldLogFile={home}/controller.log
SlurmdLogFile={home}/node.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
GresTypes=gpu
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1,bf_interval=1,sched_min_interval=0
KillWait=3
SlurmdTimeout=10
MinJobAge=900
ReturnToService=2
RebootProgram=/bin/false
NodeName={node} NodeAddr=127.0.0.1 CPUs={cores} RealMemory={memory} Gres=gpu:h100:{gpus} State=UNKNOWN
PartitionName=cpu Nodes={node} Default=YES MaxTime=1-00:00:00 DefaultTime=00:10:00 State=UP
PartitionName=gpu Nodes={node} Default=NO MaxTime=1-00:00:00 DefaultTime=00:10:00 State=UP
"""
DEVICES = "NodeName={node} Name=gpu Type=h100 Flags=nvidia_gpu_env File={home}/gpu[0-{last}]\n"


class Unavailable(Exception):
    """Slurm cannot be had on this machine; the text says why."""


def node_name() -> str:
    return socket.gethostname().split(".")[0]


def start() -> None:
    """Install what is missing and start the daemons; returns when a first job has run."""
    if answers():
        return
    check_machine()
    install()
    stop()
    configure()
    files = {"key-file": "munge.key", "socket": "munge.socket", "pid-file": "munged.pid", "log-file": "munged.log"}
    files |= {"seed-file": "munge.seed"}
    daemon("munged", "--force", *(f"--{option}={HOME / name}" for option, name in files.items()))
    wait_until(lambda: succeeds("munge", "-n", "-S", f"{HOME}/munge.socket"), "munged")
    daemon("slurmctld")
    wait_until(lambda: succeeds("scontrol", "ping"), "slurmctld")
    revive_node()
    wait_until(lambda: succeeds("srun", "-Q", "-n1", "--mem=10", "-t1", "true"), "a first job")


def stop() -> None:
    """Cancel all jobs and end the daemons; nothing where nothing runs."""
    if answers():
        run("scancel", "--user", "root")
        with suppress(Unavailable):
            wait_until(lambda: not run("squeue", "-h").stdout.strip(), "the end of all jobs", 20)
    for name, program in reversed(DAEMONS.items()):
        end(HOME / f"{name}.pid", program, signal.SIGTERM)
    for link in ETC.glob("*.conf"):
        if link.is_symlink() and HOME in Path(os.readlink(link)).parents:
            link.unlink()


def kill_node() -> None:
    """Kill slurmd and the jobs on it at once, as when a machine loses its power."""
    end(HOME / "node.pid", "slurmd", signal.SIGKILL)
    for step in steps():
        for process in [step, *descendants(step)]:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def revive_node() -> None:
    """Start slurmd; returns when jobs can run on it."""
    if not succeeds("pgrep", "--pidfile", f"{HOME}/node.pid"):
        daemon("slurmd")
    wait_until(node_is_up, "the node")


def node_is_up() -> bool:
    state = run("sinfo", "-h", "-N", "-o", "%t", "-p", "cpu").stdout.strip()
    if state.startswith(("down", "drain")):
        run("scontrol", "update", f"nodename={node_name()}", "state=resume")
    return state in ("idle", "mix", "alloc")


def answers() -> bool:
    """Whether our own cluster is up."""
    config = ETC / "slurm.conf"
    ours = config.is_symlink() and Path(os.readlink(config)) == HOME / "slurm.conf"
    return ours and succeeds("scontrol", "ping") and node_is_up()


def check_machine() -> None:
    config = ETC / "slurm.conf"
    if config.exists() and not (config.is_symlink() and HOME in Path(os.readlink(config)).parents):
        raise Unavailable(f"{config}: this machine has a Slurm of its own")
    if os.geteuid() != 0:
        raise Unavailable("starting Slurm needs root")
    if shutil.which("apt-get") is None and shutil.which("slurmctld") is None:
        raise Unavailable("Slurm is not installed, and there is no apt-get")


def install() -> None:
    """Debian's packages, without letting them start anything."""
    if all(shutil.which(program) for program in (*DAEMONS.values(), "sbatch", "munge")):
        return
    policy = Path("/usr/sbin/policy-rc.d")
    made = not policy.exists()
    if made:
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        quiet = {"env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
        run("apt-get", "update", "-q", **quiet)
        done = run("apt-get", "install", "-y", "-q", "--no-install-recommends", *PACKAGES, **quiet)
    finally:
        if made:
            policy.unlink()
    if done.returncode != 0:
        raise Unavailable(f"apt-get install {' '.join(PACKAGES)}: {done.stdout.strip().splitlines()[-1:]}")


def configure() -> None:
    shutil.rmtree(HOME, ignore_errors=True)
    for folder in (HOME, HOME / "state", HOME / "spool", ETC):
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    key = HOME / "munge.key"
    key.touch(mode=0o600)
    key.write_bytes(os.urandom(128))
    values = {"home": HOME, "node": node_name(), "port": PORT, "node_port": PORT + 1, "cores": CORES}
    values |= {"memory": MEMORY_MB, "gpus": GPUS, "last": GPUS - 1}
    (HOME / "slurm.conf").write_text(CONFIG.format(**values))
    (HOME / "gres.conf").write_text("AutoDetect=off\n" + DEVICES.format(**values))
    for number in range(GPUS):
        (HOME / f"gpu{number}").symlink_to("/dev/null")  # a device file, or CUDA_VISIBLE_DEVICES is not set
    for name in ("slurm.conf", "gres.conf"):
        (ETC / name).unlink(missing_ok=True)
        (ETC / name).symlink_to(HOME / name)


def daemon(program: str, *arguments: str) -> None:
    """Start a program that goes into the background by itself."""
    with open(HOME / "daemons.log", "a") as log:
        done = subprocess.run(
            [shutil.which(program, path="/usr/sbin:/usr/bin") or program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    if done.returncode != 0:
        raise Unavailable(f"{program} does not start: {tail(HOME / 'daemons.log')}")


def end(pid_file: Path, program: str, sent: signal.Signals) -> None:
    """End the process of a pid file, if it is still that program."""
    try:
        number = int(pid_file.read_text())
    except (OSError, ValueError):
        return
    if program_of(number) == program:
        os.kill(number, sent)
        with suppress(Unavailable):
            wait_until(lambda: program_of(number) != program, f"the end of {program}", 15)
        if program_of(number) == program:
            os.kill(number, signal.SIGKILL)
    pid_file.unlink(missing_ok=True)


def program_of(number: int) -> str:
    """Name of the program that a process runs; "" where there is none, or only what is left of one."""
    try:
        return Path(os.readlink(f"/proc/{number}/exe")).name
    except OSError:
        return ""


def steps() -> list[int]:
    """The processes that look after jobs on the node, which outlive slurmd."""
    numbers = [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]
    return [number for number in numbers if program_of(number) == "slurmstepd"]


def descendants(number: int) -> list[int]:
    """All processes below one."""
    found = []
    for task in Path(f"/proc/{number}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, task.read_text().split()):
                found += [child, *descendants(child)]
    return found


def wait_until(done: Callable[[], bool], what: str, seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not done():
        if time.monotonic() > limit:
            raise Unavailable(f"{what} is not there after {seconds:.0f} s: {tail(HOME / 'controller.log')}")
        time.sleep(0.2)


def tail(path: Path) -> str:
    return path.read_text(errors="replace")[-600:] if path.exists() else ""


def run(*command: str, **kwargs: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **kwargs
    )


def succeeds(*command: str) -> bool:
    try:
        return run(*command, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


if __name__ == "__main__":
    actions = {"start": start, "stop": stop, "kill-node": kill_node, "revive-node": revive_node}
    if sys.argv[1:] not in [[name] for name in actions]:
        sys.exit(__doc__)
    try:
        actions[sys.argv[1]]()
    except Unavailable as error:
        sys.exit(f"error: {error}")
