"""Where the workflow's own files lie, also where its Snakefile comes from a git repository.

Of such a repository, github(...) or gitfile(...), Snakemake fetches single files; the steps need the whole library. So
it is unpacked into the folder of the run. rules/common.smk runs this file before anything of the library is there to
import: it imports nothing of it.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

FOLDER = Path(".snakemake", "vidbench")  # one for all versions: a newer one must not have other input files
COMMIT_FILE = "COMMIT"
NEEDED = ("numpy", "tqdm")  # by Snakemake's own process, beside what Snakemake brings
PARTS = ("Snakefile", "rules", "scripts", "config", "envs", "report", "profiles")


def find_scripts(workflow: Any) -> Path:
    """Return the folder of the scripts that belong to the Snakefile which is read.

    Ends Snakemake, in one line, where a package is missing that its own process needs, or where another version of the
    library is in use in this process already.
    """
    if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
        names = " ".join(missing)
        sys.exit(f"error: not installed where Snakemake is: {names}; pip install {names}, or conda install {names}")
    rules = workflow.current_basedir
    if hasattr(rules, "__fspath__"):
        return Path(rules, "..", "scripts").resolve()
    return unpack(git_folder(rules), rules.ref, FOLDER) / "scripts"


def git_folder(source: Any) -> str:
    """Return the git folder of the repository of a github(...), gitlab(...) or gitfile(...)."""
    if hasattr(source, "hosted_repo"):
        return source.hosted_repo.repo.git_dir
    return _git("-C", source.repo_path, "rev-parse", "--absolute-git-dir").decode().strip()


def unpack(git_dir: str, ref: str, folder: Path) -> Path:
    """Put the files of `ref` (a tag, branch or commit) into `folder`, unless they are there; return its whole path."""
    commit = _git("--git-dir", git_dir, "rev-parse", "--verify", f"{ref}^{{commit}}").decode().strip()
    if commit_of(folder) == commit:
        return folder.resolve()
    _refuse_second_version(ref)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{folder.name}.", dir=folder.parent) as temporary:
        new, old = Path(temporary, "new"), Path(temporary, "old")
        with tarfile.open(fileobj=BytesIO(_git("--git-dir", git_dir, "archive", commit, *PARTS))) as archive:
            archive.extractall(new, filter="data")
        (new / COMMIT_FILE).write_text(f"{commit} {ref}\n", encoding="utf-8")
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    return folder.resolve()


def commit_of(folder: Path) -> str | None:
    """Return the commit that was unpacked into a folder; None for a folder of another kind."""
    record = folder / COMMIT_FILE
    return record.read_text(encoding="utf-8").split()[0] if record.exists() else None


def _refuse_second_version(ref: str) -> None:
    """A process imports a library once: modules of two versions would both run the first one's code."""
    if "vidbench" in sys.modules:
        sys.exit(
            f"error: module: VidBench {ref} beside another version of it: all modules of a workflow need the same tag;"
            " change one of them"
        )


def _git(*arguments: str) -> bytes:
    if shutil.which("git") is None:
        sys.exit("error: git: not found; a workflow that is taken from a git repository needs it: install git")
    done = subprocess.run(["git", *arguments], capture_output=True, env=os.environ | {"LC_ALL": "C"}, check=False)
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()
        sys.exit(f"error: git {' '.join(arguments)}: {words[-1] if words else 'failed'}")
    return done.stdout
