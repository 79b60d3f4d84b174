"""What rules/common.smk makes of a configuration, without Snakemake."""

from pathlib import Path
from types import SimpleNamespace

import tiny
from conftest import PROJECT

from vidbench.workflow.baselines import BaselineRules
from vidbench.workflow.data import DataRules
from vidbench.workflow.evaluate import EvaluateRules
from vidbench.workflow.figures import FigureRules
from vidbench.workflow.files import Files, Paths
from vidbench.workflow.plan import PlanRules
from vidbench.workflow.report import ReportRules
from vidbench.workflow.resources import Jobs
from vidbench.workflow.run import Run
from vidbench.workflow.run_name import RunName
from vidbench.workflow.search import SearchRules
from vidbench.workflow.train import TrainRules

MOTION = SimpleNamespace(dataset="motion")
RUN = SimpleNamespace(dataset="motion", split="split1", model="cnn3d", seed="0")
INVOCATION = {"sent_off": False, "cores": 4, "jobs": 10, "max_gpus": None, "gpus_at_once": 1, "on_slurm": False}


def rules(config: dict | None = None, prefix: str = "", **invocation: object) -> SimpleNamespace:
    """All objects by their names in the rule files; `invocation`: of resources.Invocation."""
    paths = Paths(PROJECT, "scripts", *(f"{prefix}{folder}" for folder in ("results", "resources", "logs")))
    run = Run(config or tiny.config(), paths.resources)
    name = RunName.of(run, paths, SimpleNamespace(overwrite_configfiles=[], configfiles=["config/config.yaml"]))
    files, jobs = Files(run, paths), Jobs(run, SimpleNamespace(**INVOCATION | invocation))
    train = TrainRules(run, files, jobs)
    return SimpleNamespace(
        run=run, files=files, jobs=jobs, data=DataRules(run, files, jobs), train=train, search=SearchRules(run, train),
        evaluate=EvaluateRules(run, files, jobs), report=ReportRules(run, files, name),
        figures=FigureRules.of(run, files), baselines=BaselineRules(run, files), plan=PlanRules(run, files, jobs),
    )  # fmt: skip


def own_config(folder: Path, **changes: object) -> dict:
    """Four small files in two classes and four groups as data set `own`, in two folds."""
    lines = ["path,label,group"]
    for number in range(8):
        path = folder / f"{number}.mp4"
        path.write_bytes(b"video %d" % number)
        lines.append(f"{path},{'left' if number % 2 else 'right'},g{number // 2}")
    (folder / "own.csv").write_text("\n".join(lines) + "\n")
    keys = ("shards", "frames", "clip", "augmentation", "training")
    entry = {key: tiny.MOTION_ENTRY[key] for key in keys}
    own = {"kind": "csv", "manifest": str(folder / "own.csv"), "splits": {"folds": 2}, **entry}
    return tiny.config(**{"datasets__own": own, "run__datasets": ["own"]} | changes)


def published_config(kind: str, **changes: object) -> dict:
    """A published data set `data` of which nothing has been fetched."""
    entry = {"kind": kind, **{key: tiny.MOTION_ENTRY[key] for key in ("shards", "frames", "clip", "training")}}
    return tiny.config(datasets__data=entry | changes, run__datasets=["data"])
