"""The table of pairs on the page: in the order of the summary, as the figure above it."""

from planted import pair_of, summary_of

from vidbench.evaluation.tables import PairedDifference
from vidbench.report.comparison_tables import pairwise
from vidbench.report.dataset_results import DatasetResults
from vidbench.report.paper_tables import narrow


def pairs_table(models: list[str], pairs: list[PairedDifference]) -> list[list[str]]:
    """The first three cells of each row."""
    table = pairwise(DatasetResults("a", [summary_of(name, 0.9) for name in models], pairs))
    return [[cell.text for cell in row[:3]] for row in table.rows]


def test_a_pair_is_turned_so_that_the_model_above_comes_first() -> None:
    pairs = [
        pair_of("weak", "strong", -0.2, low=-0.3, high=-0.1),
        pair_of("strong", "middle", 0.1, low=0.05, high=0.15),
    ]
    assert pairs_table(["strong", "middle", "weak"], pairs) == [
        ["strong − middle", "+10.0", "[5.0, 15.0]"],
        ["strong − weak", "+20.0", "[10.0, 30.0]"],
    ]


def test_an_interval_of_no_width_is_a_dash() -> None:
    """Two constant models are right on the same videos of every group: nothing says how sure that is."""
    pairs = [pair_of("a", "b", 0.0, low=0.0, high=0.0), pair_of("a", "c", 0.1, low=0.0, high=0.2)]
    assert pairs_table(["a", "b", "c"], pairs) == [["a − b", "+0.0", "–"], ["a − c", "+10.0", "[0.0, 20.0]"]]


def test_a_table_for_papers_of_pairs_without_intervals() -> None:
    """A column of dashes is left out, and the number then stands alone."""
    summary = [summary_of(name, 0.9) for name in ("a", "b", "c")]
    none, some = pair_of("a", "b", 0.0, low=0.0, high=0.0), pair_of("a", "c", 0.1, low=0.0, high=0.2)
    for pairs, differences in (([none], ["+0.0"]), ([none, some], ["+0.0", "+10.0 [0.0, 20.0]"])):
        table = narrow(pairwise(DatasetResults("a", summary, pairs)))
        assert [row[1].text for row in table.rows] == differences


def test_an_interval_that_is_not_known_stays_so() -> None:
    pairs = [pair_of("a", "b", -0.2, low=None, high=None)]
    assert pairs_table(["b", "a"], pairs) == [["b − a", "+20.0", "unknown"]]
