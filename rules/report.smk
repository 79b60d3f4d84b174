# Tables and the page, from cached results alone: no GPU, no torch.


rule build_report:
    input:
        tables=for_datasets(report_tables),
        splits=for_datasets(all_split_files),
        options=for_datasets(run_files("options.json")),
        figures=rules.figures.input,
        template=REPORT_FILES,
        script=f"{SCRIPTS}/build_report.py",
        code=code("build_report.py"),
    output:
        "results/report.html",
    log:
        "logs/build_report.log",
    benchmark:
        "logs/build_report.tsv"
    conda:
        "../envs/report.yaml"
    resources:
        mem_mb=2000,
        runtime="30m",
    params:
        options=json.dumps(GENERAL["report"]),
        settings=json.dumps(shown_settings()),
        folders=for_datasets("results/{dataset}"),
        figures=[path for path in rules.figures.input if path.endswith(".svg")],
    shell:
        "python {input.script:q} --options {params.options:q} --settings {params.settings:q}"
        " --datasets {params.folders:q} --figures {params.figures:q} --output {output:q} > {log:q} 2>&1"


rule report:
    input:
        rules.build_report.output,
