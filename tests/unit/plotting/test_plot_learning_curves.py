"""Learning curves of models that were trained; a run without any has none."""

import pandas as pd
from plot_learning_curves import PANELS, draw

COLUMNS = ["model", "run", "epoch", *PANELS]


def test_a_model_without_training_has_no_line() -> None:
    row = {"model": "cnn3d", "run": "split1/0", "epoch": 1.0, **dict.fromkeys(PANELS, 0.5)}
    figure = draw(pd.DataFrame([row], columns=COLUMNS))
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["cnn3d"]


def test_a_run_without_trainings_says_so() -> None:
    [axis] = draw(pd.DataFrame([], columns=COLUMNS)).axes
    assert [text.get_text() for text in axis.texts] == ["no model was trained"]
