"""The library of a Snakefile that comes from a git repository."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from vidbench.workflow import source_tree


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has not imported the library yet."""
    monkeypatch.delitem(sys.modules, "vidbench")


def archive(text: str) -> bytes:
    """What `git archive` would print, with one script."""
    import io
    import tarfile

    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as file:
        member = tarfile.TarInfo("scripts/step.py")
        member.size = len(text)
        file.addfile(member, io.BytesIO(text.encode()))
    return stream.getvalue()


def fake_git(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let each ref be a commit of its own, whose script holds its name; the list fills with git's subcommands."""
    calls: list[str] = []

    def run(*arguments: str) -> bytes:
        calls.append(arguments[2])
        if arguments[2] == "rev-parse":
            return f"commit-of-{arguments[-1].removesuffix('^{commit}')}\n".encode()
        return archive(arguments[3])

    monkeypatch.setattr(source_tree, "_git", run)
    return calls


def test_a_local_snakefile_has_its_scripts_beside_it(tmp_path: Path) -> None:
    workflow = SimpleNamespace(current_basedir=tmp_path / "rules")
    assert source_tree.find_scripts(workflow) == tmp_path.resolve() / "scripts"


def test_what_snakemakes_own_process_lacks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in an environment that was made for Snakemake alone, where conda brings the jobs' software."""
    monkeypatch.setattr(source_tree.importlib.util, "find_spec", lambda name: None if name == "tqdm" else name)
    with pytest.raises(SystemExit, match=r"^error: not installed where Snakemake is: tqdm; pip install tqdm, or conda"):
        source_tree.find_scripts(SimpleNamespace(current_basedir=tmp_path / "rules"))


def test_a_tag_is_unpacked_once_and_replaced_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alone: None
) -> None:
    calls, folder = fake_git(monkeypatch), tmp_path / ".snakemake" / "vidbench"
    for tag, commands in (("v1", 2), ("v1", 1), ("v2", 2)):
        calls.clear()
        assert source_tree.unpack("repository", tag, folder) == folder
        assert len(calls) == commands
        assert (folder / "scripts/step.py").read_text() == source_tree.commit_of(folder) == f"commit-of-{tag}"
    assert [path.name for path in folder.parent.iterdir()] == ["vidbench"]
    assert source_tree.commit_of(tmp_path) is None


def test_two_versions_in_one_process_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_git(monkeypatch)
    assert "vidbench" in sys.modules
    with pytest.raises(SystemExit, match=r"^error: module: VidBench v2 beside another version .* the same tag"):
        source_tree.unpack("repository", "v2", tmp_path / "vidbench")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (None, r"^error: git: not found; .* install git"),
        ("/usr/bin/git", r"^error: git rev-parse v9: fatal: no such tag$"),
    ],
)
def test_what_git_cannot_do_is_one_line(program: str | None, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess([], 128, b"", b"warning: a\nfatal: no such tag\n")
    monkeypatch.setattr(source_tree.shutil, "which", lambda _: program)
    monkeypatch.setattr(source_tree.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(SystemExit, match=message):
        source_tree._git("rev-parse", "v9")
