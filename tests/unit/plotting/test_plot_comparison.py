"""The dots of single seeds in the figure of accuracies."""

import pandas as pd
import pytest
from plot_comparison import seed_accuracies


def runs_of(model: str, seed: int, right: list[int], videos: list[int]) -> list[dict[str, object]]:
    """Rows of comparison.csv: right answers and test videos of each split."""
    return [
        {"model": model, "seed": seed, "fraction": 1.0, "top1": count / total, "num_videos": total}
        for count, total in zip(right, videos, strict=True)
    ]


def test_a_dot_is_where_the_mark_of_a_single_seed_would_be() -> None:
    """Splits of 4, 4 and 12 videos: pooled 13 of 20 are right, the mean of the three accuracies is another one."""
    rows = runs_of("a", 0, [4, 3, 6], [4, 4, 12]) + runs_of("a", 1, [2, 2, 6], [4, 4, 12])
    rows.append(rows[0] | {"fraction": 0.5, "top1": 0.0})
    assert seed_accuracies(pd.DataFrame(rows)).to_dict() == pytest.approx({("a", 0): 13 / 20, ("a", 1): 10 / 20})


def test_a_single_seed_has_no_dot() -> None:
    rows = runs_of("a", 0, [4], [4]) + runs_of("b", 0, [3], [4]) + runs_of("b", 1, [2], [4])
    assert seed_accuracies(pd.DataFrame(rows)).dropna().to_dict() == {("b", 0): 0.75, ("b", 1): 0.5}
