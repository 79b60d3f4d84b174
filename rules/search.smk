# Successive halving (docs/training.md, "Searches"): the trials of a rung are ranked on validation, and the best of them
# go on. A job of the next rung belongs to a place in the ranking, not to a trial, so all jobs are known from the start.
rule rank_trials:
    input:
        history=search.trials_of_rung("history.csv"),
        options=search.trials_of_rung("options.json"),
        before=search.ranking_before,
        script=ancient(f"{paths.scripts}/rank_trials.py"),
    output:
        "results/{dataset}/{split}/{model}/rung{rung}.csv",
    log:
        "logs/rank_trials/{dataset}/{split}/{model}/rung{rung}.log",
    benchmark:
        "logs/rank_trials/{dataset}/{split}/{model}/rung{rung}.tsv"
    wildcard_constraints:
        model=search.halved_models,
        rung=r"\d+",
    priority: 2
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=jobs.scaled(1000, 0),
        runtime=jobs.scaled(15, 0),
    params:
        *code_digests("rank_trials.py"),
        trials=in_json(train.trials),
        seeds=run.seeds,
        before=optional("--before", "before"),
        going_on=search.going_on,
    shell:
        "python {input.script:q} --trials {params.trials:q} --seeds {params.seeds} {params.before:q}"
        " --rung {wildcards.rung} --going-on {params.going_on} --output {output:q} > {log:q} 2>&1"


# A trial goes on from the checkpoint that it paused with, which is no input: without it, it is trained from its
# beginning, with the same result.
rule continue_trial:
    input:
        ranking=search.ranking_before,
        videos="results/{dataset}/videos.csv",
        split="results/{dataset}/splits/{split}.csv",
        whole=train.whole_split,
        frames=files.shards,
        weights=ancient(train.weights_file),
        features=files.cached_features,
        script=ancient(f"{paths.scripts}/continue_trial.py"),
    output:
        weights=f"{RUNG_FOLDER}/weights.safetensors",
        history=f"{RUNG_FOLDER}/history.csv",
        options=f"{RUNG_FOLDER}/options.json",
        time=f"{RUNG_FOLDER}/training_time.json",
    log:
        "logs/continue_trial/{dataset}/{split}/{model}/rung{rung}/{place}/seed{seed}.log",
    benchmark:
        "logs/continue_trial/{dataset}/{split}/{model}/rung{rung}/{place}/seed{seed}.tsv"
    wildcard_constraints:
        model=search.halved_models,
        rung=r"\d+",
        place=r"\d+",
    priority: 2
    conda:
        "../envs/train.yaml"
    threads: train.threads
    resources:
        gpu=train.gpus,
        mem_mb=search.continued_megabytes,
        runtime=search.minutes,
        nodes=train.nodes,
        mpi=train.on_several_nodes("srun"),
        tasks=train.on_several_nodes(train.nodes),
        tasks_per_gpu=train.on_several_nodes(0),
    params:
        *code_digests("continue_trial.py"),
        code=code.of_model("continue_trial.py"),
        weights=train.weights_argument,
        weights_digest=train.weights_digest,
        device=run.device,
        loading=jobs.loading_arguments,
        whole=optional("--whole", "whole"),
        more=train.runtime_arguments,
        trial=search.continued_arguments,
        launcher=train.launcher,
        features=optional("--features", "features"),
        folder=subpath(output.weights, parent=True),
    shell:
        "{params.launcher} {input.script:q} --ranking {input.ranking:q} --place {wildcards.place}"
        " --seed {wildcards.seed} --videos {input.videos:q} --split {input.split:q} {params.whole:q}"
        " --frames {input.frames:q} {params.weights:q} {params.features:q} --device {params.device}"
        " --gpus {resources.gpu} {params.loading} {params.more} {params.trial} --folder {params.folder:q}"
        " > {log:q} 2>&1"
