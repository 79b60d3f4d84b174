"""trackio warns where it cannot write, and goes on: that has to be found before."""

from pathlib import Path

import pytest

from vidbench.tracking.in_trackio import InTrackio
from vidbench.tracking.tracked_run import TrackedRun


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))
    (tmp_path / "trackio").touch()
    run = TrackedRun("motion", "cnn3d split1 seed0", "cnn3d split1", {}, tmp_path, Path("m/s/c/seed0"), "x", False)
    with pytest.raises(FileExistsError):
        InTrackio(run)
