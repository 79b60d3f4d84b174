"""A real Slurm on one machine for tests: installed from Debian's packages, started without systemd, stopped again.

    python tests/slurm/cluster.py start | stop | kill-nodes | revive-nodes

Needs root and apt. Everything lies in one folder; the only files outside are two links in /etc/slurm, which the inner
srun of Snakemake's jobs looks for. Its two nodes are two slurmd with a port each. They claim more cores than there may
be, and a GPU each that is /dev/null: what is scheduled is real, what is computed with is not.
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
NODES = ("node1", "node2")
CORES, MEMORY_MB, GPUS, PORT = 4, 8000, 1, 17817  # of each node
SNAKEMAKE = (sys.executable, str(Path(__file__).with_name("impatient_snakemake.py")))
PROGRAMS = {"munged": "munged", "controller": "slurmctld"} | dict.fromkeys(NODES, "slurmd")

# Cores and memory are scheduled and memory is watched; no cgroups and no accounting, which a container seldom has.
# MinJobAge: Snakemake asks squeue about jobs that are over. Jobs of the partition "urgent" preempt those of the others.
CONFIG = """\
ClusterName=vidbench
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={home}/munge.socket
StateSaveLocation={home}/state
SlurmdSpoolDir={home}/spool-%n
SlurmctldPidFile={home}/controller.pid
SlurmdPidFile={home}/%n.pid
SlurmctldLogFile={home}/controller.log
SlurmdLogFile={home}/%n.log
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
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
ReturnToService=2
PartitionName=cpu Nodes=ALL Default=YES MaxTime=1-00:00:00 DefaultTime=00:10:00 State=UP
PartitionName=gpu Nodes=ALL Default=NO MaxTime=1-00:00:00 DefaultTime=00:10:00 State=UP
PartitionName=urgent Nodes=ALL Default=NO MaxTime=1-00:00:00 DefaultTime=00:10:00 State=UP PriorityTier=2
"""
NODE = (
    "NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={node_port} CPUs={cores} RealMemory={memory}"
    " Gres=gpu:h100:{gpus} State=UNKNOWN\n"
)
DEVICE = "NodeName={node} Name=gpu Type=h100 Flags=nvidia_gpu_env File={home}/gpu-{node}\n"


class Unavailable(Exception):
    """Slurm cannot be had on this machine; the text says why."""


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
    revive_nodes()
    wait_until(lambda: succeeds("srun", "-Q", "-N2", "--mem=10", "-t1", "true"), "a first job")


def stop() -> None:
    """Cancel all jobs, end the daemons and what is left of jobs; nothing where nothing runs."""
    if answers():
        run("scancel", "--user", "root")
        with suppress(Unavailable):
            wait_until(lambda: not run("squeue", "-h").stdout.strip(), "the end of all jobs", 20)
    for name, program in reversed(PROGRAMS.items()):
        end(HOME / f"{name}.pid", program, signal.SIGTERM)
    kill_all(job_processes)  # Slurm itself loses sight of those whose parents ended
    for link in ETC.glob("*.conf"):
        if link.is_symlink() and HOME in Path(os.readlink(link)).parents:
            link.unlink()


def kill_nodes() -> None:
    """Kill each slurmd and the jobs on it at once, as when machines lose their power."""
    for node in NODES:
        end(HOME / f"{node}.pid", "slurmd", signal.SIGKILL)
    # Until none is left: an srun that outlives its job crashes this version of slurmctld by a question about it.
    kill_all(lambda: [*steps(), *job_processes()])


def kill_all(find: Callable[[], list[int]]) -> None:
    """Kill processes until none is found; all are stopped before the first is killed, so that none can tell of it."""
    while processes := find():
        for sent in (signal.SIGSTOP, signal.SIGKILL):
            for process in processes:
                with suppress(ProcessLookupError):
                    os.kill(process, sent)
        time.sleep(0.05)


def revive_nodes() -> None:
    """Start each slurmd that does not run; returns when jobs can run on all nodes."""
    for node in NODES:
        if not succeeds("pgrep", "--pidfile", f"{HOME}/{node}.pid"):
            daemon("slurmd", "-N", node)
    wait_until(nodes_are_up, "the nodes")


def nodes_are_up() -> bool:
    lines = run("sinfo", "-h", "-N", "-o", "%N %t", "-p", "cpu").stdout.splitlines()
    states = dict(line.split() for line in lines)
    for node, state in states.items():
        if state.startswith(("down", "drain")):
            run("scontrol", "update", f"nodename={node}", "state=resume")
    return len(states) == len(NODES) and all(state in ("idle", "mix", "alloc") for state in states.values())


def answers() -> bool:
    """Whether our own cluster is up."""
    config = ETC / "slurm.conf"
    ours = config.is_symlink() and Path(os.readlink(config)) == HOME / "slurm.conf"
    return ours and succeeds("scontrol", "ping") and nodes_are_up()


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
    if all(shutil.which(program) for program in (*PROGRAMS.values(), "sbatch", "munge")):
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
    for folder in (HOME, HOME / "state", ETC):
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    key = HOME / "munge.key"
    key.touch(mode=0o600)
    key.write_bytes(os.urandom(128))
    values = {"home": HOME, "host": socket.gethostname().split(".")[0], "port": PORT, "cores": CORES}
    values |= {"memory": MEMORY_MB, "gpus": GPUS}
    config, devices = CONFIG.format(**values), "AutoDetect=off\n"
    for number, node in enumerate(NODES, 1):
        config += NODE.format(**values, node=node, node_port=PORT + number)
        devices += DEVICE.format(**values, node=node)
        (HOME / f"gpu-{node}").symlink_to("/dev/null")  # a device file, or CUDA_VISIBLE_DEVICES is not set
    (HOME / "slurm.conf").write_text(config)
    (HOME / "gres.conf").write_text(devices)
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
    """Name of the program that a process runs, without Debian's "-wlm"; "" where only a zombie is left, or nothing."""
    try:
        return Path(os.readlink(f"/proc/{number}/exe")).name.removesuffix("-wlm")
    except OSError:
        return ""


def steps() -> list[int]:
    """The processes that look after jobs on the node, which outlive slurmd."""
    numbers = [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]
    return [number for number in numbers if program_of(number) == "slurmstepd"]


def job_processes() -> list[int]:
    """All processes that a job of this cluster started."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if b"SLURM_CLUSTER_NAME=vidbench\0" in (entry / "environ").read_bytes():
                found.append(int(entry.name))
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


def accept_missing_gpus(project: Path) -> None:
    """Let jobs of a copy of the project compute on the CPU though they were granted a GPU: those here are none."""
    path = project / "scripts/vidbench/compute/device.py"
    text = path.read_text()
    granted = 'if device == "auto" and gpus_granted:'
    assert granted in text or "if False:" in text
    path.write_text(text.replace(granted, "if False:"))


if __name__ == "__main__":
    actions = {"start": start, "stop": stop, "kill-nodes": kill_nodes, "revive-nodes": revive_nodes}
    if sys.argv[1:] not in [[name] for name in actions]:
        sys.exit(__doc__)
    try:
        actions[sys.argv[1]]()
    except Unavailable as error:
        sys.exit(f"error: {error}")
