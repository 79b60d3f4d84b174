"""Runs in MLflow: an experiment per data set, in logs/mlflow unless MLFLOW_TRACKING_URI names a server."""

import os
import time
from collections.abc import Iterator, Mapping

from vidbench.files import exclusive
from vidbench.tracking.tracked_run import Table, TrackedRun, Values, by_name

MAX_PARAMS = 100  # that one request may hold
MAX_LETTERS = 6000  # of a parameter's value
# With a server that does not answer: MLflow's own 7 retries would take longer than a training waits at its end.
PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3", "MLFLOW_HTTP_REQUEST_TIMEOUT": "20"}


class InMlflow:
    """A run by its id, which the store gives."""

    def __init__(self, run: TrackedRun) -> None:
        for name, value in PATIENCE.items():
            os.environ.setdefault(name, value)
        from mlflow import MlflowClient  # pyright: ignore[reportMissingImports]

        run.folder.mkdir(parents=True, exist_ok=True)
        address = os.environ.get("MLFLOW_TRACKING_URI")
        with exclusive(run.folder / ".lock"):  # two that make its tables at once would both fail
            self.client = MlflowClient(address or f"sqlite:///{run.folder.resolve()}/mlflow.db")
            self.id = run.id if run.resumes else self._create(run, None if address else run.folder.resolve().as_uri())

    def _create(self, run: TrackedRun, artifacts: str | None) -> str:
        experiment = self.client.get_experiment_by_name(run.project)
        number = experiment.experiment_id if experiment else self.client.create_experiment(run.project, artifacts)
        made = self.client.create_run(number, run_name=run.name, tags={"mlflow.group": run.group}).info.run_id
        from mlflow.entities import Param  # pyright: ignore[reportMissingImports]

        parameters = [Param(key, value) for key, value in _flat(run.config)]
        for start in range(0, len(parameters), MAX_PARAMS):
            self.client.log_batch(made, params=parameters[start : start + MAX_PARAMS])
        return made

    def log(self, values: Values, epoch: int) -> None:
        from mlflow.entities import Metric  # pyright: ignore[reportMissingImports]

        now = int(time.time() * 1000)
        self.client.log_batch(self.id, metrics=[Metric(name, value, now, epoch) for name, value in values.items()])

    def log_scores(self, scores: Values, table: Table, epoch: int) -> None:
        self.log(scores, epoch)
        self.client.log_dict(self.id, by_name(table), "test.json")

    def close(self, finished: bool) -> None:
        if finished:
            self.client.set_terminated(self.id)


def _flat(config: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the settings by dotted names, as text."""
    for key, value in config.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + str(key), str(value)[:MAX_LETTERS]
