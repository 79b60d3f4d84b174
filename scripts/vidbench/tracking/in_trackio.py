"""Runs in trackio: a project per data set, in logs/trackio unless trackio's own variables name another place."""

import os
import tempfile

from vidbench.tracking.tracked_run import Table, TrackedRun, Values


class InTrackio:
    """A run by its name, of which a project has one."""

    def __init__(self, run: TrackedRun) -> None:
        os.environ.setdefault("TRACKIO_DIR", str(run.folder))  # trackio reads it when it is imported
        _check_writable(os.environ["TRACKIO_DIR"])
        import trackio  # pyright: ignore[reportMissingImports]

        self.id = run.name
        self.trackio = trackio
        self.run = trackio.init(
            project=run.project, name=run.name, group=run.group, config=dict(run.config),
            resume="allow" if run.resumes else "never", embed=False, auto_log_gpu=False, auto_log_cpu=False,
        )  # fmt: skip

    def log(self, values: Values, epoch: int) -> None:
        self.run.log(dict(values), step=epoch)

    def log_scores(self, scores: Values, table: Table, epoch: int) -> None:
        rows = self.trackio.Table(columns=["score", "value"], data=[list(row) for row in table])
        self.run.log(dict(scores) | {"test": rows}, step=epoch + 1)

    def close(self, finished: bool) -> None:
        self.run.finish()


def _check_writable(folder: str) -> None:
    """Raise OSError where nothing can be written: trackio itself would only warn, and lose every epoch."""
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass
