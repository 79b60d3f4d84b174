# Tables for papers and the page, from tables and figures only: no GPU, no torch.


rule make_tables:
    input:
        runs=files.of_full_runs("metrics.json"),
        videos="results/{dataset}/videos.csv",
        comparison="results/{dataset}/comparison.csv",
        summary="results/{dataset}/summary.csv",
        pairwise="results/{dataset}/pairwise.csv",
        classes="results/{dataset}/class_scores.csv",
        splits=files.splits,
        options=files.of_full_runs("options.json"),
        script=ancient(f"{paths.scripts}/make_tables.py"),
    output:
        expand("results/{{dataset}}/tables/{name}", name=PAPER_TABLES),
    log:
        "logs/make_tables/{dataset}.log",
    benchmark:
        "logs/make_tables/{dataset}.tsv"
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=jobs.scaled(1000, 8),
        runtime=jobs.scaled(30, 1),
    params:
        *code_digests("make_tables.py"),
        results=subpath(input.comparison, parent=True),
        folder=subpath(output[0], parent=True),
        kind=report_rules.kind,
    shell:
        "python {input.script:q} --results {params.results:q}"
        " --folder {params.folder:q} --kind {params.kind}"
        " > {log:q} 2>&1"


rule tables:
    input:
        files.for_datasets(report_rules.paper_tables),


rule build_report:
    input:
        tables=files.for_datasets(report_rules.page_tables),
        paper=rules.tables.input,
        across=across.tables,
        metrics=files.for_datasets(files.of_runs("metrics.json")),
        splits=files.for_datasets(files.all_splits),
        options=files.for_datasets(files.of_runs("options.json")),
        figures=rules.figures.input,
        template=paths.page_files,
        script=ancient(f"{paths.scripts}/build_report.py"),
    output:
        **run_name.outputs
        | {
            name: report(run_name.outputs[name], caption=f"../report/{name}.rst", category="Report")
            for name in ("page", "answers")
        },
    log:
        "logs/build_report.log",
    benchmark:
        "logs/build_report.tsv"
    localrule: True
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=jobs.scaled(1000, 8),
        runtime=jobs.scaled(30, 1),
    params:
        *code_digests("build_report.py"),
        options=report_rules.options,
        settings=report_rules.settings,
        folders=report_rules.folders,
        splits=report_rules.available_splits,
        commit=report_rules.commit_argument,
        across=across.page_argument,
        record=report_rules.record_arguments,
        figures=[path for path in rules.figures.input if path.endswith(".svg")],
    shell:
        "python {input.script:q} --options {params.options:q} --settings {params.settings:q}"
        " --datasets {params.folders:q} --figures {params.figures:q} --splits {params.splits:q} {params.commit:q}"
        " {params.across:q}"
        " {params.record:q} --output {output.page:q} --latest {output.latest:q} --index {output.index:q}"
        " --answers {output.answers:q} > {log:q} 2>&1"


rule report:
    input:
        rules.build_report.output,
