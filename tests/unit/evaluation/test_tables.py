"""Rows of summary.csv and pairwise.csv as they are written, read and turned round."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from planted import pair_of, summary_of

from vidbench.errors import UserError
from vidbench.evaluation.tables import ModelSummary, PairedDifference, columns, read_table, typed
from vidbench.evaluation.verdicts import Verdict
from vidbench.files import write_csv


def test_a_row_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = [
        summary_of("1", 0.9, verdict=Verdict.DIVERGED, diverged_runs=2, on_front=True, seeds_missing="0 2"),
        summary_of("NA", 0.5, top1_low=None, top1_high=None, tied_with_best=None),
    ]
    write_csv(tmp_path / "summary.csv", map(asdict, written), columns(ModelSummary))
    assert read_table(tmp_path / "summary.csv", ModelSummary) == written
    assert [row.diverged for row in written] == [True, False]


def test_a_table_of_an_older_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "summary.csv").write_text("model,top1\na,0.9\n")
    with pytest.raises(UserError, match=r"summary\.csv: lacks the column 'top1_low'; make the table again"):
        read_table(tmp_path / "summary.csv", ModelSummary)


def test_what_is_not_known_is_none_in_text_and_in_frames() -> None:
    cells = asdict(pair_of("a", "b", 0.1)) | {"low": "nan", "p_holm": "", "detectable": np.nan}
    (row,) = typed(PairedDifference, [cells])
    (same,) = typed(PairedDifference, pd.DataFrame([cells]).to_dict("records"))
    assert (row.low, row.p_holm, row.detectable, row.told_apart) == (None,) * 4
    assert row == same


def test_a_pair_is_turned_round() -> None:
    pair = pair_of("a", "b", -0.2, low=-0.3, high=-0.1)
    turned = pair.of("b")
    assert (turned.model_a, turned.model_b, turned.difference, turned.low, turned.high) == ("b", "a", 0.2, 0.1, 0.3)
    assert pair.of("a") is pair
    assert turned.swapped() == pair
    assert [pair_of("a", "b", 0, p_holm=p).told_apart for p in (0.05, 0.051)] == [True, False]
