"""The functions of rules/: one module per rule file, and what a run consists of.

run.py        data sets, splits, models and trials of a run; for the plan, too
files.py      paths, and input functions that several rules use
resources.py  cores, GPUs, memory and time, as far as several rules ask for them
params.py     params functions that any rule may use
code.py       digests of the code that a rule runs
data.py train.py evaluate.py figures.py report.py plan.py    functions of rules/X.smk alone
speeds.py     which speeds are measured for a plan
checks.py     what is refused before any job starts
hooks.py      what is said and done at the start and at the end

Imported where Snakemake runs, but for run.py, speeds.py and figures.py: the plan's own script has no Snakemake.
"""
