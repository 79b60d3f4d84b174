# Which architecture should I use on my data, how sure can I be, and what does it cost?
# The rules are in rules/, one file per stage, here in the order of the data flow; the functions of
# rules/X.smk are in scripts/vidbench/workflow/X.py.
from snakemake.utils import min_version

min_version("9.0")


configfile: "config/config.yaml"


include: "rules/common.smk"
include: "rules/data.smk"
include: "rules/train.smk"
include: "rules/search.smk"
include: "rules/baselines.smk"
include: "rules/evaluate.smk"
include: "rules/zero_shot.smk"
include: "rules/figures.smk"
include: "rules/report.smk"
include: "rules/share.smk"
include: "rules/plan.smk"


rule all:
    default_target: True
    input:
        rules.figures.input,
        rules.report.input,
        # The page is newer than these, so a table that was deleted would not be missed otherwise. Weights are not listed: who
        # deletes them wants room, and not hours of training.
        rules.tables.input,
        files.for_datasets(report_rules.result_tables),
