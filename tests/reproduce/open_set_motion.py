"""How scores tell videos of the embedded data set from the same without their motion: a table of docs/open_set.md."""

from pathlib import Path

import numpy as np
from open_set_table import SCORES, Outputs, describe_score, measure

from vidbench.evaluation.predictions import Predictions
from vidbench.files import read_csv

MODELS = ("cnn3d", "cnn2d_lstm", "cnn2d_tcn")  # those of the default run that use the order of frames
STRANGERS = {"single_frame": "left out", "shuffled0": "movements"}  # by their names in open_set_table
LOGIT_SCORES = ("highest probability", "entropy", "highest logit", "energy")


def describe_motion(results: Path) -> tuple[int, str]:
    """The number of models, and the rows of the table; 0 and no row where the default run is not there."""
    labels = {row["video"]: row["label"] for row in read_csv(results / "videos.csv")} if results.exists() else {}
    paths = [path for name in MODELS for path in sorted(results.glob(f"split1/{name}/seed*/predictions.h5"))]
    models = [read_outputs(path, labels) for path in paths]
    values = {name: np.array([measure(SCORES[name], model) for model in models]) for name in LOGIT_SCORES}
    first = values[LOGIT_SCORES[0]]
    return len(models), "\n".join(describe_score(name, rows, first) for name, rows in values.items()) if models else ""


def read_outputs(path: Path, labels: dict[str, str]) -> Outputs:
    """The logits of one model."""
    table = Predictions.read(path, None)
    validation = table.rows("val")
    outputs = {
        "val logits": table.logits[validation],
        "val targets": np.array([table.classes.index(labels[table.video[row]]) for row in validation]),
        "test logits": table.logits[table.rows("test")],
    }
    return outputs | {f"{name} logits": table.logits[table.rows("test", order)] for order, name in STRANGERS.items()}
