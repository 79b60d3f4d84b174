"""What a baseline's options have to hold, in one line each."""

import pytest

from vidbench.baselines.options import KINDS, SETTINGS, ZERO_SHOT, BaselineOptions
from vidbench.errors import UserError
from vidbench.report.baseline_words import WORDS, explain

FEATURES = {"backbone": {"architecture": "cnn2d", "trained_stages": 0}, "head": "mean", "clip": {"frames": 4}}


def test_complete_options_are_taken() -> None:
    options = BaselineOptions.from_dict(
        {"kind": "knn", "neighbours": [1, 3], "metrics": ["cosine"], "features": FEATURES}
    )
    assert (options.neighbours, options.metrics) == ((1, 3), ("cosine",))
    assert options.features is not None
    assert options.features.caches_features
    assert BaselineOptions.from_dict({"kind": "file_properties", "strengths": [1]}).features is None


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "logistics", "strengths": [1]}, "did you mean 'logistic'"),
        ({}, "kind: 'None' is no baseline"),
        ({"kind": "logistic", "features": FEATURES}, "needs `strengths`"),
        ({"kind": "logistic", "strengths": [], "features": FEATURES}, "needs `strengths`"),
        ({"kind": "knn", "neighbours": [1], "features": FEATURES}, "needs `metrics`"),
        ({"kind": "logistic", "strengths": [1]}, "needs `features`"),
        ({"kind": "file_properties", "strengths": [1], "features": FEATURES}, "takes no `features`"),
        ({"kind": "file_properties", "strength": [1]}, "'strength' is not known"),
    ],
)
def test_what_is_wrong_is_one_line(values: dict, words: str) -> None:
    with pytest.raises(UserError) as caught:
        BaselineOptions.from_dict(values)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_kind_has_its_settings_and_words() -> None:
    assert set(SETTINGS) == set(KINDS)
    assert set(WORDS) == {*KINDS, ZERO_SHOT}
    assert all(map(explain, KINDS))
