"""Functions of rules/share.smk, without Snakemake."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import tiny
from rule_objects import MOTION, own_config, rules

from vidbench.errors import UserError
from vidbench.sharing.files import FILES
from vidbench.workflow.share import ShareRules


def share(**changes: object) -> ShareRules:
    made = rules(tiny.config(**changes))
    return ShareRules.of(made.run, made.report)


def test_a_card_is_made_from_the_tables_of_the_page_and_of_the_diagram() -> None:
    tables = share().tables(MOTION)
    assert "results/motion/videos.csv" not in tables  # an input by itself
    assert {"results/motion/summary.csv", "results/motion/motion_use.csv", "results/motion/calibration.csv"} < {*tables}
    assert share().outputs(MOTION) == [f"results/motion/share/{name}" for name in FILES]


def test_the_script_is_told_what_the_configuration_wishes() -> None:
    assert share().wishes(MOTION) == ["--kind", "motion"]
    wished = {"model": "cnn3d", "license": "mit", "data_licenses": {"motion": "CC BY 4.0"}}
    words = ["--kind", "motion", "--model", "cnn3d", "--license", "mit", "--data-license", "CC BY 4.0"]
    assert share(share=wished).wishes(MOTION) == words


@pytest.mark.parametrize(
    ("wished", "words"),
    [
        ({"model": "cnn3"}, r"config: share\.model: 'cnn3' is not among run\.models, did you mean 'cnn3d'"),
        ({"model": "r3d_18"}, r"'r3d_18' is not among run\.models"),
        (
            {"data_licenses": {"moton": "x"}},
            r"share\.data_licenses: there is no data set 'moton', did you mean",
        ),
        ({"license": "a\nb"}, r"share\.license"),
        ({"modle": "cnn3d"}, "modle"),
    ],
)
def test_what_the_run_does_not_have_is_one_line(wished: dict, words: str) -> None:
    with pytest.raises(UserError, match=words) as caught:
        share(share=wished)
    assert "\n" not in str(caught.value)


def test_a_baseline_is_refused_before_any_job() -> None:
    with pytest.raises(UserError, match=r"share\.model: file_properties is a baseline, which has no weights"):
        share(share={"model": "file_properties"}, run__baselines=["file_properties"])


def test_data_sets_of_several_labels_are_left_out_beside_others_and_refused_alone(tmp_path: Path) -> None:
    def of(*names: str) -> ShareRules:
        made = rules(own_config(tmp_path, run__datasets=[*names], datasets__own__labels="multi"))
        return ShareRules.of(made.run, made.report)

    assert [data.name for data in of("motion", "own").data_sets] == ["motion"]
    alone = of("own")
    assert [data.name for data in alone.data_sets] == ["own"]
    with pytest.raises(UserError, match="share: own has several labels per video"):
        alone.tables(SimpleNamespace(dataset="own"))
