# Shared by all rules: paths, the configuration, wildcards, and what is checked and printed before and after a run.
# Holds no functions: those of rules/X.smk are in scripts/vidbench/workflow/X.py.
import sys
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(workflow.current_basedir, "..", "scripts").resolve()))

from vidbench.planning.job_times import read_planned_times
from vidbench.sharing.files import FILES as SHARED_FILES
from vidbench.workflow.source_files import code_digests
from vidbench.workflow import checks, hub_models, needed_weights
from vidbench.workflow.baselines import BaselineRules
from vidbench.workflow.code import Code
from vidbench.workflow.data import DataRules
from vidbench.workflow.evaluate import EvaluateRules
from vidbench.workflow.figures import FigureRules
from vidbench.workflow.files import RUN_FOLDER, RUNG_FOLDER, Files, Paths
from vidbench.workflow.hooks import Hooks
from vidbench.workflow.live_page import LivePage
from vidbench.workflow.params import in_json, one_line, optional, without_rerun
from vidbench.workflow.plan import PlanRules
from vidbench.workflow.report import PAPER_TABLES, ReportRules
from vidbench.workflow.resources import Invocation, Jobs
from vidbench.workflow.run import Run
from vidbench.workflow.run_name import RunName
from vidbench.workflow.search import SearchRules
from vidbench.workflow.share import ShareRules
from vidbench.workflow.train import TrainRules
from vidbench.workflow.zero_shot import ZeroShotRules

# Instances, created each time this file is read, instead of module state: an outer workflow may include VidBench
# several times as a Snakemake module, and these copies share one Python process.
paths = Paths.of(workflow)
run = one_line(Run, one_line(hub_models.prepare, config, paths.resources), paths.resources)
files = Files(run, paths)
jobs = Jobs(run, Invocation(workflow))
code = Code(run)
hooks = Hooks(run, files, workflow, partial(read_planned_times, run, Path(paths.results, "plan.json")))

data = DataRules(run, files, jobs)
train = TrainRules(run, files, jobs)
search = SearchRules(run, train)
baselines = BaselineRules(run, files)
evaluate = EvaluateRules(run, files, jobs)
zero_shot = ZeroShotRules(run)
figures = FigureRules.of(run, files)
run_name = one_line(RunName.of, run, paths, workflow)
report_rules = ReportRules(run, files, run_name)
sharing = one_line(ShareRules.of, run, report_rules)
plan = PlanRules(run, files, jobs)
live_page = LivePage(report_rules, figures, workflow)

# Not in the processes that run single jobs: they would check the same again.
if workflow.is_main_process:
    hooks.take_terminal()
    checks.limit_gpus(workflow)
    one_line(checks.check_run, run, paths, workflow)
    needed_weights.report_planned(run, paths, workflow)
    one_line(run_name.put_back_page, workflow)


wildcard_constraints:
    **files.wildcard_constraints(),


if run.general["container"]:

    container: run.general["container"]


onstart:
    one_line(checks.check_start, run, workflow)
    one_line(run_name.check, workflow)
    needed_weights.report_needed(run, paths, workflow)
    hooks.start(log)
    live_page.start()


onsuccess:
    live_page.end(succeeded=True)
    hooks.end(log, succeeded=True)


onerror:
    live_page.end(succeeded=False)
    hooks.end(log, succeeded=False)
