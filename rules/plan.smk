# What a run will take, said before it starts. Not part of `all`; nothing is fetched.


rule measure_extraction:
    input:
        script=ancient(f"{SCRIPTS}/measure_extraction.py"),
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
        code=dataset_code("measure_extraction.py"),
        options=in_json(lambda wildcards: dataset(wildcards.dataset)),
        folder=source_folder,
        ffmpeg=ffmpeg_argument,
    shell:
        "python {input.script:q} --options {params.options:q} --folder {params.folder:q} {params.ffmpeg:q}"
        " --frames {output.frames:q} --output {output.speed:q} > {log:q} 2>&1"


rule measure_speed:
    input:
        frames="results/plan/extraction/{dataset}.h5",
        script=ancient(f"{SCRIPTS}/measure_speed.py"),
    output:
        "results/plan/speed/{dataset}/{model}.json",
    log:
        "logs/measure_speed/{dataset}/{model}.log",
    benchmark:
        "logs/measure_speed/{dataset}/{model}.tsv"
    conda:
        "../envs/train.yaml"
    threads: loading_threads
    resources:
        gpu=gpus,
        mem_mb=computing_megabytes,
        runtime=60,
    params:
        code=model_code("measure_speed.py"),
        options=in_json(planned_options),
        classes=lambda wildcards: num_classes(wildcards.dataset),
        device=GENERAL["device"],
        gpus=gpus,  # here, too: a changed param measures again, a changed resource does not
        loading=loading_arguments,
    shell:
        "python {input.script:q} --options {params.options:q} --classes {params.classes} --frames {input.frames:q}"
        " --device {params.device} --gpus {resources.gpu} {params.loading} --output {output:q} > {log:q} 2>&1"


# No output, so that it says its plan each time it is asked.
rule plan:
    input:
        extraction=for_datasets("results/plan/extraction/{dataset}.json"),
        speed=planned_speeds,
        script=ancient(f"{SCRIPTS}/plan_run.py"),
    log:
        "logs/plan.log",
    localrule: True
    conda:
        "../envs/data.yaml"
    params:
        code=code_digests("plan_run.py"),
        config=lambda wildcards: json.dumps(inventory.used_part(CONFIGURED)),  # an argument holds 128 KiB
        capacity=planned_capacity,
        folder=lambda wildcards: RESULTS,
    shell:
        "python {input.script:q} --config {params.config:q} --measurements {params.folder:q}/plan {params.capacity}"
        " --text {params.folder:q}/plan.txt --output {params.folder:q}/plan.json 2> {log:q}"
