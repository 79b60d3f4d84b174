"""What the page says of a network, its first weights and what of it is trained."""

import pandas as pd
import pytest
from plot_learning_curves import upper_limit

from vidbench.formatting import known
from vidbench.models.options import ModelOptions
from vidbench.report.model_words import network, start, trained_part
from vidbench.report.protocol import networks

CLIP = {"architecture": "r3d_18", "weights": "KINETICS400_V1", "trained_stages": 2}
HEAD = {"backbone": {"architecture": "resnet18", "weights": "a/b.pth", "trained_stages": 0}, "head": "gru"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (CLIP, ("r3d_18", "KINETICS400_V1", "the last 2 stages and the classifier")),
        (CLIP | {"trained_stages": 1}, ("r3d_18", "KINETICS400_V1", "the last stage and the classifier")),
        (CLIP | {"trained_stages": None, "weights": None}, ("r3d_18", "random", "all")),
        (
            CLIP | {"trained_stages": None, "training": {"lora": {"rank": 4}}},
            ("r3d_18", "KINETICS400_V1", "LoRA of rank 4 in attention, and the classifier"),
        ),
        (HEAD | {"trained_stages": None}, ("resnet18, gru", "b.pth", "only the head, the rest is frozen")),
    ],
)
def test_a_network_in_words(options: dict, words: tuple[str, str, str]) -> None:
    model = ModelOptions.from_dict(options)
    assert (network(model), start(model), trained_part(model)) == words


def test_networks_are_shown_where_they_start_differently() -> None:
    plain = {"model": "a", "options": CLIP | {"weights": None, "trained_stages": None}}
    assert networks([plain, plain | {"model": "b"}]) == []
    assert [row["start"] for row in networks([plain, {"model": "b", "options": CLIP}])] == ["random", "KINETICS400_V1"]


def test_networks_say_how_many_parameters_are_trained() -> None:
    records = [{"model": "a", "options": CLIP, "trained_parameters": 1_234_567}, {"model": "old", "options": CLIP}]
    assert [row["count"] for row in networks(records)] == ["1,234,567", ""]


def test_one_loss_without_limit_does_not_flatten_the_others() -> None:
    data = pd.DataFrame({"model": ["a", "a", "b", "c"], "val_loss": [2.0, 1.0, 3.0, 1e12]})
    assert upper_limit(data, "val_loss") == 6
    assert upper_limit(data[data["model"] != "c"], "val_loss") is None


def test_no_number_is_not_known() -> None:
    assert [known(value) for value in ("", "nan", "0.5", 0)] == [False, False, True, True]
