# Official weights are linked from where they were fetched or dropped: outputs are deleted before a rerun, and no edit is
# to fetch them again.
rule fetch_weights:
    input:
        script=ancient(f"{SCRIPTS}/fetch_weights.py"),
    output:
        "resources/weights/{architecture}-{weights}.pth",
    log:
        "logs/fetch_weights/{architecture}-{weights}.log",
    benchmark:
        "logs/fetch_weights/{architecture}-{weights}.tsv"
    localrule: True
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=1000,
        runtime="4h",
    params:
        options=unhashed(fetching_weights),
    shell:
        "python {input.script:q} --architecture {wildcards.architecture} --weights {wildcards.weights}"
        " --options {params.options:q} --output {output:q} > {log:q} 2>&1"


# What a frozen backbone makes of the videos, once for all models that use it.
rule extract_features:
    input:
        frames="results/{dataset}/frames/{shard}.h5",
        weights=ancient(weights_file),
        script=ancient(f"{SCRIPTS}/extract_features.py"),
    output:
        "results/{dataset}/features/{backbone}/{shard}.h5",
    log:
        "logs/extract_features/{dataset}/{backbone}/{shard}.log",
    cache: workflow.enable_cache
    conda:
        "../envs/train.yaml"
    threads: feature_loading_threads
    resources:
        gpu=gpus,
        mem_mb=feature_megabytes,
        runtime=shard_minutes,
    params:
        code=backbone_code("extract_features.py"),
        options=in_json(options_of_features),
        weights=unhashed(weights_argument),
        weights_digest=weights_digest,
        threads=threads_of_features,
        device=unhashed(lambda wildcards: GENERAL["device"]),
        loading=unhashed(feature_loading_arguments),
        content=known_at_start(content_of_frames),
    shell:
        "python {input.script:q} --options {params.options:q} --threads {params.threads}"
        " --frames {input.frames:q} {params.weights:q} --device {params.device} --gpus {resources.gpu}"
        " {params.loading} --output {output:q} > {log:q} 2>&1"


time_unless_cached(rules.extract_features, "logs/extract_features/{dataset}/{backbone}/{shard}.tsv")


# One training per model, seed and split. A killed one goes on from checkpoint.pt in its folder. A swept model is trained
# as its trials, each a model with a folder of its own; the one that is chosen on validation becomes the model.
rule train_model:
    input:
        videos="results/{dataset}/videos.csv",
        split="results/{dataset}/splits/{split}.csv",
        whole=whole_split,
        frames=shards,
        weights=ancient(weights_file),
        features=cached_features,
        script=ancient(f"{SCRIPTS}/train_model.py"),
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
        model=one_of(model for model in config["models"] if not trial_names(model)),
    conda:
        "../envs/train.yaml"
    threads: training_threads
    resources:
        gpu=training_gpus,
        mem_mb=training_megabytes,
        runtime=training_minutes,
        nodes=training_nodes,
        # By `mpi` the executor leaves srun to the job; without the 0, `tasks` would be tasks of each GPU.
        mpi=on_several_nodes("srun"),
        tasks=on_several_nodes(training_nodes),
        tasks_per_gpu=on_several_nodes(0),
    params:
        code=model_code("train_model.py"),
        options=in_json(model_options),
        weights=weights_argument,
        weights_digest=weights_digest,
        device=GENERAL["device"],
        loading=loading_arguments,
        whole=optional("--whole", "whole"),
        more=training_arguments,
        launcher=launcher,
        features=optional("--features", "features"),
        folder=subpath(output.weights, parent=True),
    shell:
        "{params.launcher} {input.script:q} --options {params.options:q} --seed {wildcards.seed}"
        " --videos {input.videos:q} --split {input.split:q} {params.whole:q} --frames {input.frames:q}"
        " {params.weights:q} {params.features:q} --device {params.device} --gpus {resources.gpu}"
        " {params.loading} {params.more} --folder {params.folder:q} > {log:q} 2>&1"


rule choose_trial:
    input:
        history=trial_files("history.csv"),
        options=trial_files("options.json"),
        script=ancient(f"{SCRIPTS}/choose_trial.py"),
    output:
        "results/{dataset}/{split}/{model}/trials.csv",
    log:
        "logs/choose_trial/{dataset}/{split}/{model}.log",
    benchmark:
        "logs/choose_trial/{dataset}/{split}/{model}.tsv"
    wildcard_constraints:
        model=one_of(filter(trial_names, config["models"])),
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scaled(1000, 0),
        runtime=scaled(15, 0),
    params:
        code=code_digests("choose_trial.py"),
        trials=in_json(trial_settings),
        seeds=RUN["seeds"],
        folder=subpath(output[0], ancestor=2),
    shell:
        "python {input.script:q} --trials {params.trials:q} --seeds {params.seeds}"
        " --folder {params.folder:q} --output {output:q} > {log:q} 2>&1"


rule take_trial:
    input:
        trials="results/{dataset}/{split}/{model}/trials.csv",
        weights=trial_files("weights.safetensors"),
        history=trial_files("history.csv"),
        options=trial_files("options.json"),
        time=trial_files("training_time.json"),
        script=ancient(f"{SCRIPTS}/take_trial.py"),
    output:
        weights=f"{RUN_FOLDER}/weights.safetensors",
        history=f"{RUN_FOLDER}/history.csv",
        options=f"{RUN_FOLDER}/options.json",
        time=f"{RUN_FOLDER}/training_time.json",
    log:
        "logs/take_trial/{dataset}/{split}/{model}/seed{seed}.log",
    benchmark:
        "logs/take_trial/{dataset}/{split}/{model}/seed{seed}.tsv"
    wildcard_constraints:
        model=one_of(filter(trial_names, config["models"])),
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scaled(1000, 0),
        runtime=scaled(15, 0),
    params:
        code=code_digests("take_trial.py"),
        folder=subpath(output.weights, parent=True),
    shell:
        "python {input.script:q} --trials {input.trials:q} --folder {params.folder:q} > {log:q} 2>&1"


rule models:
    input:
        for_datasets("results/{dataset}/diagnosis.json"),
        for_datasets(run_files("weights.safetensors")),
