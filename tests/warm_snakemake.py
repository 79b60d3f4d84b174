"""Snakemake without its start: a process that has imported it once, and is forked for each call.

Half of what a dry run costs is importing Snakemake. What a call imports of the workflow itself, it imports anew.
"""

import atexit
import functools
import json
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path


def run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess:
    """As `python -m snakemake ARGUMENTS` in a folder, with this process's environment; stdout is all that it printed.

    One call at a time.
    """
    with tempfile.NamedTemporaryFile("r", encoding="utf-8", errors="replace") as output:
        call = {"argv": arguments, "cwd": str(folder), "output": output.name, "environment": dict(os.environ)}
        try:
            server().stdin.write(json.dumps(call) + "\n")
            server().stdin.flush()
            returncode = int(server().stdout.readline())
        except BaseException:  # a test that is out of time leaves its answer behind
            stop()
            raise
        return subprocess.CompletedProcess(arguments, returncode, stdout=output.read())


@functools.cache
def server() -> subprocess.Popen:
    """The process that is forked, started for the first call."""
    # One thread, or else the pool of OpenBLAS would be lost in a fork; a call gets the environment of its caller.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, __file__]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


@atexit.register
def stop() -> None:
    if server.cache_info().currsize:
        server().kill()
        server().wait()
        server.cache_clear()


def serve() -> None:
    """For each line of the standard input a fork that is that call; its return code is printed."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            become(**json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def become(argv: list[str], cwd: str, output: str, environment: dict[str, str]) -> None:
    """Be the call: in its folder, with its environment, printing to a file; ends the process."""
    for descriptor, path, flags in ((0, os.devnull, os.O_RDONLY), (1, output, os.O_WRONLY | os.O_APPEND)):
        opened = os.open(path, flags)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.dup2(1, 2)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[0] = cwd
    sys.argv = ["snakemake", *argv]
    try:
        runpy.run_module("snakemake", run_name="__main__", alter_sys=True)
    finally:
        sys.stdout.flush()
    sys.exit(0)


if __name__ == "__main__":
    import jsonschema  # noqa: F401  what each call imports beside Snakemake itself
    import pandas  # noqa: F401
    import snakemake.cli
    import snakemake.executors.local  # noqa: F401
    import snakemake_logger_plugin_rich.handler  # noqa: F401

    serve()
