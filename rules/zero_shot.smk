# Models that classify by the names of the classes: an image-text network in a folder, and no training. The outputs are
# those of a training, so that all later steps take them. Its functions: scripts/vidbench/workflow/zero_shot.py.
rule embed_class_names:
    input:
        videos="results/{dataset}/videos.csv",
        split="results/{dataset}/splits/{split}.csv",
        frames=files.shards,
        weights=ancient(zero_shot.weights_file),
        script=ancient(f"{paths.scripts}/embed_class_names.py"),
    output:
        weights=f"{RUN_FOLDER}/weights.safetensors",
        history=f"{RUN_FOLDER}/history.csv",
        options=f"{RUN_FOLDER}/options.json",
        time=f"{RUN_FOLDER}/training_time.json",
    log:
        "logs/embed_class_names/{dataset}/{split}/{model}/seed{seed}.log",
    benchmark:
        "logs/embed_class_names/{dataset}/{split}/{model}/seed{seed}.tsv"
    wildcard_constraints:
        model=zero_shot.models,
    priority: 2
    conda:
        "../envs/train.yaml"
    threads: zero_shot.threads
    resources:
        mem_mb=zero_shot.megabytes,
        runtime=jobs.scaled(30, 1),
    params:
        *code_digests("embed_class_names.py"),
        code=code.of_model("embed_class_names.py"),
        options=in_json(zero_shot.options),
        digest=zero_shot.digest,
        folder=subpath(output.weights, parent=True),
    shell:
        "python {input.script:q} --options {params.options:q} --seed {wildcards.seed}"
        " --videos {input.videos:q} --split {input.split:q} --frames {input.frames:q}"
        " --folder {params.folder:q} > {log:q} 2>&1"
