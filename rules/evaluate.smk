# From a trained model to numbers: logits once, then scores, costs and the comparison of all models.


rule predict_videos:
    input:
        weights=f"{RUN_FOLDER}/weights.safetensors",
        options=f"{RUN_FOLDER}/options.json",
        videos="results/{dataset}/videos.csv",
        split="results/{dataset}/splits/{split}.csv",
        frames=shards,
        features=cached_features,
        script=ancient(f"{SCRIPTS}/predict_videos.py"),
    output:
        f"{RUN_FOLDER}/predictions.h5",
    log:
        "logs/predict_videos/{dataset}/{split}/{model}/seed{seed}.log",
    benchmark:
        "logs/predict_videos/{dataset}/{split}/{model}/seed{seed}.tsv"
    conda:
        "../envs/train.yaml"
    threads: loading_threads
    resources:
        gpu=gpus,
        mem_mb=prediction_megabytes,
        runtime=prediction_minutes,
    params:
        code=model_code("predict_videos.py"),
        device=GENERAL["device"],
        loading=loading_arguments,
        folder=subpath(input.weights, parent=True),
        features=optional("--features", "features"),
        shuffles=shuffles,
    shell:
        "python {input.script:q} --folder {params.folder:q} --videos {input.videos:q}"
        " --split {input.split:q} --frames {input.frames:q} {params.features:q} --shuffles {params.shuffles}"
        " --device {params.device} --gpus {resources.gpu} {params.loading}"
        " --output {output:q} > {log:q} 2>&1"


rule score_predictions:
    input:
        predictions=f"{RUN_FOLDER}/predictions.h5",
        options=f"{RUN_FOLDER}/options.json",
        videos="results/{dataset}/videos.csv",
        split="results/{dataset}/splits/{split}.csv",
        script=ancient(f"{SCRIPTS}/score_predictions.py"),
    output:
        f"{RUN_FOLDER}/metrics.json",
    log:
        "logs/score_predictions/{dataset}/{split}/{model}/seed{seed}.log",
    benchmark:
        "logs/score_predictions/{dataset}/{split}/{model}/seed{seed}.tsv"
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scoring_megabytes,
        runtime=scaled(15, 2),
    params:
        code=code_digests("score_predictions.py"),
        unreadable=GENERAL["evaluation"]["unreadable"],
    shell:
        "python {input.script:q} --predictions {input.predictions:q} --record {input.options:q}"
        " --videos {input.videos:q} --split {input.split:q} --unreadable {params.unreadable}"
        " --output {output:q} > {log:q} 2>&1"


# All cores, so that nothing runs beside it.
rule measure_cost:
    input:
        weights=f"{RUN_FOLDER}/weights.safetensors",
        options=f"{RUN_FOLDER}/options.json",
        time=f"{RUN_FOLDER}/training_time.json",
        script=ancient(f"{SCRIPTS}/measure_cost.py"),
    output:
        f"{RUN_FOLDER}/cost.json",
    log:
        "logs/measure_cost/{dataset}/{split}/{model}/seed{seed}.log",
    benchmark:
        "logs/measure_cost/{dataset}/{split}/{model}/seed{seed}.tsv"
    conda:
        "../envs/train.yaml"
    threads: all_cores
    resources:
        gpu=gpus,
        mem_mb=computing_megabytes,
        runtime=scaled(60, 0),
    params:
        code=model_code("measure_cost.py"),
        device=GENERAL["device"],
        folder=subpath(input.weights, parent=True),
    shell:
        "python {input.script:q} --folder {params.folder:q} --device {params.device}"
        " --gpus {resources.gpu} --output {output:q} > {log:q} 2>&1"


rule compare_models:
    input:
        runs=run_files("metrics.json"),
        predictions=run_files("predictions.h5", full_splits),
        options=run_files("options.json"),
        cost=run_files("cost.json"),
        videos="results/{dataset}/videos.csv",
        splits=split_files,
        script=ancient(f"{SCRIPTS}/compare_models.py"),
    output:
        "results/{dataset}/comparison.csv",
        "results/{dataset}/summary.csv",
        "results/{dataset}/pairwise.csv",
        "results/{dataset}/resolution.json",
    log:
        "logs/compare_models/{dataset}.log",
    benchmark:
        "logs/compare_models/{dataset}.tsv"
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=comparing_megabytes,
        runtime=scaled(60, 5),
    params:
        code=code_digests("compare_models.py"),
        unreadable=GENERAL["evaluation"]["unreadable"],
        folder=subpath(output[0], parent=True),
    shell:
        "python {input.script:q} --runs {input.runs:q} --videos {input.videos:q}"
        " --splits {input.splits:q} --unreadable {params.unreadable}"
        " --folder {params.folder:q} > {log:q} 2>&1"


rule compare_errors:
    input:
        runs=run_files("predictions.h5", full_splits),
        videos="results/{dataset}/videos.csv",
        splits=split_files,
        difficulty="results/{dataset}/difficulty.csv",
        script=ancient(f"{SCRIPTS}/compare_errors.py"),
    output:
        "results/{dataset}/confused_pairs.csv",
        "results/{dataset}/errors.csv",
        "results/{dataset}/overlap.csv",
        "results/{dataset}/ensembles.csv",
        "results/{dataset}/accuracy_by_difficulty.csv",
    log:
        "logs/compare_errors/{dataset}.log",
    benchmark:
        "logs/compare_errors/{dataset}.tsv"
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=comparing_megabytes,
        runtime=scaled(60, 5),
    params:
        code=code_digests("compare_errors.py"),
        unreadable=GENERAL["evaluation"]["unreadable"],
        folder=subpath(output[0], parent=True),
    shell:
        "python {input.script:q} --unreadable {params.unreadable}"
        " --runs {input.runs:q} --videos {input.videos:q} --splits {input.splits:q}"
        " --difficulty {input.difficulty:q} --folder {params.folder:q} > {log:q} 2>&1"


rule compare_scores:
    input:
        runs=run_files("metrics.json", full_splits),
        predictions=run_files("predictions.h5", full_splits),
        cost=run_files("cost.json", full_splits),
        videos="results/{dataset}/videos.csv",
        splits=split_files,
        script=ancient(f"{SCRIPTS}/compare_scores.py"),
    output:
        "results/{dataset}/scores.csv",
        "results/{dataset}/class_scores.csv",
        "results/{dataset}/ladder.csv",
        "results/{dataset}/calibration.csv",
        "results/{dataset}/selective.csv",
    log:
        "logs/compare_scores/{dataset}.log",
    benchmark:
        "logs/compare_scores/{dataset}.tsv"
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=comparing_megabytes,
        runtime=scaled(60, 5),
    params:
        code=code_digests("compare_scores.py"),
        unreadable=GENERAL["evaluation"]["unreadable"],
        folder=subpath(output[0], parent=True),
    shell:
        "python {input.script:q} --runs {input.runs:q} --videos {input.videos:q}"
        " --splits {input.splits:q} --unreadable {params.unreadable}"
        " --folder {params.folder:q} > {log:q} 2>&1"


rule choose_examples:
    input:
        predictions=first_run_files("predictions.h5"),
        videos="results/{dataset}/videos.csv",
        script=ancient(f"{SCRIPTS}/choose_examples.py"),
    output:
        "results/{dataset}/examples.csv",
    log:
        "logs/choose_examples/{dataset}.log",
    benchmark:
        "logs/choose_examples/{dataset}.tsv"
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=comparing_megabytes,
        runtime=scaled(30, 1),
    params:
        code=code_digests("choose_examples.py"),
        number=GENERAL["evaluation"]["explained_videos"],
    shell:
        "python {input.script:q} --predictions {input.predictions:q} --videos {input.videos:q}"
        " --number {params.number} --output {output:q} > {log:q} 2>&1"


rule explain_predictions:
    input:
        weights=f"{RUN_FOLDER}/weights.safetensors",
        options=f"{RUN_FOLDER}/options.json",
        predictions=f"{RUN_FOLDER}/predictions.h5",
        examples="results/{dataset}/examples.csv",
        frames=shards,
        script=ancient(f"{SCRIPTS}/explain_predictions.py"),
    output:
        f"{RUN_FOLDER}/activations.h5",
    log:
        "logs/explain_predictions/{dataset}/{split}/{model}/seed{seed}.log",
    benchmark:
        "logs/explain_predictions/{dataset}/{split}/{model}/seed{seed}.tsv"
    conda:
        "../envs/train.yaml"
    threads: loading_threads
    resources:
        gpu=gpus,
        mem_mb=computing_megabytes,
        runtime=scaled(60, 1),
    params:
        code=model_code("explain_predictions.py"),
        device=GENERAL["device"],
        folder=subpath(input.weights, parent=True),
    shell:
        "python {input.script:q} --folder {params.folder:q} --examples {input.examples:q}"
        " --frames {input.frames:q} --device {params.device} --gpus {resources.gpu}"
        " --output {output:q} > {log:q} 2>&1"


rule forecast_accuracy:
    input:
        runs=run_files("metrics.json"),
        predictions=run_files("predictions.h5"),
        options=run_files("options.json"),
        videos="results/{dataset}/videos.csv",
        splits=all_split_files,
        script=ancient(f"{SCRIPTS}/forecast_accuracy.py"),
    output:
        points="results/{dataset}/accuracy_by_data.csv",
        forecast="results/{dataset}/data_forecast.csv",
    log:
        "logs/forecast_accuracy/{dataset}.log",
    benchmark:
        "logs/forecast_accuracy/{dataset}.tsv"
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=comparing_megabytes,
        runtime=scaled(60, 5),
    params:
        code=code_digests("forecast_accuracy.py"),
        unreadable=GENERAL["evaluation"]["unreadable"],
        folder=subpath(output[0], parent=True),
    shell:
        "python {input.script:q} --unreadable {params.unreadable}"
        " --runs {input.runs:q} --videos {input.videos:q}"
        " --splits {input.splits:q} --folder {params.folder:q} > {log:q} 2>&1"


# Only where the config asks for the motion test.
rule compare_conditions:
    input:
        predictions=run_files("predictions.h5", full_splits),
        options=run_files("options.json", full_splits),
        videos="results/{dataset}/videos.csv",
        splits=split_files,
        script=ancient(f"{SCRIPTS}/compare_conditions.py"),
    output:
        "results/{dataset}/motion_use.csv",
    log:
        "logs/compare_conditions/{dataset}.log",
    benchmark:
        "logs/compare_conditions/{dataset}.tsv"
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=comparing_megabytes,
        runtime=scaled(60, 5),
    params:
        code=code_digests("compare_conditions.py"),
        unreadable=GENERAL["evaluation"]["unreadable"],
    shell:
        "python {input.script:q} --unreadable {params.unreadable}"
        " --predictions {input.predictions:q} --videos {input.videos:q}"
        " --splits {input.splits:q} --output {output:q} > {log:q} 2>&1"


rule metrics:
    input:
        for_datasets("results/{dataset}/diagnosis.json"),
        for_datasets("results/{dataset}/ensembles.csv"),
        for_datasets("results/{dataset}/summary.csv"),
        for_datasets(motion_tables),
