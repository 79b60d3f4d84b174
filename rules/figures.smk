# Figures, from cached results alone: no GPU, no torch.


rule plot_comparison:
    input:
        comparison="results/{dataset}/comparison.csv",
        summary="results/{dataset}/summary.csv",
        script=ancient(f"{SCRIPTS}/plot_comparison.py"),
    output:
        report(
            figure_files("comparison"),
            caption="../report/comparison.rst",
            category="{dataset}",
            subcategory="Comparison",
            labels={"figure": "comparison"},
        ),
    log:
        "logs/plot_comparison/{dataset}.log",
    benchmark:
        "logs/plot_comparison/{dataset}.tsv"
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scaled(1000, 8),
        runtime=scaled(30, 1),
    params:
        code=code_digests("plot_comparison.py"),
    shell:
        "python {input.script:q} --comparison {input.comparison:q} --summary {input.summary:q}"
        " --output {output:q} > {log:q} 2>&1"


rule plot_pairwise:
    input:
        summary="results/{dataset}/summary.csv",
        pairwise="results/{dataset}/pairwise.csv",
        script=ancient(f"{SCRIPTS}/plot_pairwise.py"),
    output:
        report(
            figure_files("pairwise"),
            caption="../report/pairwise.rst",
            category="{dataset}",
            subcategory="Comparison",
            labels={"figure": "pairwise"},
        ),
    log:
        "logs/plot_pairwise/{dataset}.log",
    benchmark:
        "logs/plot_pairwise/{dataset}.tsv"
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scaled(1000, 8),
        runtime=scaled(30, 1),
    params:
        code=code_digests("plot_pairwise.py"),
    shell:
        "python {input.script:q} --summary {input.summary:q} --pairwise {input.pairwise:q}"
        " --output {output:q} > {log:q} 2>&1"


rule plot_cost:
    input:
        comparison="results/{dataset}/comparison.csv",
        summary="results/{dataset}/summary.csv",
        script=ancient(f"{SCRIPTS}/plot_cost.py"),
    output:
        report(
            figure_files("cost"),
            caption="../report/cost.rst",
            category="{dataset}",
            subcategory="Comparison",
            labels={"figure": "cost"},
        ),
    log:
        "logs/plot_cost/{dataset}.log",
    benchmark:
        "logs/plot_cost/{dataset}.tsv"
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scaled(1000, 8),
        runtime=scaled(30, 1),
    params:
        code=code_digests("plot_cost.py"),
    shell:
        "python {input.script:q} --comparison {input.comparison:q} --summary {input.summary:q}"
        " --output {output:q} > {log:q} 2>&1"


rule plot_learning_curves:
    input:
        runs=run_files("history.csv", full_splits),
        script=ancient(f"{SCRIPTS}/plot_learning_curves.py"),
    output:
        report(
            figure_files("learning_curves"),
            caption="../report/learning_curves.rst",
            category="{dataset}",
            subcategory="Training",
            labels={"figure": "learning curves"},
        ),
    log:
        "logs/plot_learning_curves/{dataset}.log",
    benchmark:
        "logs/plot_learning_curves/{dataset}.tsv"
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scaled(1000, 8),
        runtime=scaled(30, 1),
    params:
        code=code_digests("plot_learning_curves.py"),
    shell:
        "python {input.script:q} --runs {input.runs:q}" " --output {output:q} > {log:q} 2>&1"


rule plot_per_class:
    input:
        class_scores="results/{dataset}/class_scores.csv",
        script=ancient(f"{SCRIPTS}/plot_per_class.py"),
    output:
        report(
            figure_files("per_class"),
            caption="../report/per_class.rst",
            category="{dataset}",
            subcategory="Errors",
            labels={"figure": "per class"},
        ),
    log:
        "logs/plot_per_class/{dataset}.log",
    benchmark:
        "logs/plot_per_class/{dataset}.tsv"
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scaled(1000, 8),
        runtime=scaled(30, 1),
    params:
        code=code_digests("plot_per_class.py"),
    shell:
        "python {input.script:q} --class-scores {input.class_scores:q}" " --output {output:q} > {log:q} 2>&1"


rule plot_confusion:
    input:
        runs=run_files("metrics.json", full_splits),
        script=ancient(f"{SCRIPTS}/plot_confusion.py"),
    output:
        report(
            figure_files("confusion"),
            caption="../report/confusion.rst",
            category="{dataset}",
            subcategory="Errors",
            labels={"figure": "confusion"},
        ),
    log:
        "logs/plot_confusion/{dataset}.log",
    benchmark:
        "logs/plot_confusion/{dataset}.tsv"
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scaled(1000, 8),
        runtime=scaled(30, 1),
    params:
        code=code_digests("plot_confusion.py"),
    shell:
        "python {input.script:q} --runs {input.runs:q}" " --output {output:q} > {log:q} 2>&1"


rule plot_trials:
    input:
        trials=trial_tables,
        script=ancient(f"{SCRIPTS}/plot_trials.py"),
    output:
        report(
            figure_files("trials"),
            caption="../report/trials.rst",
            category="{dataset}",
            subcategory="Training",
            labels={"figure": "trials"},
        ),
    log:
        "logs/plot_trials/{dataset}.log",
    benchmark:
        "logs/plot_trials/{dataset}.tsv"
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scaled(1000, 8),
        runtime=scaled(30, 1),
    params:
        code=code_digests("plot_trials.py"),
    shell:
        "python {input.script:q} --trials {input.trials:q} --output {output:q} > {log:q} 2>&1"


rule plot_accuracy_by_data:
    input:
        points="results/{dataset}/accuracy_by_data.csv",
        forecast="results/{dataset}/data_forecast.csv",
        script=ancient(f"{SCRIPTS}/plot_accuracy_by_data.py"),
    output:
        report(
            figure_files("accuracy_by_data"),
            caption="../report/accuracy_by_data.rst",
            category="{dataset}",
            subcategory="Comparison",
            labels={"figure": "accuracy by data"},
        ),
    log:
        "logs/plot_accuracy_by_data/{dataset}.log",
    benchmark:
        "logs/plot_accuracy_by_data/{dataset}.tsv"
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scaled(1000, 8),
        runtime=scaled(30, 1),
    params:
        code=code_digests("plot_accuracy_by_data.py"),
    shell:
        "python {input.script:q} --points {input.points:q} --forecast {input.forecast:q}"
        " --output {output:q} > {log:q} 2>&1"


rule plot_activations:
    input:
        runs=first_run_files("activations.h5"),
        summary="results/{dataset}/summary.csv",
        script=ancient(f"{SCRIPTS}/plot_activations.py"),
    output:
        report(
            figure_files("activations"),
            caption="../report/activations.rst",
            category="{dataset}",
            subcategory="Explanations",
            labels={"figure": "activation maps"},
        ),
    log:
        "logs/plot_activations/{dataset}.log",
    benchmark:
        "logs/plot_activations/{dataset}.tsv"
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scaled(1000, 8),
        runtime=scaled(30, 1),
    params:
        code=code_digests("plot_activations.py"),
    shell:
        "python {input.script:q} --runs {input.runs:q} --summary {input.summary:q}"
        " --output {output:q} > {log:q} 2>&1"


rule plot_motion_use:
    input:
        table="results/{dataset}/motion_use.csv",
        script=ancient(f"{SCRIPTS}/plot_motion_use.py"),
    output:
        report(
            figure_files("motion_use"),
            caption="../report/motion_use.rst",
            category="{dataset}",
            subcategory="Motion",
            labels={"figure": "motion use"},
        ),
    log:
        "logs/plot_motion_use/{dataset}.log",
    benchmark:
        "logs/plot_motion_use/{dataset}.tsv"
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scaled(1000, 8),
        runtime=scaled(30, 1),
    params:
        code=code_digests("plot_motion_use.py"),
    shell:
        "python {input.script:q} --table {input.table:q} --output {output:q} > {log:q} 2>&1"


rule plot_inspection:
    input:
        videos="results/{dataset}/videos.csv",
        inspection="results/{dataset}/inspection.csv",
        script=ancient(f"{SCRIPTS}/plot_inspection.py"),
    output:
        report(
            figure_files("inspection"),
            caption="../report/inspection.rst",
            category="{dataset}",
            subcategory="Data",
            labels={"figure": "inspection"},
        ),
    log:
        "logs/plot_inspection/{dataset}.log",
    benchmark:
        "logs/plot_inspection/{dataset}.tsv"
    priority: 10
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scaled(1000, 8),
        runtime=scaled(30, 1),
    params:
        code=code_digests("plot_inspection.py"),
    shell:
        "python {input.script:q} --videos {input.videos:q} --inspection {input.inspection:q}"
        " --output {output:q} > {log:q} 2>&1"


rule plot_duplicates:
    input:
        frames=shards,
        duplicates="results/{dataset}/duplicates.csv",
        videos="results/{dataset}/videos.csv",
        splits=split_files,
        script=ancient(f"{SCRIPTS}/plot_duplicates.py"),
    output:
        report(
            figure_files("duplicates"),
            caption="../report/duplicates.rst",
            category="{dataset}",
            subcategory="Data",
            labels={"figure": "duplicates"},
        ),
    log:
        "logs/plot_duplicates/{dataset}.log",
    benchmark:
        "logs/plot_duplicates/{dataset}.tsv"
    priority: 10
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scaled(1000, 8),
        runtime=scaled(30, 1),
    params:
        code=code_digests("plot_duplicates.py"),
    shell:
        "python {input.script:q} --frames {input.frames:q} --duplicates {input.duplicates:q}"
        " --videos {input.videos:q} --splits {input.splits:q} --output {output:q} > {log:q} 2>&1"


rule plot_calibration:
    input:
        scores="results/{dataset}/scores.csv",
        calibration="results/{dataset}/calibration.csv",
        script=ancient(f"{SCRIPTS}/plot_calibration.py"),
    output:
        report(
            figure_files("calibration"),
            caption="../report/calibration.rst",
            category="{dataset}",
            subcategory="Errors",
            labels={"figure": "calibration"},
        ),
    log:
        "logs/plot_calibration/{dataset}.log",
    benchmark:
        "logs/plot_calibration/{dataset}.tsv"
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scaled(1000, 8),
        runtime=scaled(30, 1),
    params:
        code=code_digests("plot_calibration.py"),
    shell:
        "python {input.script:q} --scores {input.scores:q} --calibration {input.calibration:q}"
        " --output {output:q} > {log:q} 2>&1"


rule plot_selective:
    input:
        scores="results/{dataset}/scores.csv",
        selective="results/{dataset}/selective.csv",
        script=ancient(f"{SCRIPTS}/plot_selective.py"),
    output:
        report(
            figure_files("selective"),
            caption="../report/selective.rst",
            category="{dataset}",
            subcategory="Errors",
            labels={"figure": "selective accuracy"},
        ),
    log:
        "logs/plot_selective/{dataset}.log",
    benchmark:
        "logs/plot_selective/{dataset}.tsv"
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scaled(1000, 8),
        runtime=scaled(30, 1),
    params:
        code=code_digests("plot_selective.py"),
    shell:
        "python {input.script:q} --scores {input.scores:q} --selective {input.selective:q}"
        " --output {output:q} > {log:q} 2>&1"


rule plot_ladder:
    input:
        ladder="results/{dataset}/ladder.csv",
        script=ancient(f"{SCRIPTS}/plot_ladder.py"),
    output:
        report(
            figure_files("ladder"),
            caption="../report/ladder.rst",
            category="{dataset}",
            subcategory="Protocol",
            labels={"figure": "protocol ladder"},
        ),
    log:
        "logs/plot_ladder/{dataset}.log",
    benchmark:
        "logs/plot_ladder/{dataset}.tsv"
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scaled(1000, 8),
        runtime=scaled(30, 1),
    params:
        code=code_digests("plot_ladder.py"),
    shell:
        "python {input.script:q} --ladder {input.ladder:q}" " --output {output:q} > {log:q} 2>&1"


rule plot_confused_pairs:
    input:
        pairs="results/{dataset}/confused_pairs.csv",
        frames=shards,
        script=ancient(f"{SCRIPTS}/plot_confused_pairs.py"),
    output:
        report(
            figure_files("confused_pairs"),
            caption="../report/confused_pairs.rst",
            category="{dataset}",
            subcategory="Errors",
            labels={"figure": "confused classes"},
        ),
    log:
        "logs/plot_confused_pairs/{dataset}.log",
    benchmark:
        "logs/plot_confused_pairs/{dataset}.tsv"
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scaled(1000, 8),
        runtime=scaled(30, 1),
    params:
        code=code_digests("plot_confused_pairs.py"),
    shell:
        "python {input.script:q} --pairs {input.pairs:q} --frames {input.frames:q}"
        " --output {output:q} > {log:q} 2>&1"


rule plot_confident_errors:
    input:
        errors="results/{dataset}/errors.csv",
        frames=shards,
        script=ancient(f"{SCRIPTS}/plot_confident_errors.py"),
    output:
        report(
            figure_files("confident_errors"),
            caption="../report/confident_errors.rst",
            category="{dataset}",
            subcategory="Errors",
            labels={"figure": "confident errors"},
        ),
    log:
        "logs/plot_confident_errors/{dataset}.log",
    benchmark:
        "logs/plot_confident_errors/{dataset}.tsv"
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scaled(1000, 8),
        runtime=scaled(30, 1),
    params:
        code=code_digests("plot_confident_errors.py"),
    shell:
        "python {input.script:q} --errors {input.errors:q} --frames {input.frames:q}"
        " --output {output:q} > {log:q} 2>&1"


rule plot_error_overlap:
    input:
        overlap="results/{dataset}/overlap.csv",
        ensembles="results/{dataset}/ensembles.csv",
        script=ancient(f"{SCRIPTS}/plot_error_overlap.py"),
    output:
        report(
            figure_files("error_overlap"),
            caption="../report/error_overlap.rst",
            category="{dataset}",
            subcategory="Errors",
            labels={"figure": "errors in common"},
        ),
    log:
        "logs/plot_error_overlap/{dataset}.log",
    benchmark:
        "logs/plot_error_overlap/{dataset}.tsv"
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scaled(1000, 8),
        runtime=scaled(30, 1),
    params:
        code=code_digests("plot_error_overlap.py"),
    shell:
        "python {input.script:q} --overlap {input.overlap:q} --ensembles {input.ensembles:q}"
        " --output {output:q} > {log:q} 2>&1"


rule plot_difficulty:
    input:
        table="results/{dataset}/accuracy_by_difficulty.csv",
        script=ancient(f"{SCRIPTS}/plot_difficulty.py"),
    output:
        report(
            figure_files("difficulty"),
            caption="../report/difficulty.rst",
            category="{dataset}",
            subcategory="Errors",
            labels={"figure": "accuracy by difficulty"},
        ),
    log:
        "logs/plot_difficulty/{dataset}.log",
    benchmark:
        "logs/plot_difficulty/{dataset}.tsv"
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scaled(1000, 8),
        runtime=scaled(30, 1),
    params:
        code=code_digests("plot_difficulty.py"),
    shell:
        "python {input.script:q} --table {input.table:q}" " --output {output:q} > {log:q} 2>&1"


rule figures:
    input:
        for_datasets("results/{dataset}/diagnosis.json"),
        for_datasets(all_figures),
