"""Generated stores are read like extracted ones."""

from pathlib import Path

import numpy as np
from generated_store import write_motion

from vidbench.clips.split_data import SplitData
from vidbench.datasets import motion
from vidbench.frames.store import FrameStore, verify
from vidbench.video import read_videos

RECIPE = {"train_scenes": 3, "test_scenes": 1, "frames": 6, "size": 16, "seed": 1}


def test_the_embedded_data_set_without_video_files(tmp_path: Path) -> None:
    paths = write_motion(tmp_path, RECIPE, val_scenes=1)
    assert verify(paths["frames"])
    assert sorted(path.name for path in (tmp_path / "frames").iterdir()) == ["0.h5"]
    data = SplitData.read(paths["videos"], paths["split"], [paths["frames"]])
    assert {subset: len(videos) for subset, videos in data.video_ids.items()} == {"train": 12, "val": 6, "test": 6}
    assert {video.group for video in read_videos(paths["videos"])} == {"s000", "s001", "s002", "s003"}
    store = FrameStore(paths["frames"])
    for label, frames in motion.draw_scene(2, RECIPE).items():
        assert np.array_equal(store.read(f"{label}_s002"), frames)
    assert store.times("left_s000")[-1] == 5 / motion.FRAMES_PER_SECOND


def test_each_pair_of_a_scene_is_the_other_played_backwards() -> None:
    drawn = motion.draw_scene(0, RECIPE)
    assert sorted(drawn) == sorted(label for pair in motion.PAIRS for label in pair)
    for label, reverse in motion.PAIRS:
        assert np.array_equal(drawn[label], drawn[reverse][::-1])
        assert not np.array_equal(drawn[label], drawn[reverse])
