"""Snakemake's log records, made by hand as Snakemake 9 sends them."""

import logging


def record(created: float, event: str, level: int = logging.INFO, text: str | None = None, **fields: object):
    """A record of an event, "" for a line without one."""
    made = logging.LogRecord("snakemake.logging", level, "", 0, text, None, None)
    made.created = created
    made.__dict__.update(fields, **({"event": event} if event else {}))
    return made


def started(job: int, rule: str, wildcards: dict[str, str], created: float = 0.0, **fields: object):
    """A job starts here, or is sent to a cluster with local=False."""
    usual = {
        "jobid": job,
        "rule_name": rule,
        "wildcards": wildcards,
        "threads": 2,
        "resources": {"gpu": 0},
        "local": True,
        "log": [f"{rule}{job}.log"],
        "output": [f"results/{rule}{job}/history.csv"] if rule == "train_model" else [],
        "benchmark": None,
        "shellcmd": "python script.py",
    }
    return record(created, "job_info", **usual | fields)


def finished(job: int, created: float):
    """A job has ended well."""
    return record(created, "job_finished", text=f"Finished jobid: {job}", job_id=job)


def failed(job: int, created: float, rule: str = "train_model", message: str = ""):
    """A job has failed."""
    return record(created, "job_error", logging.ERROR, jobid=job, rule_msg=message, log=[f"{rule}{job}.log"])
