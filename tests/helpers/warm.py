"""Python that has its imports behind it: a process that is forked for each call of Snakemake, of a script, of a job.

Most of what a dry run or a script on tiny data costs is importing packages. What a call imports of the project itself,
it imports anew. A call is a connection to a socket: its descriptors 0 to 2, then argv, folder and environment as JSON;
the answer is its exit code. Whoever ends before the answer has the call killed.
"""

import atexit
import functools
import gc
import importlib
import json
import os
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from pathlib import Path

# What is imported once, by kind of call.
IMPORTS = {
    "snakemake": ("snakemake.cli", "snakemake.executors.local", "snakemake_logger_plugin_rich.handler", "jsonschema"),
    "scripts": ("torch", "torchvision", "pandas", "h5py", "scipy.stats", "seaborn", "jinja2", "jsonschema", "yaml"),
}
# Stands before the real one in the PATH of a run's jobs; whatever is no script is left to the real one.
PYTHON = """#!{real} -IS
import json, os, socket, sys
if len(sys.argv) < 2 or not sys.argv[1].endswith(".py"):
    os.execv({real!r}, [{real!r}, *sys.argv[1:]])
call = {{"argv": sys.argv[1:], "cwd": os.getcwd(), "environment": dict(os.environ)}}
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    socket.send_fds(server, [b"."], [0, 1, 2])
    server.sendall(json.dumps(call).encode())
    server.shutdown(socket.SHUT_WR)
    sys.exit(int(server.recv(16) or 1))
"""


def snakemake(arguments: list[str], folder: Path) -> subprocess.CompletedProcess:
    """As `python -m snakemake ARGUMENTS` in a folder; stdout is all that it printed. Its jobs are forks, too."""
    path = f"{Path(address('scripts')).parent}{os.pathsep}{os.environ['PATH']}"
    done = _run("snakemake", ["snakemake", *arguments], folder, os.environ | {"PATH": path})
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout)


def script(path: Path, arguments: list[str], folder: Path) -> subprocess.CompletedProcess:
    """As `python PATH ARGUMENTS` in a folder."""
    return _run("scripts", [str(path), *arguments], folder, dict(os.environ))


def _run(kind: str, argv: list[str], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess:
    """Snakemake's standard error goes where its standard output goes."""
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr, open(os.devnull) as nothing:
        with socket.socket(socket.AF_UNIX) as server:
            server.connect(address(kind))
            errors = stdout if kind == "snakemake" else stderr
            socket.send_fds(server, [b"."], [file.fileno() for file in (nothing, stdout, errors)])
            server.sendall(json.dumps({"argv": argv, "cwd": str(folder), "environment": environment}).encode())
            server.shutdown(socket.SHUT_WR)
            returncode = int(server.recv(16))
        texts = []
        for file in (stdout, stderr):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
    return subprocess.CompletedProcess(argv, returncode, *texts)


@functools.cache
def address(kind: str) -> str:
    """The socket of a process that is forked, which is started for the first call."""
    place = Path(tempfile.mkdtemp(prefix="vidbench-"))
    python = place / "python"
    python.write_text(PYTHON.format(real=sys.executable, address=str(place / "socket")))
    python.chmod(0o755)
    # One thread, or else the pool of OpenBLAS would be lost in a fork; a call gets the environment of its caller.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
    command = [sys.executable, __file__, str(place / "socket"), *IMPORTS[kind]]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True)
    atexit.register(_stop, process, place, os.getpid())
    assert process.stdout.readline() == "ready\n"
    return str(place / "socket")


def _stop(process: subprocess.Popen, place: Path, owner: int) -> None:
    if os.getpid() == owner:
        process.kill()
        process.wait()
        shutil.rmtree(place)


def serve(path: str) -> None:
    """For each connection a fork that looks after the call, which is a fork of its own."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(64)
        print("ready", flush=True)
        parent = os.getppid()
        while os.getppid() == parent:
            if not select.select([listening], [], [], 5)[0]:
                continue
            connection, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                return look_after(connection)
            connection.close()
            reap()


def reap() -> None:
    """Take notice of forks that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def look_after(connection: socket.socket) -> None:
    """Start the call, and answer with its exit code; kill it when nobody waits for that."""
    _, descriptors, _, _ = socket.recv_fds(connection, 1, 3)
    with connection.makefile("rb") as asked:
        call = json.loads(asked.read())
    child = os.fork()
    if child == 0:
        connection.close()
        return become(descriptors, **call)
    watched = select.poll()
    ended = os.pidfd_open(child)
    watched.register(ended, select.POLLIN)
    watched.register(connection, 0)  # tells of a hang-up
    if ended not in dict(watched.poll()):
        os.kill(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        connection.sendall(str(code if code >= 0 else 128 - code).encode())
    finally:
        os._exit(0)


def become(descriptors: list[int], argv: list[str], cwd: str, environment: dict[str, str]) -> None:
    """Be the call: with its descriptors, in its folder, with its environment."""
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = argv
    os._exit(called(argv, cwd))  # to take apart what all forks share would cost a second


def called(argv: list[str], cwd: str) -> int:
    """Run what is called to its end; its exit code."""
    code = 0
    try:
        if argv[0] == "snakemake":
            sys.path[0] = cwd
            runpy.run_module("snakemake", run_name="__main__", alter_sys=True)
        else:
            sys.path[0] = os.path.abspath(os.path.dirname(argv[0]))
            runpy.run_path(argv[0], run_name="__main__")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        code = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return code & 0xFF


if __name__ == "__main__":
    for name in sys.argv[2:]:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # or else each fork's first collection would copy all of it
    serve(sys.argv[1])
