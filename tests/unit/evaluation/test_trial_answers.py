"""The file of a trial's right and wrong validation videos, epoch by epoch."""

from pathlib import Path

import numpy as np

from vidbench.evaluation.trial_answers import ANSWERS, read_answers, write_answers

VIDEOS = [f"v{number}" for number in range(11)]  # more than a byte has bits
GROUPS = {video: f"g{number // 3}" for number, video in enumerate(VIDEOS)}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    right = np.random.default_rng(0).random((3, len(VIDEOS))) < 0.5
    write_answers(tmp_path, VIDEOS, GROUPS, [np.packbits(epoch).tobytes().hex() for epoch in right])
    found = read_answers(tmp_path)
    assert found is not None
    assert (found.right == right).all()
    assert (found.videos, found.groups) == (tuple(VIDEOS), tuple(GROUPS.values()))
    first = "".join("01"[value] for value in right[:, 0].astype(int))
    assert (tmp_path / ANSWERS).read_text().splitlines()[:2] == ["video,group,right", f"v0,g0,{first}"]


def test_a_training_without_an_epoch_and_one_without_a_file_have_none(tmp_path: Path) -> None:
    assert read_answers(tmp_path) is None
    write_answers(tmp_path, VIDEOS, GROUPS, [])
    assert read_answers(tmp_path) is None
