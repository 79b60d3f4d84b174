"""Runs in Weights & Biases: a project per data set, offline in logs/wandb unless WANDB_MODE says otherwise."""

import os

from vidbench.tracking.tracked_run import Table, TrackedRun, Values


class InWandb:
    """A run by its id; offline each attempt is a folder of its own, which `wandb sync` puts together by it."""

    def __init__(self, run: TrackedRun) -> None:
        os.environ.setdefault("WANDB_MODE", "offline")
        run.folder.mkdir(parents=True, exist_ok=True)
        import wandb  # pyright: ignore[reportMissingImports]

        self.id = run.id
        self.wandb = wandb
        self.run = wandb.init(
            project=run.project, name=run.name, group=run.group, config=dict(run.config), dir=str(run.folder),
            id=run.id, resume="allow", settings=wandb.Settings(silent=True, disable_git=True, x_disable_stats=True),
        )  # fmt: skip

    def log(self, values: Values, epoch: int) -> None:
        self.run.log(dict(values), step=epoch)

    def log_scores(self, scores: Values, table: Table, epoch: int) -> None:
        self.run.summary.update(dict(scores))
        rows = self.wandb.Table(columns=["score", "value"], data=[list(row) for row in table])
        self.run.log({"test": rows}, step=epoch + 1)

    def close(self, finished: bool) -> None:
        self.run.finish(exit_code=0 if finished else 1)
