# Tables and the page, from cached results alone: no GPU, no torch.


rule make_tables:
    input:
        runs=run_files("metrics.json", full_splits),
        videos="results/{dataset}/videos.csv",
        comparison="results/{dataset}/comparison.csv",
        summary="results/{dataset}/summary.csv",
        pairwise="results/{dataset}/pairwise.csv",
        classes="results/{dataset}/class_scores.csv",
        splits=split_files,
        script=ancient(f"{SCRIPTS}/make_tables.py"),
    output:
        expand("results/{{dataset}}/tables/{name}", name=TABLES),
    log:
        "logs/make_tables/{dataset}.log",
    benchmark:
        "logs/make_tables/{dataset}.tsv"
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scaled(1000, 8),
        runtime=scaled(30, 1),
    params:
        code=code_digests("make_tables.py"),
        results=subpath(input.comparison, parent=True),
        folder=subpath(output[0], parent=True),
    shell:
        "python {input.script:q} --results {params.results:q}" " --folder {params.folder:q} > {log:q} 2>&1"


rule tables:
    input:
        for_datasets(paper_tables),


rule build_report:
    input:
        tables=for_datasets(report_tables),
        paper=rules.tables.input,
        metrics=for_datasets(run_files("metrics.json")),
        splits=for_datasets(all_split_files),
        options=for_datasets(run_files("options.json")),
        figures=rules.figures.input,
        template=REPORT_FILES,
        script=ancient(f"{SCRIPTS}/build_report.py"),
    output:
        page="results/report.html",
        answers="results/answers.txt",
    log:
        "logs/build_report.log",
    benchmark:
        "logs/build_report.tsv"
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=scaled(1000, 8),
        runtime=scaled(30, 1),
    params:
        code=code_digests("build_report.py"),
        options=lambda wildcards: json.dumps(GENERAL["report"]),
        settings=lambda wildcards: json.dumps(shown_settings()),  # text with {braces} would be filled in
        folders=for_datasets(f"{RESULTS}/{{dataset}}"),
        splits=all_splits,
        commit=commit_argument,
        figures=[path for path in rules.figures.input if path.endswith(".svg")],
    shell:
        "python {input.script:q} --options {params.options:q} --settings {params.settings:q}"
        " --datasets {params.folders:q} --figures {params.figures:q} --splits {params.splits:q} {params.commit:q}"
        " --output {output.page:q} --answers {output.answers:q} > {log:q} 2>&1"


rule report:
    input:
        rules.build_report.output,
