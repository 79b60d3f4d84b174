"""Hours of a run, from its configuration and measured speeds. Imports no torch."""

from dataclasses import dataclass

from vidbench.clips import frame_orders
from vidbench.config.schema import feature_threads
from vidbench.datasets import fractions
from vidbench.evaluation.view_ladder import steps
from vidbench.models.options import ModelOptions
from vidbench.planning.search_hours import estimate_later_rungs, limit_trial
from vidbench.planning.small_steps import estimate_small_step
from vidbench.planning.stopwatch import Spent
from vidbench.training.lr_schedule import MAX_CLIPS, needs_precise_batch_norm
from vidbench.workflow.run import DataSet, Run

MAX_PROCESSES = 4  # of the steps that make or read videos
COMPARISON = 9e-6  # processor seconds per pair of recordings (docs/performance.md: 13,320 videos)
BACKWARD = 3  # time of forward and backward pass, in forward passes
# Least seconds that measure_cost.py measures for, see Effort in prediction/cost.py.
ONE_CLIP = 2.0
EACH = 0.6  # number of clips and crops, and each batch size
MAX_BATCHES_SECONDS = 20
MAX_BATCH = 16


@dataclass(frozen=True)
class Capacity:
    """Resources that jobs share: cores, GPUs, and the jobs that a cluster runs at once (0: limited by the cores)."""

    cores: int
    gpus: int
    jobs: int = 0


@dataclass(frozen=True)
class Work:
    """Jobs of a rule on a data set, for a model if they belong to one; `spent` is their sum."""

    rule: str
    dataset: str
    jobs: int
    spent: Spent
    cores: int = 1
    gpus: int = 0
    model: str = ""
    operations: float = 0.0  # of the network, in all jobs

    def hours(self, capacity: Capacity) -> float:
        """Return wall-clock hours, with the jobs that fit into the capacity running at the same time."""
        return self.spent.seconds / 3600 / self._parallel_jobs(capacity)

    @property
    def gpu_hours(self) -> float:
        """Hours that the jobs occupy GPUs, times their number."""
        return self.spent.seconds * self.gpus / 3600

    def _parallel_jobs(self, capacity: Capacity) -> int:
        limits = [self.jobs, capacity.jobs or capacity.cores // self.cores]
        if self.gpus:
            limits.append(capacity.gpus // self.gpus)
        return max(1, min(limits))


@dataclass(frozen=True)
class Measured:
    """Results of measure_extraction.py by data set, and of measure_speed.py by data set and trained model."""

    extraction: dict[str, dict]
    speed: dict[tuple[str, str], dict]

    def of(self, data: DataSet, model: str) -> dict:
        """Return the speed of a model, or of another one that is equally fast."""
        return self.speed[data.name, model]

    @property
    def on_gpu(self) -> bool:
        """Whether speeds were measured on a GPU."""
        return any(speed["device"]["type"] == "cuda" for speed in self.speed.values())


def feature_rows_per_video(options: ModelOptions, frames_per_video: float) -> float:
    """Return the rows of cached features per video: one per frame, or one per view of a network that takes clips."""
    return frames_per_video if options.takes_frames else options.clip.views


def add_up(*parts: tuple[Spent | dict, float]) -> Spent:
    """Return the sum of (time spent, number of times)."""
    pairs = [(Spent(**part) if isinstance(part, dict) else part, times) for part, times in parts]
    return Spent(
        sum(part.seconds * times for part, times in pairs), sum(part.cpu_seconds * times for part, times in pairs)
    )


def estimate_work(run: Run, jobs: dict[str, int], measured: Measured, capacity: Capacity) -> list[Work]:
    """Estimate all of a run's work; `jobs`: numbers by rule, see jobs.py."""
    threads = min(MAX_PROCESSES, capacity.cores)
    work: list[Work] = []
    for data in run.datasets:
        work.append(_estimate_extraction(data, measured))
        work += _estimate_diagnosis(data, measured, threads)
        work += _estimate_features(data, measured)
        for model in run.trained:
            estimate = _estimate_embedding if model in run.zero_shot else _estimate_training
            work.append(limit_trial(run, estimate(run, data, model, measured)))
        for model in run.models:
            if run.later_rungs(model):
                first = _estimate_training(run, data, run.first_trained(model), measured)
                work.append(estimate_later_rungs(run, first, model))
            work += _estimate_evaluation(run, data, model, measured)
    work += _estimate_downloads(run, measured, threads)
    return work + _estimate_small_steps(run, jobs, measured, {part.rule for part in work})


def _estimate_downloads(run: Run, measured: Measured, threads: int) -> list[Work]:
    """Estimate the making of the embedded data set; the time of a download is unknown and counts as 0."""
    work = {}
    for data in run.datasets:
        spent = Spent(0, 0)
        if data.kind == "motion":
            spent = add_up((measured.extraction[data.name]["make"], data.num_videos / threads))
            spent = Spent(spent.seconds, spent.cpu_seconds * threads)
        work[data.source] = Work("download_data", data.name, 1, spent, cores=threads)
    return list(work.values())


def _estimate_extraction(data: DataSet, measured: Measured) -> Work:
    extraction = measured.extraction[data.name]
    spent = add_up((extraction["start"], data.shards), (extraction["decode"], data.num_videos))
    return Work("extract_frames", data.name, data.shards, spent)


def _estimate_diagnosis(data: DataSet, measured: Measured, threads: int) -> list[Work]:
    """Estimate the steps that read every video, in several processes."""
    extraction = measured.extraction[data.name]
    num_videos = data.num_videos
    steps = {"measure_difficulty": add_up((extraction["describe"], num_videos))}
    if data.entry["leak_check"]:
        slowness = extraction["figure_start"]["seconds"] / extraction["figure_start"]["cpu_seconds"]
        pairs = COMPARISON * num_videos**2 / 2
        steps["find_duplicates"] = add_up((extraction["fingerprint"], num_videos), (Spent(pairs * slowness, pairs), 1))
    shared = {rule: Spent(spent.seconds / threads, spent.cpu_seconds) for rule, spent in steps.items()}
    start = extraction["start"]
    return [Work(rule, data.name, 1, add_up((start, 1), (spent, 1)), threads) for rule, spent in shared.items()]


def _estimate_features(data: DataSet, measured: Measured) -> list[Work]:
    frames = measured.extraction[data.name]["frames_per_video"]
    work = []
    for model in data.backbones.values():
        speed = measured.of(data, model)
        options = data.typed_options(model)
        rows = data.num_videos * feature_rows_per_video(options, frames)
        rate = speed["features"]
        spent = add_up((speed["start"], data.shards), (rate["first"], data.shards), (rate["each"], rows))
        clips = rows if options.network.takes_clips else rows / options.clip.frames
        cores = _cores_and_gpus(data, model, measured, threads=feature_threads(data.config, data.name))
        common = {"operations": 1e9 * speed["gflops"] * clips, **cores}
        work.append(Work("extract_features", data.name, data.shards, spent, **common))
    return work


def _cores_and_gpus(
    data: DataSet, model: str, measured: Measured, training: bool = False, threads: int | None = None
) -> dict[str, int]:
    """Return the cores and GPUs that a job of a model needs; a training those of all its machines.

    `threads` that compute: those of the model's training for None. A job on a GPU takes its share of the cores for
    reading, and one at least, unless the config has a number.
    """
    options = data.typed_options(model).training
    gpus = int(measured.on_gpu) * (options.gpus * options.nodes if training else 1)
    workers = data.runtime_options(model)["workers"]
    workers = int(gpus > 0) if workers is None else workers
    processes = max(gpus, options.nodes if training else 1)
    return {"cores": ((threads or options.threads) + workers) * processes, "gpus": gpus}


def _estimate_training(run: Run, data: DataSet, model: str, measured: Measured) -> Work:
    """Estimate all trainings of a model or a trial, without early stopping, and a refit with as many epochs.

    The processes of a training share its clips, which saves wall-clock time but no processor time; each of them starts,
    builds the network and has its first steps.
    """
    options, speed = data.typed_options(model), measured.of(data, model)
    epochs = options.training.epochs
    resources = _cores_and_gpus(data, model, measured, training=True)
    processes = max(resources["gpus"], options.training.nodes)
    seeds = len(run.seeds)
    passes = seeds * epochs * sum(_count_passes(options, split.clips) for split in data.splits)
    views = seeds * epochs * sum(split.val for split in data.splits) * options.clip.views
    trainings = seeds * len(data.splits)
    in_each_process = (speed["start"], speed["build"], speed["train"]["first"], speed["predict"]["first"])
    begin = add_up(*((part, trainings) for part in in_each_process))
    shared = add_up((speed["train"]["each"], passes / BACKWARD), (speed["predict"]["each"], views))
    spent = add_up(
        (Spent(begin.seconds, begin.cpu_seconds * processes), 1),
        (Spent(shared.seconds / processes, shared.cpu_seconds), 1),
        (speed["epoch_end"], trainings * epochs),
    )
    operations = _count_operations(speed, options, passes + views * options.clip.crops)
    return Work("train_model", data.name, trainings, spent, **resources, model=model, operations=operations)


def _count_passes(options: ModelOptions, clips: int) -> int:
    """Count the forward passes that take as long as an epoch of so many clips, with a refit's and batch norm's."""
    precise = needs_precise_batch_norm(options.training, clips) and not options.caches_features
    return BACKWARD * clips * (2 if options.training.refit else 1) + (min(clips, MAX_CLIPS) if precise else 0)


def _estimate_embedding(run: Run, data: DataSet, model: str, measured: Measured) -> Work:
    """Estimate the classifiers of class names of a model without training: their library starts slowly, too."""
    speed, jobs = measured.of(data, model), len(data.splits)
    spent = add_up((speed["start"], 2 * jobs), (speed["build"], 2 * jobs))
    threads = data.typed_options(model).training.threads
    return Work("embed_class_names", data.name, jobs, spent, cores=threads, model=model)


def _count_operations(speed: dict, options: ModelOptions, passes: float) -> float:
    """Return the network's operations for a number of clips; a head on cached features has almost none."""
    return 0.0 if options.caches_features else 1e9 * speed["gflops"] * passes


def _estimate_evaluation(run: Run, data: DataSet, model: str, measured: Measured) -> list[Work]:
    """Estimate predictions, costs and activation maps of a model of the run; a swept one counts as its first trial."""
    trained = run.first_trained(model)
    speed, options = measured.of(data, trained), data.typed_options(trained)
    runs = len(run.seeds_of(trained)) * len(data.splits)
    begin = add_up((speed["start"], 1), (speed["build"], 1))
    cost = add_up((begin, 1), (_estimate_cost(speed, options), 1))
    common = {"dataset": data.name, "model": model, **_cores_and_gpus(data, trained, measured)}
    prediction, operations = _estimate_prediction(run, data, trained, measured, begin)
    work = [
        Work("predict_videos", jobs=runs, spent=prediction, operations=operations, **common),
        Work("measure_cost", jobs=1, spent=cost, **common),
    ]
    if run.explained:
        views = run.explained * options.clip.views
        maps = add_up((begin, 1.5), (_time_per_view(speed, options), BACKWARD * views))  # 1.5, as captum starts slowly
        work.append(Work("compute_activation_maps", jobs=1, spent=maps, **common))
    return work


def _estimate_prediction(run: Run, data: DataSet, model: str, measured: Measured, begin: Spent) -> tuple[Spent, float]:
    """Estimate the time of all predictions of a model, and the operations in its network."""
    options, speed = data.typed_options(model), measured.of(data, model)
    views, orders = 0, 0  # views in the normal order, and in the others
    for split in data.splits:
        views += (split.val + split.test) * options.clip.views
        shuffles = 0 if fractions.is_variant(split.name) else run.shuffles
        orders += split.test * options.clip.views * len(frame_orders.conditions(shuffles))
    seeds = len(run.seeds_of(model))
    runs = seeds * len(data.splits)
    per_order = speed["order"]
    if options.caches_features and options.network.takes_clips:
        per_order = speed["features"]["each"]
    spent = add_up(
        (begin, runs),
        (speed["predict"]["first"], runs),
        (speed["predict"]["each"], seeds * views),
        (per_order, seeds * orders),
    )
    return spent, _count_operations(speed, options, seeds * (views + orders) * options.clip.crops)


def _time_per_view(speed: dict, options: ModelOptions) -> Spent:
    """Return the time of a view through the whole model, of which a head on cached features is a part."""
    if not options.caches_features:
        return Spent(**speed["predict"]["each"])
    rows = options.clip.frames if options.takes_frames else 1
    return add_up((speed["predict"]["each"], 1), (speed["features"]["each"], rows))


def _estimate_cost(speed: dict, options: ModelOptions) -> Spent:
    """Estimate the measuring of a model's cost, which takes a fixed time or, for a slow model, two passes."""
    rate, clip = _time_per_view(speed, options), options.clip
    crop_seconds = rate.seconds / clip.crops
    passes = [clips * crops for clips, crops in steps(clip.views, clip.crops)]
    seconds = max(ONE_CLIP, 2 * crop_seconds) + sum(max(EACH, 2 * number * crop_seconds) for number in passes)
    batches = [max(EACH, 2 * 2**power * crop_seconds) for power in range(1, MAX_BATCH.bit_length())]
    seconds += min(sum(batches), max(MAX_BATCHES_SECONDS, batches[0]))
    return Spent(seconds, seconds * rate.cpu_seconds / rate.seconds)


def _estimate_small_steps(run: Run, jobs: dict[str, int], measured: Measured, done: set[str]) -> list[Work]:
    """Estimate all rules that are not `done`; the jobs of a rule are alike, also those of several data sets."""
    first = next(iter(measured.extraction.values()))
    videos = sum(data.num_videos for data in run.datasets)
    runs = len(run.models) * len(run.seeds)
    rows = sum(split.test for data in run.datasets for split in data.splits) * runs
    return [
        Work(rule, "", number, estimate_small_step(rule, number, videos, rows, Spent(**first["figure_start"])))
        for rule, number in jobs.items()
        if rule not in done
    ]
