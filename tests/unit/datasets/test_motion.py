"""The embedded data set: pairs of classes that are each other backwards, made from a seed."""

import hashlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import tiny

from vidbench.datasets import motion
from vidbench.errors import UserError
from vidbench.frames import ffmpeg
from vidbench.frames.extract import extract_shard
from vidbench.frames.store import FrameStore

OPTIONS = {"kind": "motion", "motion": tiny.MOTION | {"train_scenes": 2, "test_scenes": 1, "size": 48}}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict]]:
    folder = tmp_path_factory.mktemp("motion")
    return folder, motion.download(OPTIONS, folder)


def test_lists_classes_and_groups(made: tuple[Path, list[dict]]) -> None:
    videos = motion.videos(OPTIONS, made[0])
    assert len(videos) == 18
    assert Counter(video.label for video in videos) == dict.fromkeys(
        [label for pair in motion.PAIRS for label in pair], 3
    )
    assert {video.group for video in videos if video.subset == "test"} == {"s002"}
    assert {video.group for video in videos if video.subset == "train"} == {"s000", "s001"}
    assert all(Path(video.path).stat().st_size > 500 for video in videos)


def test_each_pair_is_the_other_played_backwards(made: tuple[Path, list[dict]]) -> None:
    folder, _ = made
    recipe = ffmpeg.Recipe(size=48, fps=None, codec="raw", quality=2)
    videos = motion.videos(OPTIONS, folder)
    extract_shard(videos, recipe, folder / "0.h5", folder / "spool", 2, None, lambda video, status: None)
    store = FrameStore([folder / "0.h5"])
    for one, other in motion.PAIRS:
        for scene in ("s000", "s001", "s002"):
            forwards = store.read(f"{one}_{scene}", range(8)).astype(int)
            backwards = store.read(f"{other}_{scene}", range(8)).astype(int)[::-1]
            assert np.abs(forwards - backwards).mean() < 1.5
            assert np.abs(forwards - forwards[::-1]).mean() > 3 * np.abs(forwards - backwards).mean()


def brightest(frame: np.ndarray) -> tuple[float, float]:
    """Centre (y, x) of what differs most from the middle colour."""
    light = frame.astype(float).sum(axis=2)
    weight = np.clip(light - np.percentile(light, 97), 0, None)
    y, x = np.mgrid[0 : frame.shape[0], 0 : frame.shape[1]]
    return float((y * weight).sum() / weight.sum()), float((x * weight).sum() / weight.sum())


def test_the_shape_moves_as_its_label_says(made: tuple[Path, list[dict]]) -> None:
    store = FrameStore([made[0] / "0.h5"])
    for scene in ("s000", "s001", "s002"):
        path = {
            label: [brightest(f) for f in store.read(f"{label}_{scene}", range(8))]
            for pair in motion.PAIRS
            for label in pair
        }
        assert path["left"][0][1] - path["left"][-1][1] > 8
        assert path["right"][-1][1] - path["right"][0][1] > 8
        assert path["up"][0][0] - path["up"][-1][0] > 8
        assert path["down"][-1][0] - path["down"][0][0] > 8
        turn = np.array(path["clockwise"]) - np.mean(path["clockwise"], axis=0)
        crossed = turn[:-1, 1] * turn[1:, 0] - turn[:-1, 0] * turn[1:, 1]  # x1 y2 - y1 x2, y points down
        assert crossed.mean() > 0


def test_a_second_download_makes_nothing_and_the_same_seed_the_same_bytes(
    made: tuple[Path, list[dict]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, archives = made
    again = motion.download(OPTIONS, tmp_path)
    assert [entry["sha256"] for entry in again] == [entry["sha256"] for entry in archives]
    lost = Path(motion.videos(OPTIONS, folder)[0].path)
    content = hashlib.sha256(lost.read_bytes()).hexdigest()
    lost.unlink()
    assert motion.download(OPTIONS, folder) == archives
    assert hashlib.sha256(lost.read_bytes()).hexdigest() == content
    monkeypatch.setattr(motion, "_make_scene", lambda *_: pytest.fail("made again"))
    assert motion.download(OPTIONS, folder) == archives


def test_another_seed_gives_other_videos(made: tuple[Path, list[dict]], tmp_path: Path) -> None:
    other = {"kind": "motion", "motion": OPTIONS["motion"] | {"seed": 1}}
    assert {e["sha256"] for e in motion.download(other, tmp_path)}.isdisjoint(e["sha256"] for e in made[1])


def test_a_scene_is_encoded_by_one_process_with_the_bytes_of_single_videos(
    made: tuple[Path, list[dict]], tmp_path: Path
) -> None:
    folder, _ = made
    for label, frames in motion.draw_scene(2, OPTIONS["motion"]).items():
        ffmpeg.encode_h264(frames, tmp_path / "alone.mp4", motion.FRAMES_PER_SECOND)
        together = folder / "videos" / label / f"{label}_s002.mp4"
        assert together.read_bytes() == (tmp_path / "alone.mp4").read_bytes(), label


def test_an_error_of_encoding_names_the_videos_and_leaves_none(tmp_path: Path) -> None:
    clips = {tmp_path / "no folder" / f"{number}.mp4": np.zeros((2, 16, 16, 3), np.uint8) for number in (1, 2)}
    with pytest.raises(UserError, match=r"1\.mp4, .*2\.mp4: ffmpeg could not encode them: .*No such file"):
        ffmpeg.encode_h264_files(clips, 8)
