"""The scores of scores/, which are found by being there: each is the mean of a value per test video."""

from importlib import import_module

import numpy as np

from vidbench.evaluation import bootstrap
from vidbench.evaluation.metrics import SubsetResult
from vidbench.evaluation.scores import MODULES


def resample_added(result: SubsetResult, samples: bootstrap.Resamples) -> dict[str, tuple[float, np.ndarray]]:
    """Return each score of one seed and its value in every resample (R,), as score_tables.resample_seed."""
    return {name: _resample(name, result, samples) for name in MODULES}


def _resample(name: str, result: SubsetResult, samples: bootstrap.Resamples) -> tuple[float, np.ndarray]:
    values = np.asarray(import_module(MODULES[name]).score(result), float)  # (T,)
    counted = np.isfinite(values)
    if not counted.any():
        return float("nan"), np.full(len(samples.weights), np.nan)
    value = float(np.average(values[counted], weights=samples.row_weights[counted]))
    return value, bootstrap.means(samples.select(counted), values[counted])


def is_share(name: str) -> bool:
    """Return whether a score is one from 0 to 1, as all that are not added; else it is above 0, such as a loss."""
    return name not in MODULES or getattr(import_module(MODULES[name]), "IS_SHARE", True)
