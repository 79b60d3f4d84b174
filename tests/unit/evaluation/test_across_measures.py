"""What one data set adds to a comparison over several."""

from pathlib import Path

import pytest

from vidbench.evaluation.across_measures import whole_paths
from vidbench.video import Video


def test_a_file_is_the_same_however_a_manifest_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a manifest and in the corrected.csv that was made from it, whose paths are whole."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "videos").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "videos")
    names = ("videos/a.mp4", str(tmp_path / "videos/a.mp4"), "videos/../link/a.mp4")
    assert whole_paths(Video("a", name, "run", "g") for name in names) == {str(tmp_path / "videos/a.mp4")}
