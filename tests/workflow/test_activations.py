"""Activation maps in the workflow: of the first split and seed, only where they are wanted, never for a figure."""

import shutil
from pathlib import Path

import pytest
import yaml

from workflow.conftest import changed, edited, own_config, planned, snakemake

MADE = {"select_explained_videos": 2, "compute_activation_maps": 4, "plot_activations": 2, "build_report": 1}


def with_maps(folder: Path, number: int = 2):
    return edited(folder / "tiny.yaml", yaml.safe_dump(own_config() | {"evaluation": {"explained_videos": number}}))


def test_maps_are_of_the_first_split_and_cost_nothing_where_they_are_off(finished: Path) -> None:
    assert planned(finished) == {}
    with with_maps(finished):
        assert planned(finished) == MADE  # 2 data sets, one of them with 2 splits, of 2 models


@pytest.mark.slow
def test_what_makes_maps_again(finished: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(finished, folder, symlinks=True)
    with with_maps(folder):
        snakemake(folder)
        assert planned(folder) == {}
        for run in ("motion/split1/cnn3d", "own/fold1/cnn2d_mean"):
            assert (folder / "results" / run / "seed0/activations.h5").exists()
        assert not (folder / "results/own/fold2/cnn3d/seed0/activations.h5").exists()
        assert "Activation maps over time" in (folder / "results/report.html").read_text()
        drawn = {"plot_activations": 2, "build_report": 1}
        with changed(folder / "scripts/plot_activations.py"):
            assert planned(folder) == drawn
        for script in ("vidbench/plotting/style.py", "vidbench/evaluation/metrics.py", "compare_models.py"):
            with changed(folder / "scripts" / script):
                jobs = planned(folder)
                assert jobs["plot_activations"] == 2
                assert not {"select_explained_videos", "compute_activation_maps", "predict_videos"} & set(jobs)
        with changed(folder / "scripts/vidbench/prediction/grad_cam.py"):
            assert planned(folder) == {"compute_activation_maps": 4, **drawn}
    with with_maps(folder, 4):
        assert planned(folder) == MADE
