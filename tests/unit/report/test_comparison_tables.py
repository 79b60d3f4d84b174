"""The table of pairs on the page: in the order of the summary, as the figure above it."""

from vidbench.report.comparison_tables import pairwise
from vidbench.report.dataset_results import DatasetResults


def pair(a: str, b: str, difference: str, low: str, high: str) -> dict[str, str]:
    return {"model_a": a, "model_b": b, "difference": difference, "low": low, "high": high, "p_value": "0.01",
            "p_holm": "0.02", "detectable": "0.05", "about": "architectures"}  # fmt: skip


def test_a_pair_is_turned_so_that_the_model_above_comes_first() -> None:
    pairs = [pair("weak", "strong", "-0.2", "-0.3", "-0.1"), pair("strong", "middle", "0.1", "0.05", "0.15")]
    table = pairwise(DatasetResults("a", [{"model": name} for name in ("strong", "middle", "weak")], pairs))
    assert [[cell.text for cell in row[:3]] for row in table.rows] == [
        ["strong − middle", "+10.0", "[5.0, 15.0]"],
        ["strong − weak", "+20.0", "[10.0, 30.0]"],
    ]


def test_an_interval_that_is_not_known_stays_so() -> None:
    table = pairwise(DatasetResults("a", [{"model": "b"}, {"model": "a"}], [pair("a", "b", "-0.2", "nan", "nan")]))
    assert [cell.text for cell in table.rows[0][:3]] == ["b − a", "+20.0", "unknown"]
