# The output is a link to the official weights, which stay where they were fetched or put: Snakemake deletes outputs
# before a rerun, and no edit must fetch them again.
rule fetch_weights:
    input:
        script=ancient(f"{paths.scripts}/fetch_weights.py"),
    output:
        "resources/weights/{architecture}-{weights}.{ending}",
    log:
        "logs/fetch_weights/{architecture}-{weights}.{ending}.log",
    benchmark:
        "logs/fetch_weights/{architecture}-{weights}.{ending}.tsv"
    wildcard_constraints:
        ending="pth|safetensors",
    priority: 2
    localrule: True
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=1000,
        runtime="4h",
    params:
        options=without_rerun(train.fetch_options),
    shell:
        "python {input.script:q} --architecture {wildcards.architecture} --weights {wildcards.weights}"
        " --options {params.options:q} --output {output:q} > {log:q} 2>&1"


# The features of a frozen backbone, computed once for all models that use it.
rule extract_features:
    input:
        frames="results/{dataset}/frames/{shard}.h5",
        weights=ancient(train.weights_file),
        script=ancient(f"{paths.scripts}/extract_features.py"),
    output:
        "results/{dataset}/features/{backbone}/{shard}.h5",
    log:
        "logs/extract_features/{dataset}/{backbone}/{shard}.log",
    benchmark:
        "logs/extract_features/{dataset}/{backbone}/{shard}.tsv"
    priority: 2
    conda:
        "../envs/train.yaml"
    threads: train.feature_threads
    resources:
        gpu=jobs.gpus,
        mem_mb=train.feature_megabytes,
        runtime=jobs.shard_minutes,
    params:
        *code_digests("extract_features.py"),
        code=code.of_backbone("extract_features.py"),
        options=in_json(train.feature_options),
        weights=train.weights_argument,
        weights_digest=train.weights_digest,
        threads=train.feature_compute_threads,
        device=run.device,
        loading=train.feature_loading_arguments,
        shared=without_rerun(data.shared_argument),
    shell:
        "python {input.script:q} --options {params.options:q} --threads {params.threads}"
        " --frames {input.frames:q} {params.weights:q} --device {params.device} --gpus {resources.gpu}"
        " {params.loading} {params.shared:q} --output {output:q} > {log:q} 2>&1"


# One training per model, seed and split. A killed one resumes from checkpoint.pt in its folder. Of a model with a sweep
# the trials are trained, each like a model with its own folder; the one selected on validation is copied to the model's
# folder.
rule train_model:
    input:
        videos="results/{dataset}/videos.csv",
        split="results/{dataset}/splits/{split}.csv",
        whole=train.whole_split,
        frames=files.shards,
        weights=ancient(train.weights_file),
        features=files.cached_features,
        script=ancient(f"{paths.scripts}/train_model.py"),
    output:
        weights=f"{RUN_FOLDER}/weights.safetensors",
        history=f"{RUN_FOLDER}/history.csv",
        options=f"{RUN_FOLDER}/options.json",
        time=f"{RUN_FOLDER}/training_time.json",
    log:
        "logs/train_model/{dataset}/{split}/{model}/seed{seed}.log",
    benchmark:
        "logs/train_model/{dataset}/{split}/{model}/seed{seed}.tsv"
    wildcard_constraints:
        model=train.trained_models,
    priority: train.turn
    conda:
        "../envs/train.yaml"
    threads: train.threads
    resources:
        gpu=train.gpus,
        mem_mb=train.megabytes,
        runtime=search.minutes,
        nodes=train.nodes,
        # `mpi` makes the Slurm executor leave srun to the job; without the 0, `tasks` would count per GPU.
        mpi=train.on_several_nodes("srun"),
        tasks=train.on_several_nodes(train.nodes),
        tasks_per_gpu=train.on_several_nodes(0),
    params:
        *code_digests("train_model.py"),
        code=code.of_model("train_model.py"),
        options=in_json(train.options),
        weights=train.weights_argument,
        weights_digest=train.weights_digest,
        device=run.device,
        loading=jobs.loading_arguments,
        whole=optional("--whole", "whole"),
        more=train.runtime_arguments,
        trial=search.trial_arguments,
        launcher=train.launcher,
        features=optional("--features", "features"),
        folder=subpath(output.weights, parent=True),
    shell:
        "{params.launcher} {input.script:q} --options {params.options:q} --seed {wildcards.seed}"
        " --videos {input.videos:q} --split {input.split:q} {params.whole:q} --frames {input.frames:q}"
        " {params.weights:q} {params.features:q} --device {params.device} --gpus {resources.gpu}"
        " {params.loading} {params.more} {params.trial} --folder {params.folder:q} > {log:q} 2>&1"


rule select_trial:
    input:
        history=files.of_trials("history.csv"),
        options=files.of_trials("options.json"),
        rankings=search.rankings,
        script=ancient(f"{paths.scripts}/select_trial.py"),
    output:
        table="results/{dataset}/{split}/{model}/trials.csv",
        choice="results/{dataset}/{split}/{model}/choice.json",
    log:
        "logs/select_trial/{dataset}/{split}/{model}.log",
    benchmark:
        "logs/select_trial/{dataset}/{split}/{model}.tsv"
    wildcard_constraints:
        model=train.swept_models,
    priority: 2
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=jobs.scaled(1000, 0),
        runtime=jobs.scaled(15, 0),
    params:
        *code_digests("select_trial.py"),
        trials=in_json(train.trials),
        seeds=run.seeds,
        rankings=optional("--rankings", "rankings"),
        folder=subpath(output.table, ancestor=2),
    shell:
        "python {input.script:q} --trials {params.trials:q} --seeds {params.seeds} {params.rankings:q}"
        " --folder {params.folder:q} --output {output.table:q} --choice {output.choice:q} > {log:q} 2>&1"


rule promote_trial:
    input:
        trials="results/{dataset}/{split}/{model}/trials.csv",
        weights=files.of_trials("weights.safetensors"),
        history=files.of_trials("history.csv"),
        options=files.of_trials("options.json"),
        time=files.of_trials("training_time.json"),
        script=ancient(f"{paths.scripts}/promote_trial.py"),
    output:
        weights=f"{RUN_FOLDER}/weights.safetensors",
        history=f"{RUN_FOLDER}/history.csv",
        options=f"{RUN_FOLDER}/options.json",
        time=f"{RUN_FOLDER}/training_time.json",
    log:
        "logs/promote_trial/{dataset}/{split}/{model}/seed{seed}.log",
    benchmark:
        "logs/promote_trial/{dataset}/{split}/{model}/seed{seed}.tsv"
    wildcard_constraints:
        model=train.swept_models,
    priority: 2
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=jobs.scaled(1000, 0),
        runtime=jobs.scaled(15, 0),
    params:
        *code_digests("promote_trial.py"),
        folder=subpath(output.weights, parent=True),
    shell:
        "python {input.script:q} --trials {input.trials:q} --folder {params.folder:q} > {log:q} 2>&1"


rule models:
    input:
        files.for_datasets("results/{dataset}/diagnosis.json"),
        files.for_datasets(files.of_runs("weights.safetensors")),
