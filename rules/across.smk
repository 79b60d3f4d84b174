# The comparison of all models over the data sets of a run, where it has two or more. Its functions:
# scripts/vidbench/workflow/across.py.
from vidbench.plotting.across_catalogue import ACROSS


rule compare_data_sets:
    input:
        predictions=across.of_each(files.of_full_runs("predictions.h5")),
        options=across.of_each(files.of_full_runs("options.json")),
        comparison=across.of_each("results/{dataset}/comparison.csv"),
        videos=across.of_each("results/{dataset}/videos.csv"),
        splits=across.of_each(files.splits),
        script=ancient(f"{paths.scripts}/compare_data_sets.py"),
    output:
        across.all_tables,
    log:
        "logs/compare_data_sets.log",
    benchmark:
        "logs/compare_data_sets.tsv"
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=across.megabytes,
        runtime=jobs.scaled(60, 5),
    params:
        *code_digests("compare_data_sets.py"),
        datasets=across.folders,
        folder=across.folder,
        unreadable=run.general["evaluation"]["unreadable"],
    shell:
        "python {input.script:q} --datasets {params.datasets:q} --unreadable {params.unreadable}"
        " --folder {params.folder:q} > {log:q} 2>&1"


for name, figure in ACROSS.items():

    rule:
        name:
            f"plot_{name}"
        input:
            **across.figure_inputs(figure),
            script=ancient(f"{paths.scripts}/plot_{name}.py"),
        output:
            report(
                across.figure_files(name),
                caption=f"../report/{name}.rst",
                category="All data sets",
                labels={"figure": figure.title},
            ),
        log:
            f"logs/plot_{name}.log",
        benchmark:
            f"logs/plot_{name}.tsv"
        localrule: True
        conda:
            "../envs/report.yaml"
        resources:
            mem_mb=jobs.scaled(1000, 8),
            runtime=jobs.scaled(30, 1),
        params:
            *code_digests(f"plot_{name}.py"),
            inputs=across.flags,
        shell:
            "python {input.script:q} {params.inputs:q} --output {output:q} > {log:q} 2>&1"
