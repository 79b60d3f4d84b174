# From nothing to frames: download, index, extract_frames, inspect, split.


# Archives and videos are no outputs: Snakemake deletes outputs before a rerun, and an edited script
# must not delete what took a day to download. The code is ancient: editing it fetches nothing again.
rule download_data:
    input:
        script=ancient(f"{SCRIPTS}/download_data.py"),
    output:
        "resources/{dataset}/source.json",
    log:
        "logs/download_data/{dataset}.log",
    benchmark:
        "logs/download_data/{dataset}.tsv"
    conda:
        "../envs/data.yaml"
    threads: 4
    resources:
        mem_mb=2000,
        runtime="1d",
    params:
        options=in_json(source_options),
        ffmpeg=FFMPEG,
    shell:
        "python {input.script:q} --options {params.options:q} {params.ffmpeg:q}"
        " --folder resources/{wildcards.dataset} --jobs {threads} --output {output:q} > {log:q} 2>&1"


rule index_videos:
    input:
        source="resources/{dataset}/source.json",
        manifest=manifest,
        script=f"{SCRIPTS}/index_videos.py",
        code=dataset_code("index_videos.py"),
    output:
        "results/{dataset}/videos.csv",
    log:
        "logs/index_videos/{dataset}.log",
    benchmark:
        "logs/index_videos/{dataset}.tsv"
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=2000,
        runtime="30m",
    params:
        options=in_json(source_options),
        digest=index_digest,
    shell:
        "python {input.script:q} --options {params.options:q}"
        " --folder resources/{wildcards.dataset} --output {output:q} > {log:q} 2>&1"


# The manifest is ancient: a corrected label changes nothing here. `digest` tells a shard that its own
# videos have changed.
rule extract_frames:
    input:
        source="resources/{dataset}/source.json",
        manifest=ancient(manifest),
        script=f"{SCRIPTS}/extract_frames.py",
        code=dataset_code("extract_frames.py"),
    output:
        "results/{dataset}/frames/{shard}.h5",
    log:
        "logs/extract_frames/{dataset}/{shard}.log",
    benchmark:
        "logs/extract_frames/{dataset}/{shard}.tsv"
    conda:
        "../envs/data.yaml"
    threads: extraction_threads
    resources:
        mem_mb=2000,
        runtime="6h",
    params:
        options=in_json(source_options),
        frames=in_json(lambda wildcards: dataset(wildcards.dataset)["frames"]),
        shards=lambda wildcards: dataset(wildcards.dataset)["shards"],
        digest=shard_digest,
        ffmpeg=FFMPEG,
    shell:
        "python {input.script:q} --options {params.options:q} --frames {params.frames:q} {params.ffmpeg:q}"
        " --folder resources/{wildcards.dataset} --shard {wildcards.shard} --shards {params.shards}"
        " --jobs {threads} --output {output:q} > {log:q} 2>&1"


rule inspect_videos:
    input:
        frames=shards,
        script=f"{SCRIPTS}/inspect_videos.py",
        code=code("inspect_videos.py"),
    output:
        "results/{dataset}/inspection.csv",
    log:
        "logs/inspect_videos/{dataset}.log",
    benchmark:
        "logs/inspect_videos/{dataset}.tsv"
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=2000,
        runtime="30m",
    shell:
        "python {input.script:q} --frames {input.frames:q} --output {output:q} > {log:q} 2>&1"


rule make_splits:
    input:
        videos="results/{dataset}/videos.csv",
        script=f"{SCRIPTS}/make_splits.py",
        code=code("make_splits.py"),
    output:
        "results/{dataset}/splits/{split}.csv",
    log:
        "logs/make_splits/{dataset}/{split}.log",
    benchmark:
        "logs/make_splits/{dataset}/{split}.tsv"
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=2000,
        runtime="30m",
    params:
        options=in_json(lambda wildcards: dataset(wildcards.dataset)["splits"]),
    shell:
        "python {input.script:q} --options {params.options:q} --videos {input.videos:q}"
        " --split {wildcards.split} --output {output:q} > {log:q} 2>&1"


rule frames:
    input:
        for_datasets("results/{dataset}/inspection.csv"),
        for_datasets(shards),
