"""Snakemake whose Slurm executor looks at the queue every two seconds, so that a test does not wait for nothing.

After each look at which no job has ended, the executor waits ten seconds longer than before; each job of a few seconds
would take fourteen.
"""

import runpy

from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor

SECONDS = 2

RemoteExecutor.next_seconds_between_status_checks = property(lambda self: SECONDS, lambda self, seconds: None)
runpy.run_module("snakemake", run_name="__main__", alter_sys=True)
