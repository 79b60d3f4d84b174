"""What a run costs a person and the machine: characters on the terminal, time, processor time, jobs, processes.

The run is made in a copy of the project's files, without results. `--project` measures another checkout, e.g. of an
earlier commit; what stands behind `--` goes to Snakemake. With `--terminal` the run has a pseudo-terminal, on which
only the characters that stay are counted: a bar that is drawn again in its place is not.

Example:
    python tests/benchmark/terminal.py --output results/benchmark/terminal.json -- --cores all --resources gpu=1
"""

import argparse
import fcntl
import json
import os
import pty
import re
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time
from dataclasses import asdict, dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PARTS = ("Snakefile", "rules", "scripts", "config", "report", "envs", "profiles")
# Each Python process that starts runs this file, and adds a line to $STARTED.
COUNTER = "import os\nwith open(os.environ['STARTED'], 'a') as file:\n    file.write('.\\n')\n"
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")  # colours and the like


@dataclass(frozen=True)
class Cost:
    """What was counted of a run; times in seconds."""

    exit_code: int
    characters: int
    lines: int
    longest_line: int
    seconds: float
    cpu_seconds: float  # user and system time of the run and of all that it started
    jobs: int
    python_processes: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", type=Path, default=PROJECT, help="checkout whose files are run")
    parser.add_argument("--folder", type=Path, help="folder to run in, kept; a temporary one by default")
    parser.add_argument("--terminal", action="store_true", help="give the run a pseudo-terminal")
    parser.add_argument("--text", type=Path, help="file for what the run wrote")
    parser.add_argument("--output", type=Path, help="JSON file to write")
    parser.add_argument("snakemake", nargs="*", help="arguments of Snakemake")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary, "project")
        copy_files(arguments.project, folder)
        cost, text = measure(folder, arguments.snakemake, arguments.terminal)
    print("\n".join(f"{name:18}{value:>12,}" for name, value in asdict(cost).items()))
    if arguments.text:
        arguments.text.write_text(text, encoding="utf-8")
    if arguments.output:
        arguments.output.parent.mkdir(parents=True, exist_ok=True)
        arguments.output.write_text(json.dumps(asdict(cost), indent=2) + "\n", encoding="utf-8")


def copy_files(project: Path, folder: Path) -> None:
    """Copy the files of a workflow, without results, into a folder that may exist."""
    for part in PARTS:
        source = project / part
        if source.is_dir():
            shutil.copytree(source, folder / part, dirs_exist_ok=True)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, folder / part)


def measure(folder: Path, arguments: list[str], terminal: bool) -> tuple[Cost, str]:
    """Run Snakemake in a folder; what it cost, and what it wrote."""
    with tempfile.TemporaryDirectory() as counting:
        Path(counting, "sitecustomize.py").write_text(COUNTER)
        started = Path(counting, "started")
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = os.environ | {"PYTHONPATH": counting, "STARTED": str(started), "PATH": path}
        command = [sys.executable, "-m", "snakemake", *arguments]
        begin = time.monotonic()
        used_before = used_by_children()
        run = run_on_terminal if terminal else run_into_file
        exit_code, text = run(command, folder, environment)
        seconds = time.monotonic() - begin
        cpu_seconds = used_by_children() - used_before
        processes = started.read_text().count("\n")
    lines = visible(text).splitlines()
    return Cost(
        exit_code=exit_code,
        characters=sum(len(line) + 1 for line in lines),
        lines=len(lines),
        longest_line=max(map(len, lines), default=0),
        seconds=round(seconds, 1),
        cpu_seconds=round(cpu_seconds, 1),
        jobs=sum(1 for _ in folder.glob("logs/**/*.tsv")),
        python_processes=processes,
    ), text


def used_by_children() -> float:
    """Processor seconds of the processes that this one has started and waited for, and of all that they have."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run_into_file(command: list[str], folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    """Run a command whose output goes to a file."""
    with tempfile.TemporaryFile() as file:
        done = subprocess.run(command, cwd=folder, env=environment, stdout=file, stderr=file)
        file.seek(0)
        return done.returncode, file.read().decode("utf-8", "replace")


def run_on_terminal(command: list[str], folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    """Run a command on a pseudo-terminal of 120 columns."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    process = subprocess.Popen(command, cwd=folder, env=environment, stdin=its, stdout=its, stderr=its)
    os.close(its)
    read = bytearray()
    while True:
        try:
            read += os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
    os.close(ours)
    return process.wait(), read.decode("utf-8", "replace")


def visible(text: str) -> str:
    """What stays of what was written to a terminal: of each line the last thing that was written over it."""
    lines = CONTROL.sub("", text).replace("\r\n", "\n").split("\n")
    return "\n".join(overwritten(line) for line in lines)


def overwritten(line: str) -> str:
    """A line after each of its parts was written from its beginning, over what stood there."""
    shown = ""
    for part in line.split("\r"):
        shown = part + shown[len(part) :]
    return shown.rstrip()


if __name__ == "__main__":
    main()
