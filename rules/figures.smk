# Figures, from cached results alone: no GPU, no torch. All there are: scripts/vidbench/plotting/catalogue.py.
# The functions: scripts/vidbench/workflow/figures.py.
from vidbench.plotting.catalogue import CATALOGUE

# A rule for each, with its own script and code: an edit draws that figure again, and no other.
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
                caption=f"../report/{name}.rst",
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
            inputs=figures.flags,
        # Filled in when the job runs: `name` and `figure` would be those of the last rule, so all comes from params.
        shell:
            "python {input.script:q} {params.inputs:q} --output {output:q} > {log:q} 2>&1"


rule figures:
    input:
        files.for_datasets("results/{dataset}/diagnosis.json"),
        files.for_datasets(figures.all_files),
