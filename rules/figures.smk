# Figures, drawn from tables and stored results only: no GPU, no torch. They are listed in
# scripts/vidbench/plotting/catalogue.py.
from vidbench.plotting.catalogue import CATALOGUE

# One rule per figure, with its own script and code, so that an edit draws only that figure again.
for name, figure in CATALOGUE.items():

    rule:
        name:
            f"plot_{name}"
        input:
            **figures.inputs(figure),
            script=ancient(f"{paths.scripts}/plot_{name}.py"),
        output:
            report(
                figures.outputs(name),
                caption="../report/page/caption.rst" if figure.caption else f"../report/{name}.rst",
                category="{dataset}",
                subcategory=figure.part.capitalize(),
                labels={"figure": figure.label or name.replace("_", " ")},
            ),
        log:
            f"logs/plot_{name}/{{dataset}}.log",
        benchmark:
            f"logs/plot_{name}/{{dataset}}.tsv"
        priority: 10 if figure.of_data else 0
        localrule: True
        conda:
            "../envs/report.yaml"
        resources:
            mem_mb=jobs.scaled(1000, 8),
            runtime=jobs.scaled(30, 1),
        params:
            *code_digests(f"plot_{name}.py"),
            **({"caption": figure.caption} if figure.caption else {}),
            inputs=figures.flags,
        # Uses params and no loop variables: it is formatted when the job runs, when those have their last values.
        shell:
            "python {input.script:q} {params.inputs:q} --output {output:q} > {log:q} 2>&1"


rule figures:
    input:
        files.for_datasets("results/{dataset}/diagnosis.json"),
        files.for_datasets(figures.all_files),
        across.figures,
