# Baselines without training. A fit takes the place of training and prediction: the steps after it do not tell them from
# models.
rule fit_baseline:
    input:
        videos="results/{dataset}/videos.csv",
        split="results/{dataset}/splits/{split}.csv",
        frames=files.shards,
        features=baselines.features,
        script=ancient(f"{paths.scripts}/fit_baseline.py"),
    output:
        predictions=f"{RUN_FOLDER}/predictions.h5",
        options=f"{RUN_FOLDER}/options.json",
        time=f"{RUN_FOLDER}/training_time.json",
    log:
        "logs/fit_baseline/{dataset}/{split}/{model}/seed{seed}.log",
    benchmark:
        "logs/fit_baseline/{dataset}/{split}/{model}/seed{seed}.tsv"
    wildcard_constraints:
        model=baselines.names,
    priority: 2
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=baselines.megabytes,
        runtime=jobs.scaled(30, 10),
    params:
        *code_digests("fit_baseline.py"),
        options=in_json(baselines.options),
        features=optional("--features", "features"),
        folder=subpath(output.predictions, parent=True),
    shell:
        "python {input.script:q} --options {params.options:q} --videos {input.videos:q} --split {input.split:q}"
        " --frames {input.frames:q} {params.features:q} --folder {params.folder:q} > {log:q} 2>&1"
