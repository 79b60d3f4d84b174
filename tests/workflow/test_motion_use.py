"""What the motion test finds on the embedded data set: pairs of classes that are each the other played backwards."""

import pandas as pd
import pytest

from workflow.conftest import copy_project, snakemake, write_config

pytestmark = pytest.mark.slow
ORDER_AWARE, ORDER_BLIND = ["cnn3d", "cnn2d_lstm"], ["cnn2d_mean", "cnn2d_max"]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """motion_use.csv of the default configuration with one seed, and with no more epochs than are needed here."""
    folder = copy_project(tmp_path_factory.mktemp("motion_use"))
    models = {"models": [*ORDER_AWARE, *ORDER_BLIND], "seeds": [0]}
    write_config(folder, {"device": "cpu", "run": models, "datasets": {"motion": {"training": {"epochs": 8}}}})
    snakemake(folder, "results/motion/figures/motion_use.svg")
    return pd.read_csv(folder / "results/motion/motion_use.csv").set_index("model")


def test_what_models_that_see_the_order_lose_without_it(table: pd.DataFrame) -> None:
    aware = table.loc[ORDER_AWARE]
    assert (aware["normal"] > 0.9).all()
    assert (aware["reversed"] <= 0.1).all()
    assert (aware["relative_order"] >= 0.9).all()
    assert (aware["relative_order_low"] <= aware["relative_order"]).all()
    # What pairs of classes allow without order is 50 %, and the control gets near it.
    assert (aware["blind_model"] == "cnn2d_max").all()
    assert table["normal"]["cnn2d_max"] == pytest.approx(0.5, abs=0.06)
    assert (aware["shuffled"] < 0.56).all()


def test_what_frame_averaging_loses(table: pd.DataFrame) -> None:
    blind = table.loc[ORDER_BLIND]
    for condition in ("shuffled", "reversed"):
        assert (blind["normal"] - blind[condition]).abs().max() < 0.004  # one video of 288, where two classes tie
    defined = blind[blind["undefined"].isna()]
    assert "cnn2d_max" in defined.index
    assert defined["order"].abs().max() <= 0.01
    assert (blind["relative_undefined"] == "it is order-invariant itself").all()


def test_the_shares_make_up_the_whole(table: pd.DataFrame) -> None:
    shares = table.loc[table["undefined"].isna(), ["static", "unordered", "order"]]
    assert len(shares) >= 3
    assert shares.sum(axis=1).tolist() == pytest.approx([1] * len(shares))
