"""A second project uses the downloads of a first one, also where it may not write."""

import subprocess
from pathlib import Path

import pytest
import tiny

from workflow.conftest import SNAKEMAKE, copy_project, planned, snakemake, write_config

pytestmark = pytest.mark.slow
PRIVATE_MOUNTS = ("unshare", "--mount")


def project(folder: Path, shared: Path) -> Path:
    """A clone whose motion videos lie in a shared folder."""
    copy_project(folder)
    (folder / "resources").mkdir()
    (folder / "resources/motion").symlink_to(shared)
    write_config(folder, tiny.CONFIG)
    return folder


def test_what_is_there_is_used(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    first, second = (project(tmp_path / name, tmp_path / "shared") for name in ("first", "second"))
    snakemake(first, "results/motion/frames/0.h5")
    assert len(list((tmp_path / "shared/videos").rglob("*.mp4"))) == 54
    assert planned(second, "frames") == {"extract_frames": 2, "inspect_videos": 1, "frames": 1}
    if subprocess.run([*PRIVATE_MOUNTS, "true"], capture_output=True).returncode:
        pytest.skip("this user may not mount anything: a folder that cannot be written to is not tried")
    mount = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && ! touch "$0/x" 2> /dev/null && exec "$@"'
    command = [*PRIVATE_MOUNTS, "sh", "-c", mount, str(tmp_path / "shared"), *SNAKEMAKE, "frames"]
    done = subprocess.run(command, cwd=second, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert planned(second, "frames") == {}
    (tmp_path / "shared/source.json").unlink()
    done = subprocess.run([*command, "--forcerun", "extract_frames"], cwd=second, capture_output=True, text=True)
    assert done.returncode != 0
    assert "error: resources/motion: cannot be written to: Read-only file system" in done.stdout + done.stderr
