# From the sources to frames and splits: download, index, extract frames, inspect, find duplicates, split, diagnose.


# Archives and videos are not outputs: Snakemake deletes outputs before a rerun, and an edited script must not delete
# what took a day to download. The script is `ancient`, and no digest of its code is a param: editing it fetches nothing
# again.
rule download_data:
    input:
        script=ancient(f"{paths.scripts}/download_data.py"),
    output:
        "resources/{source}/source.json",
    log:
        "logs/download_data/{source}.log",
    benchmark:
        "logs/download_data/{source}.tsv"
    localrule: True
    conda:
        "../envs/data.yaml"
    threads: 4
    resources:
        mem_mb=2000,
        runtime="1d",
    params:
        recipe=in_json(data.list_options_of_source),
        folder=subpath(output[0], parent=True),
        options=without_rerun(in_json(data.download_options)),
        ffmpeg=data.ffmpeg_argument,
    shell:
        "python {input.script:q} --options {params.options:q} {params.ffmpeg:q}"
        " --folder {params.folder:q} --jobs {threads} --output {output:q} > {log:q} 2>&1"


rule index_videos:
    input:
        source=data.source_json,
        manifest=data.manifest,
        script=ancient(f"{paths.scripts}/index_videos.py"),
    output:
        videos="results/{dataset}/videos.csv",
        skipped="results/{dataset}/skipped.csv",
    log:
        "logs/index_videos/{dataset}.log",
    benchmark:
        "logs/index_videos/{dataset}.tsv"
    localrule: True
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=jobs.scaled(1000, 8),
        runtime=jobs.scaled(30, 1),
    params:
        *code_digests("index_videos.py"),
        code=code.of_dataset("index_videos.py"),
        options=in_json(data.list_options),
        digest=data.videos_digest,
        folder=files.source_folder,
    shell:
        "python {input.script:q} --options {params.options:q}"
        " --folder {params.folder:q} --output {output.videos:q} > {log:q} 2>&1"


# The manifest is not an input, so that a corrected label does not extract frames again. The param `digest` changes if
# the videos of this shard do.
rule extract_frames:
    input:
        source=data.source_json,
        script=ancient(f"{paths.scripts}/extract_frames.py"),
    output:
        "results/{dataset}/frames/{shard}.h5",
    log:
        "logs/extract_frames/{dataset}/{shard}.log",
    benchmark:
        "logs/extract_frames/{dataset}/{shard}.tsv"
    conda:
        "../envs/data.yaml"
    threads: data.extraction_threads
    resources:
        mem_mb=jobs.scaled(2000, 5),
        runtime=jobs.shard_minutes,
    params:
        *code_digests("extract_frames.py"),
        code=code.of_dataset("extract_frames.py"),
        options=in_json(data.list_options),
        frames=in_json(data.frame_options),
        shards=data.num_shards,
        digest=data.shard_digest,
        folder=files.source_folder,
        ffmpeg=data.ffmpeg_argument,
        shared=without_rerun(data.shared_argument),
    shell:
        "python {input.script:q} --options {params.options:q} --frames {params.frames:q} {params.ffmpeg:q}"
        " --folder {params.folder:q} --shard {wildcards.shard} --shards {params.shards}"
        " --jobs {threads} {params.shared:q} --output {output:q} > {log:q} 2>&1"


rule inspect_videos:
    input:
        frames=files.shards,
        script=ancient(f"{paths.scripts}/inspect_videos.py"),
    output:
        "results/{dataset}/inspection.csv",
    log:
        "logs/inspect_videos/{dataset}.log",
    benchmark:
        "logs/inspect_videos/{dataset}.tsv"
    # Before trainings that are ready at the same time: looking at the data first is cheap and can save them.
    priority: 10
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=jobs.scaled(1000, 8),
        runtime=jobs.scaled(30, 1),
    params:
        *code_digests("inspect_videos.py"),
    shell:
        "python {input.script:q} --frames {input.frames:q} --output {output:q} > {log:q} 2>&1"


rule find_duplicates:
    input:
        frames=files.shards,
        script=ancient(f"{paths.scripts}/find_duplicates.py"),
    output:
        pairs="results/{dataset}/duplicates.csv",
        not_compared="results/{dataset}/not_compared.csv",
    log:
        "logs/find_duplicates/{dataset}.log",
    benchmark:
        "logs/find_duplicates/{dataset}.tsv"
    priority: 10
    conda:
        "../envs/data.yaml"
    threads: 4
    resources:
        mem_mb=jobs.scaled(2000, 15),
        runtime=jobs.scaled(60, 10),
    params:
        *code_digests("find_duplicates.py"),
    shell:
        "python {input.script:q} --frames {input.frames:q} --jobs {threads} --not-compared {output.not_compared:q}"
        " --output {output.pairs:q} > {log:q} 2>&1"


# Inspection and duplicates are `ancient`: an edit of the code that makes them must not train everything again.
rule make_splits:
    input:
        videos="results/{dataset}/videos.csv",
        inspection=ancient(data.bad_video_check),
        duplicates=ancient(data.grouping_duplicates),
        script=ancient(f"{paths.scripts}/make_splits.py"),
    output:
        "results/{dataset}/splits/{split}.csv",
    log:
        "logs/make_splits/{dataset}/{split}.log",
    benchmark:
        "logs/make_splits/{dataset}/{split}.tsv"
    localrule: True
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=jobs.scaled(1000, 8),
        runtime=jobs.scaled(30, 1),
    params:
        *code_digests("make_splits.py"),
        options=in_json(data.split_options),
        published=data.published_flag,
        inspection=optional("--inspection", "inspection"),
        duplicates=optional("--duplicates", "duplicates"),
    shell:
        "python {input.script:q} --options {params.options:q} --videos {input.videos:q}"
        " {params.published} {params.inspection:q} {params.duplicates:q}"
        " --split {wildcards.split} --output {output:q} > {log:q} 2>&1"


rule diagnose_data:
    input:
        videos="results/{dataset}/videos.csv",
        inspection="results/{dataset}/inspection.csv",
        duplicates=data.duplicates,
        not_compared=data.not_compared,
        splits=files.splits,
        script=ancient(f"{paths.scripts}/diagnose_data.py"),
    output:
        "results/{dataset}/diagnosis.json",
    log:
        "logs/diagnose_data/{dataset}.log",
    benchmark:
        "logs/diagnose_data/{dataset}.tsv"
    priority: 10
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=jobs.scaled(1000, 8),
        runtime=jobs.scaled(60, 1),
    params:
        *code_digests("diagnose_data.py"),
        duplicates=optional("--duplicates", "duplicates"),
        not_compared=optional("--not-compared", "not_compared"),
        published=data.published_flag,
        remarks=data.listing_remarks,
    shell:
        "python {input.script:q} --videos {input.videos:q} --inspection {input.inspection:q}"
        " {params.duplicates:q} {params.not_compared:q} {params.published} {params.remarks:q}"
        " --splits {input.splits:q} --output {output:q} > {log:q} 2>&1"


# Duration and motion of each video, for the tables of errors.
rule measure_difficulty:
    input:
        frames=files.shards,
        script=ancient(f"{paths.scripts}/measure_difficulty.py"),
    output:
        "results/{dataset}/difficulty.csv",
    log:
        "logs/measure_difficulty/{dataset}.log",
    benchmark:
        "logs/measure_difficulty/{dataset}.tsv"
    conda:
        "../envs/data.yaml"
    threads: 4
    resources:
        mem_mb=jobs.scaled(2000, 8),
        runtime=jobs.scaled(60, 3),
    params:
        *code_digests("measure_difficulty.py"),
    shell:
        "python {input.script:q} --frames {input.frames:q} --jobs {threads} --output {output:q} > {log:q} 2>&1"


rule frames:
    input:
        files.for_datasets("results/{dataset}/inspection.csv"),
        files.for_datasets(files.shards),


# The doctor: diagnoses of all data sets, before any model is trained.
rule doctor:
    input:
        files.for_datasets("results/{dataset}/diagnosis.json"),
        files.for_datasets(figures.data_files),
