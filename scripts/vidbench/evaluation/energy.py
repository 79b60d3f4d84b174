"""The energy of models: its columns in the tables, and the energy per clip by which models are compared."""

from collections.abc import Sequence
from math import nan
from typing import Any

from vidbench.evaluation.tables import ModelSummary

PER_CLIP = {"gpu": "gpu_joules_per_clip", "cpu": "cpu_joules_per_clip"}  # one clip at a time, by source
BEST_BATCH = {source: f"{column}_best_batch" for source, column in PER_CLIP.items()}
TRAINING = {source: f"train_{source}_joules" for source in PER_CLIP}
COLUMNS = (*PER_CLIP.values(), *BEST_BATCH.values(), *TRAINING.values())


def measured_columns(rows: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """Return the columns of energy that any row of comparison.csv has a number in."""
    return tuple(column for column in COLUMNS if any(row[column] is not None for row in rows))


def common_sources(rows: Sequence[ModelSummary]) -> list[str]:
    """Return the sources whose energy per clip was measured for all models that have a time per clip."""
    timed = [row for row in rows if row.ms_per_clip is not None]
    return [
        source
        for source, column in PER_CLIP.items()
        if timed and all(getattr(row, column) is not None for row in timed)
    ]


def joules_per_clip(row: ModelSummary, sources: Sequence[str]) -> float:
    """Return a model's joules per clip, one clip at a time, all `sources` together; NaN where one is unknown."""
    values = [getattr(row, PER_CLIP[source]) for source in sources]
    return nan if not values or None in values else sum(values)
