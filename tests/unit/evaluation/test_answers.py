"""What networks answer: as in the scores, ties included."""

import numpy as np
from answered import CLASSES, LABELS
from hypothesis import given
from hypothesis import strategies as st

from vidbench.evaluation import metrics
from vidbench.evaluation.answers import most_probable
from vidbench.evaluation.predictions import Predictions


@given(st.lists(st.lists(st.integers(0, 2), min_size=3, max_size=3), min_size=1, max_size=8))
def test_predictions_are_those_of_the_scores_ties_included(logits: list[list[int]]) -> None:
    names = list(LABELS)[: len(logits)]
    predictions = Predictions(
        names, ["test"] * len(names), ["normal"] * len(names), ["view"], CLASSES, np.array(logits, np.float32)[:, None]
    )
    expected = metrics.evaluate_subset(predictions, "test", names, LABELS).predicted
    assert np.array_equal(most_probable(predictions.probabilities("test")[1]), expected)
