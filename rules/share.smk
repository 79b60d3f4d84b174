# A trained model of each data set as a folder for a model hub, only where it is asked for: `snakemake share`. From tables
# and weights: no GPU, no torch. Its functions: scripts/vidbench/workflow/share.py.


rule share_model:
    input:
        videos="results/{dataset}/videos.csv",
        tables=sharing.tables,
        metrics=files.of_full_runs("metrics.json"),
        options=files.of_full_runs("options.json"),
        splits=files.splits,
        costs=files.costs,
        script=ancient(f"{paths.scripts}/share_model.py"),
    output:
        expand("results/{{dataset}}/share/{name}", name=SHARED_FILES),
    log:
        "logs/share_model/{dataset}.log",
    benchmark:
        "logs/share_model/{dataset}.tsv"
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=jobs.scaled(1000, 8),
        runtime=jobs.scaled(30, 1),
    params:
        *code_digests("share_model.py"),
        results=subpath(input.videos, parent=True),
        folder=subpath(output[0], parent=True),
        wishes=sharing.wishes,
    shell:
        "python {input.script:q} --results {params.results:q} --folder {params.folder:q} {params.wishes:q}"
        " > {log:q} 2>&1"


rule share:
    input:
        files.for_datasets(sharing.outputs, sharing.data_sets),
