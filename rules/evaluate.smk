# From trained models to numbers: logits once, from them the scores; costs; and the comparison of all models.
from vidbench.evaluation.scores import MODULES as ADDED_SCORES


rule predict_videos:
    input:
        weights=f"{RUN_FOLDER}/weights.safetensors",
        options=f"{RUN_FOLDER}/options.json",
        videos="results/{dataset}/videos.csv",
        split="results/{dataset}/splits/{split}.csv",
        frames=files.shards,
        features=files.cached_features,
        script=ancient(f"{paths.scripts}/predict_videos.py"),
    output:
        f"{RUN_FOLDER}/predictions.h5",
    log:
        "logs/predict_videos/{dataset}/{split}/{model}/seed{seed}.log",
    benchmark:
        "logs/predict_videos/{dataset}/{split}/{model}/seed{seed}.tsv"
    wildcard_constraints:
        model=baselines.models,
    priority: 2
    conda:
        "../envs/train.yaml"
    threads: jobs.loading_threads
    resources:
        gpu=jobs.gpus,
        mem_mb=evaluate.prediction_megabytes,
        runtime=evaluate.prediction_minutes,
    params:
        *code_digests("predict_videos.py"),
        code=code.of_model("predict_videos.py"),
        device=run.device,
        loading=jobs.loading_arguments,
        folder=subpath(input.weights, parent=True),
        features=optional("--features", "features"),
        shuffles=evaluate.shuffles,
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
        script=ancient(f"{paths.scripts}/score_predictions.py"),
    output:
        f"{RUN_FOLDER}/metrics.json",
    log:
        "logs/score_predictions/{dataset}/{split}/{model}/seed{seed}.log",
    benchmark:
        "logs/score_predictions/{dataset}/{split}/{model}/seed{seed}.tsv"
    priority: 2
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=evaluate.scoring_megabytes,
        runtime=jobs.scaled(15, 2),
    params:
        *code_digests("score_predictions.py"),
        unreadable=run.general["evaluation"]["unreadable"],
        trackers=without_rerun(train.tracker_arguments),
    shell:
        "python {input.script:q} --predictions {input.predictions:q} --record {input.options:q}"
        " --videos {input.videos:q} --split {input.split:q} --unreadable {params.unreadable}"
        " {params.trackers:q} --output {output:q} > {log:q} 2>&1"


# Once per model: its seeds and splits compute the same. Nothing computes beside it on the device that it measures.
rule measure_cost:
    input:
        weights=files.of_first_run("weights.safetensors"),
        options=files.of_first_run("options.json"),
        script=ancient(f"{paths.scripts}/measure_cost.py"),
    output:
        "results/{dataset}/costs/{model}.json",
    log:
        "logs/measure_cost/{dataset}/{model}.log",
    benchmark:
        "logs/measure_cost/{dataset}/{model}.tsv"
    conda:
        "../envs/train.yaml"
    threads: evaluate.cost_threads
    resources:
        gpu=jobs.gpus,
        mem_mb=jobs.computing_megabytes,
        runtime=jobs.scaled(60, 0),
    params:
        *code_digests("measure_cost.py"),
        code=code.of_model("measure_cost.py"),
        device=run.device,
        threads=evaluate.cost_compute_threads,
        folder=subpath(input.weights, parent=True),
    shell:
        "python {input.script:q} --folder {params.folder:q} --device {params.device}"
        " --threads {params.threads} --gpus {resources.gpu} --output {output:q} > {log:q} 2>&1"


rule compare_models:
    input:
        runs=files.of_runs("metrics.json"),
        predictions=files.of_full_runs("predictions.h5"),
        options=files.of_runs("options.json"),
        time=files.of_runs("training_time.json"),
        cost=files.costs,
        videos="results/{dataset}/videos.csv",
        splits=files.splits,
        script=ancient(f"{paths.scripts}/compare_models.py"),
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
        mem_mb=evaluate.comparing_megabytes,
        runtime=jobs.scaled(60, 5),
    params:
        *code_digests("compare_models.py"),
        unreadable=run.general["evaluation"]["unreadable"],
        folder=subpath(output[0], parent=True),
    shell:
        "python {input.script:q} --runs {input.runs:q} --videos {input.videos:q}"
        " --splits {input.splits:q} --unreadable {params.unreadable}"
        " --folder {params.folder:q} > {log:q} 2>&1"


rule compare_errors:
    input:
        runs=files.of_full_runs("predictions.h5"),
        options=files.of_full_runs("options.json"),
        videos="results/{dataset}/videos.csv",
        splits=files.splits,
        difficulty="results/{dataset}/difficulty.csv",
        script=ancient(f"{paths.scripts}/compare_errors.py"),
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
        mem_mb=evaluate.comparing_megabytes,
        runtime=jobs.scaled(60, 5),
    params:
        *code_digests("compare_errors.py"),
        unreadable=run.general["evaluation"]["unreadable"],
        folder=subpath(output[0], parent=True),
    shell:
        "python {input.script:q} --unreadable {params.unreadable}"
        " --runs {input.runs:q} --videos {input.videos:q} --splits {input.splits:q}"
        " --difficulty {input.difficulty:q} --folder {params.folder:q} > {log:q} 2>&1"


rule find_label_issues:
    input:
        runs=files.of_full_runs("predictions.h5"),
        options=files.of_full_runs("options.json"),
        videos="results/{dataset}/videos.csv",
        splits=files.splits,
        script=ancient(f"{paths.scripts}/find_label_issues.py"),
    output:
        "results/{dataset}/label_issues.csv",
        "results/{dataset}/label_issues.json",
        "results/{dataset}/corrected.csv",
    log:
        "logs/find_label_issues/{dataset}.log",
    benchmark:
        "logs/find_label_issues/{dataset}.tsv"
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=evaluate.comparing_megabytes,
        runtime=jobs.scaled(60, 5),
    params:
        *code_digests("find_label_issues.py"),
        unreadable=run.general["evaluation"]["unreadable"],
        folder=subpath(output[0], parent=True),
    shell:
        "python {input.script:q} --unreadable {params.unreadable}"
        " --runs {input.runs:q} --videos {input.videos:q} --splits {input.splits:q}"
        " --folder {params.folder:q} > {log:q} 2>&1"


rule compare_scores:
    input:
        runs=files.of_full_runs("metrics.json"),
        predictions=files.of_full_runs("predictions.h5"),
        cost=files.costs,
        videos="results/{dataset}/videos.csv",
        splits=files.splits,
        script=ancient(f"{paths.scripts}/compare_scores.py"),
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
        mem_mb=evaluate.comparing_megabytes,
        runtime=jobs.scaled(60, 5),
    params:
        *code_digests("compare_scores.py", *ADDED_SCORES.values()),
        unreadable=run.general["evaluation"]["unreadable"],
        folder=subpath(output[0], parent=True),
    shell:
        "python {input.script:q} --runs {input.runs:q} --videos {input.videos:q}"
        " --splits {input.splits:q} --unreadable {params.unreadable}"
        " --folder {params.folder:q} > {log:q} 2>&1"


# In place of the three before, where a video may have several labels.
rule compare_labels:
    input:
        runs=files.of_full_runs("metrics.json"),
        predictions=files.of_full_runs("predictions.h5"),
        options=files.of_full_runs("options.json"),
        time=files.of_full_runs("training_time.json"),
        cost=files.costs,
        videos="results/{dataset}/videos.csv",
        splits=files.splits,
        script=ancient(f"{paths.scripts}/compare_labels.py"),
    output:
        expand("results/{{dataset}}/{name}", name=LABEL_TABLES),
    log:
        "logs/compare_labels/{dataset}.log",
    benchmark:
        "logs/compare_labels/{dataset}.tsv"
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=evaluate.comparing_megabytes,
        runtime=jobs.scaled(60, 5),
    params:
        *code_digests("compare_labels.py"),
        unreadable=run.general["evaluation"]["unreadable"],
        folder=subpath(output[0], parent=True),
    shell:
        "python {input.script:q} --runs {input.runs:q} --videos {input.videos:q}"
        " --splits {input.splits:q} --unreadable {params.unreadable}"
        " --folder {params.folder:q} > {log:q} 2>&1"


rule select_explained_videos:
    input:
        predictions=files.of_first_runs("predictions.h5"),
        videos="results/{dataset}/videos.csv",
        script=ancient(f"{paths.scripts}/select_explained_videos.py"),
    output:
        "results/{dataset}/examples.csv",
    log:
        "logs/select_explained_videos/{dataset}.log",
    benchmark:
        "logs/select_explained_videos/{dataset}.tsv"
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=evaluate.comparing_megabytes,
        runtime=jobs.scaled(30, 1),
    params:
        *code_digests("select_explained_videos.py"),
        number=run.explained,
    shell:
        "python {input.script:q} --predictions {input.predictions:q} --videos {input.videos:q}"
        " --number {params.number} --output {output:q} > {log:q} 2>&1"


rule compute_activation_maps:
    input:
        weights=f"{RUN_FOLDER}/weights.safetensors",
        options=f"{RUN_FOLDER}/options.json",
        predictions=f"{RUN_FOLDER}/predictions.h5",
        examples="results/{dataset}/examples.csv",
        frames=files.shards,
        script=ancient(f"{paths.scripts}/compute_activation_maps.py"),
    output:
        f"{RUN_FOLDER}/activations.h5",
    log:
        "logs/compute_activation_maps/{dataset}/{split}/{model}/seed{seed}.log",
    benchmark:
        "logs/compute_activation_maps/{dataset}/{split}/{model}/seed{seed}.tsv"
    conda:
        "../envs/train.yaml"
    threads: jobs.loading_threads
    resources:
        gpu=jobs.gpus,
        mem_mb=jobs.computing_megabytes,
        runtime=jobs.scaled(60, 1),
    params:
        *code_digests("compute_activation_maps.py"),
        code=code.of_model("compute_activation_maps.py"),
        device=run.device,
        folder=subpath(input.weights, parent=True),
    shell:
        "python {input.script:q} --folder {params.folder:q} --examples {input.examples:q}"
        " --frames {input.frames:q} --device {params.device} --gpus {resources.gpu}"
        " --output {output:q} > {log:q} 2>&1"


rule forecast_accuracy:
    input:
        runs=files.of_runs("metrics.json"),
        predictions=files.of_runs("predictions.h5"),
        options=files.of_runs("options.json"),
        videos="results/{dataset}/videos.csv",
        splits=files.all_splits,
        script=ancient(f"{paths.scripts}/forecast_accuracy.py"),
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
        mem_mb=evaluate.comparing_megabytes,
        runtime=jobs.scaled(60, 5),
    params:
        *code_digests("forecast_accuracy.py"),
        unreadable=run.general["evaluation"]["unreadable"],
        folder=subpath(output[0], parent=True),
    shell:
        "python {input.script:q} --unreadable {params.unreadable}"
        " --runs {input.runs:q} --videos {input.videos:q}"
        " --splits {input.splits:q} --folder {params.folder:q} > {log:q} 2>&1"


# Only if the config has the motion test switched on.
rule measure_motion_use:
    input:
        predictions=files.of_full_trainings("predictions.h5"),
        options=files.of_full_trainings("options.json"),
        videos="results/{dataset}/videos.csv",
        splits=files.splits,
        script=ancient(f"{paths.scripts}/measure_motion_use.py"),
    output:
        "results/{dataset}/motion_use.csv",
    log:
        "logs/measure_motion_use/{dataset}.log",
    benchmark:
        "logs/measure_motion_use/{dataset}.tsv"
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=evaluate.comparing_megabytes,
        runtime=jobs.scaled(60, 5),
    params:
        *code_digests("measure_motion_use.py"),
        unreadable=run.general["evaluation"]["unreadable"],
    shell:
        "python {input.script:q} --unreadable {params.unreadable}"
        " --predictions {input.predictions:q} --videos {input.videos:q}"
        " --splits {input.splits:q} --output {output:q} > {log:q} 2>&1"


# What explains the best model's score more simply, and what limits the models: for the answer and the next steps.
rule explain_scores:
    input:
        predictions=files.of_full_runs("predictions.h5"),
        options=files.of_full_runs("options.json"),
        history=files.of_full_trainings("history.csv"),
        inspection="results/{dataset}/inspection.csv",
        videos="results/{dataset}/videos.csv",
        splits=files.splits,
        script=ancient(f"{paths.scripts}/explain_scores.py"),
    output:
        "results/{dataset}/explanations.json",
    log:
        "logs/explain_scores/{dataset}.log",
    benchmark:
        "logs/explain_scores/{dataset}.tsv"
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=evaluate.comparing_megabytes,
        runtime=jobs.scaled(60, 5),
    params:
        *code_digests("explain_scores.py"),
        unreadable=run.general["evaluation"]["unreadable"],
    shell:
        "python {input.script:q} --unreadable {params.unreadable} --runs {input.predictions:q}"
        " --videos {input.videos:q} --splits {input.splits:q} --inspection {input.inspection:q}"
        " --output {output:q} > {log:q} 2>&1"


rule metrics:
    input:
        files.for_datasets("results/{dataset}/diagnosis.json"),
        files.for_datasets(evaluate.comparison_tables),
        files.for_datasets(evaluate.motion_tables),
        across.tables,
