"""Python that has its imports behind it: a process that is forked for each call of Snakemake or of a script.

Most of what a dry run or a script on tiny data costs is importing packages. What a call imports of the project itself,
it imports anew.
"""

import atexit
import importlib
import json
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

# What is imported once, by kind of call.
IMPORTS = {
    "snakemake": ("snakemake.cli", "snakemake.executors.local", "snakemake_logger_plugin_rich.handler", "jsonschema"),
    "scripts": ("torch", "torchvision", "pandas", "h5py", "scipy.stats", "seaborn", "jinja2", "jsonschema", "yaml"),
}


def snakemake(arguments: list[str], folder: Path) -> subprocess.CompletedProcess:
    """As `python -m snakemake ARGUMENTS` in a folder; stdout is all that it printed."""
    done = _run("snakemake", ["snakemake", *arguments], folder)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout + done.stderr)


def script(path: Path, arguments: list[str], folder: Path) -> subprocess.CompletedProcess:
    """As `python PATH ARGUMENTS` in a folder."""
    return _run("scripts", [str(path), *arguments], folder)


def _run(kind: str, argv: list[str], folder: Path) -> subprocess.CompletedProcess:
    """One call at a time, with the environment that this process has now. Snakemake's errors go where the rest goes."""
    with tempfile.TemporaryDirectory() as place:
        printed = [Path(place) / name for name in ("stdout", "stderr")]
        files = [str(printed[0]), str(printed[kind != "snakemake"])]
        for path in printed:
            path.touch()
        call = {"argv": argv, "cwd": str(folder), "files": files, "environment": dict(os.environ)}
        try:
            server(kind).stdin.write(json.dumps(call) + "\n")
            server(kind).stdin.flush()
            returncode = int(server(kind).stdout.readline())
        except BaseException:  # a test that is out of time leaves its answer behind
            stop()
            raise
        stdout, stderr = (path.read_text(encoding="utf-8", errors="replace") for path in printed)
    return subprocess.CompletedProcess(argv, returncode, stdout, stderr)


SERVERS: dict[str, subprocess.Popen] = {}


def server(kind: str) -> subprocess.Popen:
    """The process that is forked, started for the first call."""
    if kind not in SERVERS:
        # One thread, or else the pool of OpenBLAS would be lost in a fork; a call gets the environment of its caller.
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
        command = [sys.executable, __file__, *IMPORTS[kind]]
        SERVERS[kind] = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
    return SERVERS[kind]


@atexit.register
def stop() -> None:
    """End the processes; the next call starts one again."""
    while SERVERS:
        _, process = SERVERS.popitem()
        process.kill()
        process.wait()


def serve() -> None:
    """For each line of the standard input a fork that is that call; its return code is printed."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            become(**json.loads(line))
            sys.exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def become(argv: list[str], cwd: str, files: list[str], environment: dict[str, str]) -> None:
    """Be the call: in its folder, with its environment, printing to files."""
    for descriptor, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, files[0], os.O_WRONLY | os.O_APPEND),
        (2, files[1], os.O_WRONLY | os.O_APPEND),
    ):
        opened = os.open(path, flags)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = argv
    if argv[0] == "snakemake":
        sys.path[0] = cwd
        runpy.run_module("snakemake", run_name="__main__", alter_sys=True)
    else:
        sys.path[0] = str(Path(argv[0]).parent)
        runpy.run_path(argv[0], run_name="__main__")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        importlib.import_module(name)
    serve()
