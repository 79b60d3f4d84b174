"""When and where a run is said in words: what was asked for on Snakemake's command line."""

import logging
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from snakemake.logging import ColorizingTextHandler
from snakemake.logging import logger as snakemake_logger

from vidbench.workflow.progress import Capacity, PlannedTimes
from vidbench.workflow.resources import Invocation
from vidbench.workflow.screen import Screen
from vidbench.workflow.terminal import Terminal


def make_terminal(terminal: Terminal, workflow: Any) -> None:
    """Put `terminal` before Snakemake's own handler: --logger rich has none, and a module leaves it alone."""
    settings = workflow.output_settings
    if not workflow.modifier.is_main_snakefile() or settings.verbose or settings.printshellcmds or settings.debug_dag:
        return
    # Where Snakemake's log cannot be written to, e.g. on a full disk, a traceback for each line would hide the reason.
    logging.raiseExceptions = False
    # Of its own coroutine, which Snakemake 9.27 leaves where a group's jobs have inputs that are not made yet.
    warnings.filterwarnings("ignore", "coroutine 'InputFiles", RuntimeWarning)
    for handler in snakemake_logger.handlers:
        if isinstance(handler, ColorizingTextHandler):
            terminal.attach(Screen(handler.stream, not handler.nocolor), partial(targets_of, workflow))
            handler.addFilter(terminal)
            if not settings.dryrun:
                terminal.replace()


def targets_of(workflow: Any) -> list[str]:
    """Names that can be asked for: of rules that only gather files, or that make one thing."""
    return [rule.name for rule in workflow.rules if not rule.has_wildcards()]


def begin(
    terminal: Terminal,
    workflow: Any,
    read_times: Callable[[], PlannedTimes],
    log: list[str],
    kinds: Mapping[str, str],
) -> None:
    """Say what will run, where Snakemake does not; `log`: its own; `kinds`: of data sets, by source."""
    if not terminal.replaces:
        return
    needed = [job for job in workflow.dag.needrun_jobs() if job.rule.shellcmd]
    quiet = {kind.name for kind in workflow.output_settings.quiet or ()}
    with_progress = not quiet & {"PROGRESS", "ALL"}
    terminal.begin(needed, read_times(), _capacity(Invocation(workflow)), with_progress, log, kinds)


def _capacity(invocation: Invocation) -> Capacity:
    if invocation.sent_off:
        return Capacity(gpus=invocation.max_gpus, jobs=invocation.jobs)
    return Capacity(cores=invocation.cores, gpus=invocation.max_gpus)
