# `snakemake machine`: what this machine has, and what a run would use of it. Has no output, so that it prints each time.
rule machine:
    input:
        script=ancient(f"{paths.scripts}/describe_machine.py"),
    log:
        "logs/machine.log",
    localrule: True
    conda:
        "../envs/train.yaml"
    params:
        *code_digests("describe_machine.py"),
        device=run.device,
        capacity=plan.machine_arguments,
    shell:
        "python {input.script:q} --device {params.device} {params.capacity} 2> {log:q}"


# `snakemake plan`: an estimate of what a run will take, before it starts. Not part of `all`; fetches nothing.


rule measure_extraction:
    input:
        script=ancient(f"{paths.scripts}/measure_extraction.py"),
    output:
        frames="results/plan/extraction/{dataset}.h5",
        speed="results/plan/extraction/{dataset}.json",
    log:
        "logs/measure_extraction/{dataset}.log",
    benchmark:
        "logs/measure_extraction/{dataset}.tsv"
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        *code_digests("measure_extraction.py"),
        code=code.of_dataset("measure_extraction.py"),
        options=in_json(data.entry),
        folder=files.source_folder,
        ffmpeg=data.ffmpeg_argument,
    shell:
        "python {input.script:q} --options {params.options:q} --folder {params.folder:q} {params.ffmpeg:q}"
        " --frames {output.frames:q} --output {output.speed:q} > {log:q} 2>&1"


rule measure_speed:
    input:
        frames="results/plan/extraction/{dataset}.h5",
        script=ancient(f"{paths.scripts}/measure_speed.py"),
    output:
        "results/plan/speed/{dataset}/{model}.json",
    log:
        "logs/measure_speed/{dataset}/{model}.log",
    benchmark:
        "logs/measure_speed/{dataset}/{model}.tsv"
    conda:
        "../envs/train.yaml"
    threads: plan.speed_threads
    resources:
        gpu=jobs.gpus,
        mem_mb=jobs.computing_megabytes,
        runtime=60,
    params:
        *code_digests("measure_speed.py"),
        code=code.of_model("measure_speed.py"),
        options=in_json(plan.speed_options),
        classes=plan.num_classes,
        device=run.device,
        gpus=jobs.gpus,  # also a param: unlike a changed resource, a changed param measures again
        loading=jobs.loading_arguments,
        features=plan.feature_threads,
    shell:
        "python {input.script:q} --options {params.options:q} --classes {params.classes} --frames {input.frames:q}"
        " --device {params.device} --gpus {resources.gpu} {params.loading} {params.features} --output {output:q}"
        " > {log:q} 2>&1"


# Has no output, so that it runs, and prints its plan, each time.
rule plan:
    input:
        extraction=files.for_datasets("results/plan/extraction/{dataset}.json"),
        speed=plan.speeds,
        script=ancient(f"{paths.scripts}/plan_run.py"),
    log:
        "logs/plan.log",
    localrule: True
    conda:
        "../envs/data.yaml"
    params:
        *code_digests("plan_run.py"),
        config=plan.config,
        capacity=plan.capacity,
        folder=plan.results,
    shell:
        "python {input.script:q} --config {params.config:q} --measurements {params.folder:q}/plan {params.capacity}"
        " --text {params.folder:q}/plan.txt --output {params.folder:q}/plan.json 2> {log:q}"
